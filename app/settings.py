"""What one conversation is asked with, where it differs from the configuration."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any, Literal

from rag import models
from rag.config import Config
from rag.generation import gguf
from rag.generation.table import table
from rag.index.selection import selection
from rag.types import Selection

Budget = Literal["quick", "thorough"]
BUDGETS: tuple[Budget, ...] = ("quick", "thorough")


@dataclass(frozen=True, slots=True)
class Settings:
    """`index` and `reader` "" are the configured ones; with `web` the live web is searched as well;
    `sources`, `tags` and `uris`, where there are any, are those that alone are asked, as in `rag.types.Selection`;
    `risk` is [checking] risk, None for the configured one; `seed` is what its answers are drawn with, 0 where they are
    the likeliest."""

    index: str = ""
    reader: str = ""
    budget: Budget = "quick"
    web: bool = False
    risk: float | None = None
    seed: int = 0
    sources: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    uris: tuple[str, ...] = ()

    @property
    def only(self) -> Selection | None:
        chosen = selection(self.sources, tags=self.tags)
        return replace(chosen or Selection(), uris=self.uris) if self.uris else chosen

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Settings":
        """From what a conversation kept; what is not known any more is left out."""
        known = {field.name for field in fields(cls)}
        read: dict[str, Any] = {name: value for name, value in kept.items() if name in known}
        read |= {name: tuple(read.get(name, ())) for name in ("sources", "tags", "uris")}
        if read.get("budget") not in BUDGETS:
            read["budget"] = BUDGETS[0]
        return cls(**read)


def applied(config: Config, settings: Settings) -> Config:
    """The configuration that a question of this conversation runs with, and whose fingerprint its answer bears."""
    reader = replace(config.reader, model=settings.reader) if settings.reader else config.reader
    checking = config.checking if settings.risk is None else replace(config.checking, risk=settings.risk)
    reading = config.reading.thorough() if settings.budget == "thorough" else config.reading
    return replace(config, reader=reader, reading=reading, checking=checking)


def readers(config: Config) -> list[str]:
    """The readers that can be chosen: "" for the configured one, and every other local model that is there."""
    if config.reader.kind != "local":
        return [""]
    known = [name for name, file in models.MODELS.items() if file.file.endswith(".gguf")]
    known += [file.name for file in table().files]
    others = [name for name in known if name != config.reader.model and gguf.present(name)]
    return ["", *others]
