"""Pages of the documentation that are made from the code: `vouch reference configuration`, `commands` or `formats`."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from inspect import cleandoc
from typing import Any, get_type_hints

import typer

from rag.config import Config
from rag.sources.kinds import EXTENSIONS, MEDIA_TYPES, Kind

TYPES = {bool: "true or false", int: "whole number", float: "number", str: "text", tuple[str, ...]: "list of texts"}


def page(name: str, program: Any) -> str:
    """The page `name` of PAGES; `program` is the command line, as typer makes it."""
    return PAGES[name](program)


def reference(context: typer.Context, name: str) -> None:
    """Print a page of the documentation that is made from the code: configuration, commands or formats."""
    if name not in PAGES:
        raise typer.BadParameter(f"one of {', '.join(PAGES)}")
    sys.stdout.write(page(name, context.find_root().command))


def configuration(program: Any) -> str:
    """Every key of vouch.toml with its type and its default, under the words of its section."""
    told = [
        "# Every setting",
        _made("configuration"),
        "Where `vouch.toml` lies, and examples: [settings](settings.md).",
    ]
    hints = get_type_hints(Config)
    alone = [each for each in dataclasses.fields(Config) if not dataclasses.is_dataclass(hints[each.name])]
    told += ["## At the top", cleandoc(Config.__doc__ or ""), _table(alone, hints)]
    for each in dataclasses.fields(Config):
        kind = hints[each.name]
        if dataclasses.is_dataclass(kind):
            told += [f"## [{each.name}]", cleandoc(kind.__doc__ or "")]
            told += [_table(list(dataclasses.fields(kind)), get_type_hints(kind))]
    return "\n\n".join(told) + "\n"


def _table(keys: list[dataclasses.Field[Any]], hints: Mapping[str, Any]) -> str:
    rows = [f"| `{key.name}` | {TYPES[hints[key.name]]} | `{json.dumps(key.default)}` |" for key in keys]
    return "\n".join(["| key | type | default |", "|---|---|---|", *rows])


def commands(program: Any) -> str:
    """Every command with its words and its options."""
    told = ["# Every command", _made("commands"), "What they are for, with examples: [command line](command-line.md)."]
    for name, command in _named(program, "vouch"):
        told += [f"## {name}", cleandoc(command.help or ""), _usage(name, command)]
        if rows := [row for each in command.params if (row := _row(each))]:
            told.append("\n".join(["| option | |", "|---|---|", *rows]))
    return "\n\n".join(told) + "\n"


def _named(group: Any, name: str) -> Iterator[tuple[str, Any]]:
    for word, command in group.commands.items():
        if command.hidden:
            continue
        if hasattr(command, "commands"):
            yield from _named(command, f"{name} {word}")
        else:
            yield f"{name} {word}", command


def _usage(name: str, command: Any) -> str:
    given = [one.metavar or one.name.upper() for one in command.params if one.param_type_name == "argument"]
    passed = ["…"] if command.ignore_unknown_options else []
    return f"```\n{' '.join([name, *given, *passed])}\n```"


def _row(option: Any) -> str:
    if option.param_type_name != "option" or "--help" in option.opts:
        return ""
    usual = "" if option.default in (None, "", False) or callable(option.default) else f" Default: {option.default}."
    return f"| `{', '.join(option.opts)}` | {(option.help or '').replace('|', chr(92) + '|')}{usual} |"


def _made(name: str) -> str:
    return f"<!-- Made from the code: vouch reference {name} > docs/{name}.md -->"


def formats(program: Any) -> str:
    """Every kind of file that is read, with the endings that such files have."""
    endings: dict[Kind, list[str]] = {}
    for ending, kind in EXTENSIONS.items():
        endings.setdefault(kind, []).append(f"`{ending}`")
    rows = [f"| {kind} | {' '.join(named)} | {MEDIA_TYPES[kind]} |" for kind, named in endings.items()]
    table = "\n".join(["| kind | endings | media type |", "|---|---|---|", *rows])
    return (
        "\n\n".join(["# Formats", _made("formats"), "What is read, and how it is added: [sources](sources.md).", table])
        + "\n"
    )


PAGES: Mapping[str, Callable[[Any], str]] = {
    "configuration": configuration,
    "commands": commands,
    "formats": formats,
}
