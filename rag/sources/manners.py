"""How to behave towards other people's servers: what robots.txt allows, and how soon a host may be asked again."""

import threading
import time
from collections import defaultdict
from dataclasses import dataclass, field

from rag.config import FetchConfig
from rag.errors import SourceFault
from rag.sources import listing
from rag.sources.edge import one_source
from rag.sources.listing import Robots
from rag.sources.turns import host_of

_DAY = 86_400.0  # RFC 9309, 2.4: a robots.txt should not be used for longer than that
_FAULT_SECONDS = 60.0


@dataclass(slots=True)
class Manners:
    """What is known of the hosts met so far: each robots.txt is asked for once a day, one that could not be read once a
    minute. Shared by threads; keep one for as long as a process lives."""

    config: FetchConfig
    _robots: dict[str, tuple[float, Robots | SourceFault]] = field(default_factory=dict)
    _next: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asking: defaultdict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))

    def robots(self, url: str) -> Robots:
        """Of the host of `url`. Raises SourceFault where it cannot be read: then nothing may be taken."""
        host = host_of(url)
        with self._lock:
            asking = self._asking[host]
        with asking:  # of several threads one asks, the others wait for what it hears
            until, found = self._robots.get(host, (0.0, None))
            if found is None or time.monotonic() > until:
                try:
                    with one_source(url):
                        found = listing.robots(url, self.config)
                except SourceFault as fault:
                    found = fault
                lasting = _FAULT_SECONDS if isinstance(found, SourceFault) else _DAY
                self._robots[host] = (time.monotonic() + lasting, found)
        if isinstance(found, SourceFault):
            raise SourceFault(str(found))
        return found

    def wait(self, url: str, delay: float, patience: float) -> None:
        """Sleep until the host of `url` may be asked again, `delay` seconds after it was last. Raises SourceFault where
        that is more than `patience` seconds away."""
        host = host_of(url)
        with self._lock:
            now = time.monotonic()
            at = max(now, self._next.get(host, 0.0))
            if at - now > patience:
                raise SourceFault(
                    f"{url} was left alone: its host wants {delay:g} seconds between two pages. Ask again later."
                )
            self._next[host] = at + delay
        time.sleep(at - now)
