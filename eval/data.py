"""The data sets on disk: which there are (sets.toml), where they lie, and whether a file is the file it should be;
and what each evaluation set is for, development or test.

python -m eval.data list                what there is and what is here
python -m eval.data check [SET …]       hash every file again
python -m eval.data fetch SET           get the files of a set whose licence lets anyone have them
python -m eval.data pin FILE            the lines that add a file of the folder to a set

A set is a folder of that name in the data folder. A `sets.toml` in the data folder adds files to the sets, or takes
the place of those of the same name: so can held-out files be read that this repository has never seen. Its `[roles]`
say of sets that this repository does not name what they are for.
"""

import hashlib
import json
import os
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Any, Literal, get_args

import httpx
import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from eval.shell import command
from rag.config import REPOSITORY, expanded, home
from rag.errors import EvalFault
from rag.models.files import digest

SETS_FILE = Path(__file__).with_name("sets.toml")
TIMEOUT_SECONDS = 60.0
Role = Literal["development", "test", "both", ""]  # "both": items of either kind; "": nothing says
ROLES = "roles"
FolderOption = Annotated[Path | None, typer.Option("--folder", help="The data folder; VOUCH_DATA names it as well.")]


@dataclass(frozen=True, slots=True)
class DataFile:
    """`name` is relative to the set's folder; `source` is what `DataSet.raw` is followed by ("" where not fetched)."""

    name: str
    bytes: int
    sha256: str
    source: str = ""


@dataclass(frozen=True, slots=True)
class DataSet:
    """`ship`: a sample may stand in a public repository; `train`: may be trained on for something that ships."""

    name: str
    title: str
    url: str = ""
    licence: str = ""
    ship: bool = False
    train: bool = False
    citation: str = ""
    languages: tuple[str, ...] = ()
    note: str = ""
    fetch: bool = False
    raw: str = ""
    files: tuple[DataFile, ...] = ()


def folder(option: Path | None = None) -> Path | None:
    """The data folder: `option`, else VOUCH_DATA, else ../shared/data beside the repository; None where none is there.

    Raises EvalFault where a folder was named and is not there.
    """
    named = option or (Path(os.environ["VOUCH_DATA"]) if os.environ.get("VOUCH_DATA") else None)
    if named is not None:
        named = expanded(named)
        if not named.is_dir():
            raise EvalFault(f"There is no data folder {named}. Make it, or mend VOUCH_DATA or --folder.")
        return named
    beside = REPOSITORY.parent / "shared" / "data"
    return beside if beside.is_dir() else None


def known(folder: Path | None = None) -> dict[str, DataSet]:
    """All sets by name: those of this repository, with what a sets.toml in `folder` adds. Raises EvalFault."""
    sets = dict(_read(SETS_FILE))
    own = folder / "sets.toml" if folder else None
    if own is None or not own.exists():
        return sets
    for name, added in _read(own).items():
        if name in sets:
            files = {file.name: file for file in (*sets[name].files, *added.files)}
            sets[name] = replace(sets[name], files=tuple(files.values()))
        else:
            sets[name] = added
    return sets


def role(set_name: str, folder: Path | None = None) -> Role:
    """What the evaluation set is for; "" where neither this repository nor a sets.toml in `folder` says.

    Raises EvalFault where a list of roles cannot be used.
    """
    own = folder / "sets.toml" if folder else None
    found = dict(_roles(own)) if own and own.exists() else {}
    return {**found, **_roles(SETS_FILE)}.get(set_name, "")


def file(set_name: str, name: str, folder: Path | None) -> Path:
    """The verified path of one file of a set. It is hashed once; a stamp in VOUCH_HOME remembers its size and time.

    Raises EvalFault, saying what to do, where there is no folder or the file is missing, altered or not pinned.
    """
    folder = _needed(folder)
    chosen = _chosen(set_name, folder)
    path = folder / set_name / name
    pinned = next((file for file in chosen.files if file.name == name), None)
    if pinned is None:
        raise EvalFault(
            f"{set_name}/{name} is not pinned in sets.toml, so nobody can tell whether it is the file it should be. "
            f"Put it at {path} and run `python -m eval.data pin {set_name}/{name}`, which says what to add."
        )
    if not path.is_file():
        raise EvalFault(f"{path} is not there. {_remedy(chosen, folder)}")
    if _stamped(path) != pinned.sha256:
        _verify(path, pinned)
    return path


