"""A source of a recipe -> what each of its addresses has to say since it was last asked."""

import glob
import mimetypes
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urljoin, urlsplit

from indexes.recipe import Crawl, Feed, FetchPart, Files, Folder, Obsidian, Sitemap, Source, Urls, Zotero, label
from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources import listing, zotero
from rag.sources.edge import one_source
from rag.sources.ingest import left_out, survey
from rag.sources.kinds import EXTENSIONS
from rag.sources.look import Found, Look, look, settle
from rag.sources.manners import Manners
from rag.sources.stopping import NEVER, until_stopped
from rag.sources.turns import host_of, in_turns
from rag.text.tags import tags
from rag.types import Origin

FILES = (Folder, Files, Obsidian)
_MOST_DELAY = 60.0  # seconds between two pages of a host that a rebuild waits for


@dataclass(slots=True)
class Asking:
    """How to ask the sources of one run.

    `done` are the (source, address) that a broken-off run has asked already; `listed` is told how many more addresses
    there are, `left_alone` what was not asked and why. Once `stop` is set, the source raises SourceFault. `waits` is
    told the web addresses that will be asked, `begun`, in any thread, each as it is.
    """

    config: FetchConfig
    fetch: FetchPart
    done: Collection[tuple[str, str]] = ()
    listed: Callable[[int], None] = lambda count: None
    left_alone: Callable[[str], None] = lambda why: None
    stop: threading.Event = NEVER
    waits: Callable[[list[str]], None] = lambda addresses: None
    begun: Callable[[str], None] = lambda address: None
    manners: Manners = field(init=False)

    def __post_init__(self) -> None:
        self.manners = Manners(self.config)


def gather(source: Source, known: Mapping[str, Origin], asking: Asking) -> Iterator[Found]:
    """One Found an address: those that the source lists now, and as "gone" those that it listed once.

    Raises SourceFault where the source as a whole cannot be asked; then nothing is known to be gone.
    """
    listed: set[str] = set()
    answers = _crawl(source, known, asking) if isinstance(source, Crawl) else _listed(source, known, asking)
    for found in answers:
        listed.add(found.address)
        if found.page and source.tags:
            found = replace(found, page=replace(found.page, tags=tags((*found.page.tags, *source.tags))))
        if found.page and found.page.left_out:
            asking.left_alone(left_out(found.page))
        yield found
    for address in known:
        if address not in listed:
            yield _unlisted(source, address)


def _listed(source: Source, known: Mapping[str, Origin], asking: Asking) -> Iterator[Found]:
    if isinstance(source, Zotero):
        yield from _library(source, known, asking)
        return
    with one_source(label(source)):
        addresses = until_stopped(lambda: _addresses(source, known, asking), label(source), asking.stop)
    asking.listed(len(addresses))
    if isinstance(source, FILES):
        for address in addresses:
            seen = look(address, known.get(address), asking.config)
            yield settle(seen, label(source), known.get(address), asking.config, stop=asking.stop)
        return
    yield from _web(source, addresses, known, asking, follow=False)


def _library(source: Zotero, known: Mapping[str, Origin], asking: Asking) -> Iterator[Found]:
    """The files of a library. Of one that has not changed Zotero may say something else than before: what it was known
    by is kept as `last_modified`, of which a file has none."""
    with one_source(label(source)):
        attachments = until_stopped(
            lambda: zotero.attachments(source.address, source.collection, asking.config), label(source), asking.stop
        )
    asking.listed(len(attachments))
    for one in attachments:
        before = known.get(one.path)
        if before and before.last_modified != one.version:
            before = replace(before, reading="")  # to be read again
        found = settle(look(one.path, before, asking.config), label(source), before, asking.config, stop=asking.stop)
        yield replace(
            found,
            page=one.described(found.page) if found.page else None,
            origin=replace(found.origin, last_modified=one.version) if found.origin else None,
        )


def _addresses(source: Source, known: Mapping[str, Origin], asking: Asking) -> list[str]:
    match source:
        case Folder() | Obsidian():
            if isinstance(source, Obsidian) and not (Path(source.path) / ".obsidian").is_dir():
                raise SourceFault("list.no_vault", path=source.path)
            found = survey(source.path)
            if found.skipped:
                asking.left_alone(found.skipped)
            return list(found.uris)
        case Files():
            paths = [path for pattern in source.paths for path in _matching(pattern)]
            if not paths:
                raise SourceFault("list.no_file", patterns=", ".join(source.paths))
            return list(dict.fromkeys(paths))
        case Urls():
            return list(dict.fromkeys(source.addresses))
        case Sitemap():
            return listing.sitemap(source.address, asking.config, source.limit)
        case Feed():
            return list(dict.fromkeys([*listing.feed(source.address, asking.config), *known]))
        case Crawl() | Zotero():
            raise AssertionError("it lists as it goes")


