"""What a build must pass before it takes the place of the current one."""

import shutil
from dataclasses import dataclass

from indexes.recipe import Checks, Golden
from rag.errors import IndexFault
from rag.index.index import Index

SAMPLE = 100
NEAREST = 10


@dataclass(frozen=True, slots=True)
class Check:
    """One check and how it ended; `detail` says what was found and, where it is not ok, what to do."""

    name: str
    ok: bool
    detail: str


def examine(index: Index, checks: Checks, before: int, gone: int) -> list[Check]:
    """All of them, on an open build. `before` pages were the recipe's in the build before; `gone` of them leave."""
    try:
        index.examine()
    except IndexFault as fault:
        return [Check("whole", False, str(fault))]  # the others would only say the same
    pages, chunks = index.store.counts()
    return [
        Check("whole", True, "the database and both caches agree"),
        _least("pages", pages, checks.min_pages, "checks.min_pages"),
        _least("chunks", chunks, checks.min_chunks, "checks.min_chunks"),
        _removed(before, gone, checks.max_removed),
        _recall(index, checks.recall),
        *(_golden(index, golden) for golden in checks.golden),
        _room(index, checks.free_megabytes),
    ]


def _least(name: str, count: int, least: int, key: str) -> Check:
    ok = count >= least
    return Check(name, ok, f"{count}" if ok else f"{count}, and {key} is {least}. See what failed, or lower it.")


def _removed(before: int, gone: int, most: float) -> Check:
    ok = gone <= most * before
    found = f"{gone} of {before} pages leave"
    return Check(
        "removed", ok, found if ok else f"{found}, more than checks.max_removed = {most:g}. If that is right, raise it."
    )


def _recall(index: Index, least: float) -> Check:
    rate = index.recall(SAMPLE, NEAREST)
    ok = rate.value is None or rate.value >= least
    return Check("recall", ok, f"{rate} of exact neighbours" + ("" if ok else f", and checks.recall is {least:g}"))


def _golden(index: Index, golden: Golden) -> Check:
    uris = [hit.chunk.uri for hit in index.search(golden.query, golden.within)]
    ok = any(golden.expect in uri for uri in uris)
    found = (
        "found" if ok else f"not among the first {golden.within}, which are: {', '.join(dict.fromkeys(uris)) or '-'}"
    )
    return Check("golden", ok, f"{golden.query}: {golden.expect} {found}")


def _room(index: Index, megabytes: int) -> Check:
    free = shutil.disk_usage(index.folder).free / 1e6
    ok = free >= megabytes
    rest = "" if ok else f", and checks.free_megabytes is {megabytes}. Prune older builds, or make room."
    return Check("room", ok, f"{free:.0f} MB free{rest}")
