"""Which reader answers: what was chosen is kept beside the configuration, before whose [reader] it goes."""

import json
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from rag.config import ReaderConfig, chosen_file, reader_of
from rag.errors import ConfigFault


def choose(reader: ReaderConfig, now: ReaderConfig, path: Path | None = None) -> None:
    """Let `reader` answer from the next question on; `now` is what `back` brings. Raises ConfigFault."""
    lines = ["# Chosen on the page or by `vouch setup`; without this file [reader] of vouch.toml holds."]
    lines += [line for name, one in (("reader", reader), ("before", now)) for line in (f"[{name}]", *_lines(one), "")]
    file = chosen_file(path)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f".{file.name}.draft")
        draft.write_text("\n".join(lines), "utf-8")
        draft.replace(file)
    except OSError as error:
        raise ConfigFault("config.unwritable", file=file, error=error.strerror or error) from error


def before(path: Path | None = None) -> ReaderConfig | None:
    """The reader that `back` brings; None where none was chosen. Raises ConfigFault."""
    return reader_of(chosen_file(path), "before")


def back(path: Path | None = None) -> ReaderConfig | None:
    """Swap the chosen reader and the one before it; the one that answers now, None where none was chosen."""
    now, earlier = reader_of(chosen_file(path), "reader"), before(path)
    if now and earlier:
        choose(earlier, now, path)
    return earlier


def _lines(reader: ReaderConfig) -> list[str]:
    usual, told = asdict(ReaderConfig()), asdict(reader)
    return [f"{one.name} = {_toml(told[one.name])}" for one in fields(reader) if _kept(one.name, told, usual)]


def _kept(name: str, told: dict[str, Any], usual: dict[str, Any]) -> bool:
    return name in ("kind", "model") or told[name] != usual[name]


def _toml(value: Any) -> str:
    return json.dumps(value)  # of text, numbers and truth JSON is TOML