def _matching(pattern: str) -> list[str]:
    """The readable files of a pattern; a path without wildcards is itself, there or not."""
    if not glob.has_magic(pattern):
        return [pattern]
    found = sorted(Path(path) for path in glob.glob(pattern, recursive=True))  # noqa: PTH207  # it is absolute
    return [path.as_posix() for path in found if path.suffix.lower() in EXTENSIONS and path.is_file()]


def _crawl(source: Crawl, known: Mapping[str, Origin], asking: Asking) -> Iterator[Found]:
    """Level by level. A page that cannot be read now is gone through by the links it had."""
    allow = source.allow or (urljoin(source.start, "."),)
    seen = {source.start}
    level = [source.start]
    for depth in range(source.depth + 1):
        asking.listed(len(level))
        beyond: dict[str, None] = {}
        for found in _web(source, level, known, asking, follow=True):
            if found.status == "failed" and found.address == source.start:
                raise SourceFault(found.why)
            origin = found.origin or (known.get(found.address) if found.status == "failed" else None)
            beyond |= dict.fromkeys(origin.links if origin else ())
            yield found
        new = [link for link in beyond if link not in seen and link.startswith(allow) and _may_hold_text(link)]
        level = new[: max(0, source.limit - len(seen))]
        seen.update(level)
        if len(level) < len(new) and depth < source.depth:
            asking.left_alone(f"{label(source)}: its limit of {source.limit} pages was reached.")
        if not level:
            return


def _may_hold_text(url: str) -> bool:
    """Whether a link is worth following: no pictures, style sheets or archives."""
    path = urlsplit(url).path
    kind = EXTENSIONS.get(PurePosixPath(path).suffix.lower())
    if kind:
        return kind != "image"
    guess = mimetypes.guess_type(path)[0]
    return guess in (None, "text/html", "text/plain", "application/xhtml+xml")


def _web(
    source: Source, addresses: list[str], known: Mapping[str, Origin], asking: Asking, follow: bool
) -> Iterator[Found]:
    """Ask web addresses, several at once, as robots.txt allows; addresses that a recipe names itself are not asked of
    robots.txt."""
    todo = []
    delays: dict[str, float] = {}
    for address in addresses:
        done = _done(source, address, known, asking)
        if done:
            yield done
            continue
        delay = asking.fetch.delay
        if not isinstance(source, Urls):
            try:
                robots = until_stopped(partial(asking.manners.robots, address), address, asking.stop)
            except SourceFault as fault:
                _go_on(source, asking)
                yield Found(address, "failed", why=str(fault))
                continue
            if not robots.allows(address):
                asking.left_alone(f"{address}: its robots.txt does not allow it.")
                if address in known:
                    yield Found(address, "gone", why="Its robots.txt does not allow it any more.")
                continue
            if robots.delay > _MOST_DELAY:
                why = f"{address} was left alone: its robots.txt wants {robots.delay:g} seconds between two pages."
                yield Found(address, "failed", why=f"{why} Save the page and add the file.")
                continue
            delay = max(delay, robots.delay)
        delays[host_of(address)] = delay
        todo.append(address)

    asking.waits(todo)

    def ask(address: str) -> Look:
        asking.begun(address)
        return look(address, known.get(address), asking.config, asking.stop)

    looks = in_turns(
        todo,
        ask,
        asking.fetch.workers,
        asking.fetch.per_host,
        delays,
        asking.stop,
    )
    for address, seen in looks:
        polite = not isinstance(source, Urls)
        yield settle(seen, label(source), known.get(address), asking.config, follow, polite, asking.stop)
        _go_on(source, asking)
    _go_on(source, asking)


def _go_on(source: Source, asking: Asking) -> None:
    """Raises SourceFault where the run was stopped: what was not asked is not known to be gone."""
    if asking.stop.is_set():
        raise SourceFault("source.stopped", uri=label(source))


def _done(source: Source, address: str, known: Mapping[str, Origin], asking: Asking) -> Found | None:
    """What a run that was broken off has been told already. (Files are always looked at: it costs nothing.)"""
    if (label(source), address) in asking.done and address in known:
        return Found(address, "same", known[address])
    return None


def _unlisted(source: Source, address: str) -> Found:
    """An address that the source listed once. A file in a folder that may not be entered is not gone."""
    if isinstance(source, (*FILES, Zotero)):
        try:
            Path(address).stat()
        except PermissionError as error:
            return Found(address, "failed", why=f"{address} may not be read: {error.strerror}. Mend its permissions.")
        except OSError:
            pass
    return Found(address, "gone", why="It is listed no more.")
