"""Many fetches at once, few of them from any one host."""

import re
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import TypeVar

from rag.sources.stopping import NEVER

T = TypeVar("T")

_LATER = 0.05


@dataclass(slots=True)
class _Host:
    """`waiting` addresses; `running` fetches; no new one before `next_at` (of time.monotonic())."""

    waiting: deque[str] = field(default_factory=deque)
    running: int = 0
    next_at: float = 0.0


def in_turns(
    addresses: Iterable[str],
    look: Callable[[str], T],
    workers: int,
    per_host: int,
    delays: Mapping[str, float] | None = None,
    stop: threading.Event = NEVER,
) -> Iterator[tuple[str, T]]:
    """(address, `look(address)`) of each, as they end. At most `workers` run at once and `per_host` of one host, each
    begun `delays[host]` seconds after the last of its host (0 where none is given; then one at a time).

    `look` runs in other threads; what it raises is raised here and ends all. Not more than `workers` results wait to
    be taken. Once `stop` is set, no look begins, and those that run are waited for.
    """
    hosts: dict[str, _Host] = {}
    for address in addresses:
        hosts.setdefault(host_of(address), _Host()).waiting.append(address)
    delays = delays or {}
    running: dict[Future[T], tuple[str, str]] = {}
    with ThreadPoolExecutor(max_workers=workers, thread_name_prefix="fetch") as pool:
        try:
            while (hosts or running) and not stop.is_set():
                _start(hosts, running, pool, look, workers, per_host, delays)
                if not running:
                    time.sleep(_LATER)
                    continue
                done, _ = wait(running, timeout=_LATER if len(running) < workers else None, return_when=FIRST_COMPLETED)
                for future in done:
                    host, address = running.pop(future)
                    hosts[host].running -= 1
                    yield address, future.result()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _start(
    hosts: dict[str, _Host],
    running: dict[Future[T], tuple[str, str]],
    pool: ThreadPoolExecutor,
    look: Callable[[str], T],
    workers: int,
    per_host: int,
    delays: Mapping[str, float],
) -> None:
    """Begin what may begin now; hosts take turns."""
    begun = True
    while begun and len(running) < workers:
        begun = False
        for name, host in list(hosts.items()):
            delay = delays.get(name, 0.0)
            free = host.running < (1 if delay else per_host) and time.monotonic() >= host.next_at
            if len(running) < workers and host.waiting and free:
                address = host.waiting.popleft()
                running[pool.submit(look, address)] = (name, address)
                host.running += 1
                host.next_at = time.monotonic() + delay
                begun = True
            if not host.waiting and not host.running:
                del hosts[name]


def host_of(address: str) -> str:
    """Host and port of a web address, lower case; of what is no address some text or other, to take turns by."""
    return re.split(r"[/?#]", address.partition("://")[2], maxsplit=1)[0].rpartition("@")[2].lower()
