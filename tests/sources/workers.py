"""The processes that read files for another one, as the system lists them."""

import time
from pathlib import Path

import pytest

needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
TICKS = 100  # of a processor's second, on every Linux


def workers(parent: int) -> dict[int, float]:
    """Those of the process `parent` that are alive, and the seconds of processor that each took."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            facts = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()
            if (
                int(facts[1]) == parent
                and facts[0] != "Z"
                and b"rag.sources.apart" in (folder / "cmdline").read_bytes()
            ):
                found[int(folder.name)] = (int(facts[11]) + int(facts[12])) / TICKS
        except OSError:
            continue  # it ended while it was looked at
    return found


def busy(parent: int, before: dict[int, float], patience: float = 120.0) -> int:
    """The one that reads, once it has for a second and more since `before`, when none did."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        for pid, seconds in workers(parent).items():
            if seconds - before.get(pid, 0.5) > 1.0:
                return pid
        time.sleep(0.05)
    raise AssertionError("nothing reads")


def ends(pid: int, patience: float = 20.0) -> bool:
    """Whether it is gone soon: long before it would have read its file."""
    end = time.monotonic() + patience
    while time.monotonic() < end:
        try:
            state = Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state == "Z":
            return True
        time.sleep(0.05)
    return False