def rows(set_name: str, name: str, folder: Path | None) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file of a set. Raises EvalFault."""
    return jsonl(file(set_name, name, folder))


def tree(set_name: str, name: str, folder: Path | None) -> Any:
    """What a JSON file of a set holds. Raises EvalFault."""
    return json.loads(file(set_name, name, folder).read_text("utf-8"))


def jsonl(path: Path) -> list[dict[str, Any]]:
    """The objects of a JSON-lines file; empty lines do not count. Raises EvalFault naming the line."""
    found = []
    for number, line in enumerate(path.read_text("utf-8").split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            raise EvalFault(f"{path}, line {number}: not JSON ({error.msg}). Mend that line.") from error
        if not isinstance(row, dict):
            raise EvalFault(f"{path}, line {number}: must be an object, written {{…}}. Mend that line.")
        found.append(row)
    return found


def fetch(set_name: str, folder: Path | None, report: Callable[[str, int, int], None]) -> list[Path]:
    """Get the missing files of a set into `folder`, verified. `report` gets (name, bytes so far, bytes in all).

    Raises EvalFault where the licence or the network does not let them be had.
    """
    folder = _needed(folder)
    chosen = _chosen(set_name, folder)
    if not chosen.fetch:
        raise EvalFault(f"{set_name} is not fetched from here ({chosen.licence}). {_by_hand(chosen, folder)}")
    got = []
    for wanted in chosen.files:
        path = folder / set_name / wanted.name
        if not path.exists() and wanted.source:
            _download(chosen.raw + wanted.source, path, wanted, report)
        got.append(file(set_name, wanted.name, folder))
    return got


def _needed(folder: Path | None) -> Path:
    if folder is None:
        raise EvalFault("There is no data folder. Make one and name it: VOUCH_DATA=/path/to/data, or --folder.")
    return folder


def _chosen(name: str, folder: Path) -> DataSet:
    sets = known(folder)
    if name not in sets:
        raise EvalFault(f"There is no data set called '{name}'. Known: {', '.join(sorted(sets))}.")
    return sets[name]


def _read(path: Path) -> dict[str, DataSet]:
    try:
        return _parsed(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        raise EvalFault(f"{path} cannot be read as a list of data sets: {error}. Mend it.") from error


@lru_cache(maxsize=8)
def _parsed(text: str) -> dict[str, DataSet]:
    """Kept: a set of a hundred pages asks a hundred times. Not to be changed by whoever gets it."""
    return {name: _data_set(name, table) for name, table in tomllib.loads(text).items() if name != ROLES}


def _roles(path: Path) -> dict[str, Role]:
    """The role of each set named. Raises EvalFault for an unknown role and for a set that has two."""
    try:
        told: dict[Role, list[str]] = tomllib.loads(path.read_text("utf-8")).get(ROLES, {})
    except tomllib.TOMLDecodeError as error:
        raise EvalFault(f"{path} cannot be read as a list of data sets: {error}. Mend it.") from error
    known = [one for one in get_args(Role) if one]
    found: dict[str, Role] = {}
    for what, names in told.items():
        for name in names:
            if what not in known or name in found:
                raise EvalFault(f"{path}, [{ROLES}]: '{name}' must stand once, under {', '.join(known)}. Mend it.")
            found[name] = what
    return found


def _data_set(name: str, table: dict[str, Any]) -> DataSet:
    files = tuple(
        DataFile(file["name"], file["bytes"], file["sha256"], file.get("from", "")) for file in table.get("files", ())
    )
    rest = {key: value for key, value in table.items() if key not in ("files", "languages", "title")}
    languages = tuple(table.get("languages", ()))
    return DataSet(name, table.get("title", name), languages=languages, files=files, **rest)


def _remedy(chosen: DataSet, folder: Path) -> str:
    if chosen.fetch:
        return f"Run `python -m eval.data fetch {chosen.name}`, or name another data folder with VOUCH_DATA."
    return _by_hand(chosen, folder)


def _by_hand(chosen: DataSet, folder: Path) -> str:
    note = f" {chosen.note}" if chosen.note else ""
    return f"Get it from {chosen.url or 'its owner'} and put it into {folder / chosen.name}.{note}"


def _verify(path: Path, pinned: DataFile) -> None:
    found = digest(path)
    if found != pinned.sha256:
        raise EvalFault(
            f"{path} is not the file it should be (SHA-256 {found[:12]}…, expected {pinned.sha256[:12]}…; "
            f"{path.stat().st_size} bytes, expected {pinned.bytes}). Delete it and get it again, "
            "or pin your own in a sets.toml in the data folder (python -m eval.data pin)."
        )
    facts = path.stat()
    stamp = _stamp(path)
    stamp.parent.mkdir(parents=True, exist_ok=True)
    temporary = stamp.with_suffix(f".{os.getpid()}")
    temporary.write_text(json.dumps({"bytes": facts.st_size, "mtime_ns": facts.st_mtime_ns, "sha256": found}))
    temporary.replace(stamp)


def _stamp(path: Path) -> Path:
    """Stamps lie in Vouch's home and not beside the files: a data folder may be read-only."""
    return home() / "data-stamps" / f"{hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:32]}.json"


def _stamped(path: Path) -> str | None:
    try:
        facts, found = path.stat(), json.loads(_stamp(path).read_text())
        same = found["bytes"] == facts.st_size and found["mtime_ns"] == facts.st_mtime_ns
        return str(found["sha256"]) if same else None
    except (FileNotFoundError, ValueError, KeyError, TypeError):  # an unreadable stamp is none: the file is hashed
        return None


def _download(url: str, path: Path, wanted: DataFile, report: Callable[[str, int, int], None]) -> None:
    part = path.with_name(path.name + ".part")
    try:
        part.parent.mkdir(parents=True, exist_ok=True)
        with (
            httpx.stream("GET", url, follow_redirects=True, timeout=TIMEOUT_SECONDS) as response,
            part.open("wb") as out,
        ):
            response.raise_for_status()
            for piece in response.iter_bytes():
                out.write(piece)
                report(wanted.name, out.tell(), wanted.bytes)
        found = digest(part)
        if found == wanted.sha256:
            part.replace(path)
            return
    except (httpx.HTTPError, OSError) as error:
        raise EvalFault(
            f"Cannot fetch {url}: {type(error).__name__}: {error}. Check the network, or put the file at {path}."
        ) from error
    finally:
        part.unlink(missing_ok=True)
    raise EvalFault(
        f"{url} gave other bytes than expected (SHA-256 {found[:12]}…, expected {wanted.sha256[:12]}…). "
        f"Put the right file at {path} yourself."
    )


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help=__doc__)


@app.command("list")
def list_sets(folder_option: FolderOption = None) -> None:
    """What there is, under which licence, and how many of its files are here."""
    place = folder(folder_option)
    table = Table("set", "languages", "licence", "ship", "train", "fetch", "files here", box=None, pad_edge=False)
    for one in known(place).values():
        here = sum((place / one.name / file.name).is_file() for file in one.files) if place else 0
        marks = ["yes" if mark else "no" for mark in (one.ship, one.train, one.fetch)]
        table.add_row(
            one.name, " ".join(one.languages), one.licence.partition(";")[0], *marks, f"{here} of {len(one.files)}"
        )
    console = Console()
    console.print(table)
    console.print(f"data folder: {place or 'none (set VOUCH_DATA)'}", markup=False, soft_wrap=True)


@app.command()
def check(names: Annotated[list[str] | None, typer.Argument()] = None, folder_option: FolderOption = None) -> None:
    """Hash every file again (of the sets named, or of all); ends with 1 where one is missing or altered."""
    place, console = _needed(folder(folder_option)), Console()
    faults = 0
    for name in names or known(place):
        files = _chosen(name, place).files
        wrong = 0
        for pinned in files:
            _stamp(place / name / pinned.name).unlink(missing_ok=True)
            try:
                file(name, pinned.name, place)
            except EvalFault as fault:
                wrong += 1
                console.print(str(fault), style="red", markup=False, soft_wrap=True)
        told = f"{name}: {len(files) - wrong} of {len(files)} files are as they should be"
        console.print(told, markup=False, highlight=False)
        faults += wrong
    if faults:
        raise typer.Exit(1)


@app.command("fetch")
def fetch_set(name: str, folder_option: FolderOption = None) -> None:
    """Get the files of a set into the data folder, verified."""
    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, console=Console(stderr=True)) as bars:
        tasks = {}

        def report(label: str, done: int, total: int) -> None:
            if label not in tasks:
                tasks[label] = bars.add_task(label)
            bars.update(tasks[label], completed=done, total=total)

        for path in fetch(name, folder(folder_option), report):
            typer.echo(path)


@app.command()
def pin(path: str, folder_option: FolderOption = None) -> None:
    """Print what adds SET/FILE of the data folder to a set, for a sets.toml in that folder."""
    place = _needed(folder(folder_option))
    set_name, _, name = path.partition("/")
    found = place / set_name / name
    if not name or not found.is_file():
        raise EvalFault(f"There is no file {found}. Name it as SET/FILE, as it lies in {place}.")
    line = f'  {{ name = "{name}", bytes = {found.stat().st_size}, sha256 = "{digest(found)}" }},'
    typer.echo(f"# in {place / 'sets.toml'}\n[{set_name}]\nfiles = [\n{line}\n]")


if __name__ == "__main__":
    command(app)
