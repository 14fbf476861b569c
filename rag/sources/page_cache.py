"""Pages of the web as they were read, one JSON file an address, so that a page that has not changed is not sent again.

hishel was looked at and not used: it keeps responses as RFC 9111 has it. What costs here is what comes after them, the
extraction; and `look` and `settle` know already when an extracted page still holds: by ETag, by Last-Modified, by the
hash of its bytes, and by the code that read them.
"""

import hashlib
import logging
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from rag.sources.bounded import keep
from rag.types import Origin, Page

if TYPE_CHECKING:
    from pydantic import TypeAdapter

log = logging.getLogger("vouch.sources")


@dataclass(frozen=True, slots=True)
class PageCache:
    """In `folder`, at most `megabytes` of it; the pages that were asked for longest ago go first. Shared by processes:
    a file is there whole or not at all."""

    folder: Path
    megabytes: float = 200.0

    def get(self, address: str) -> tuple[Origin, Page] | None:
        """What `address` gave last; None where it was never read, or its file does not hold what it should."""
        file = self._file(address)
        try:
            found = _kept().validate_json(file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            log.warning("%s holds no page that can be used (%s); %s is read again", file, error, address)
            return None
        return found if found[0].address == address else None

    def put(self, origin: Origin, page: Page) -> None:
        """Keep `page` as what `origin.address` gave. Raises ConfigFault where the folder cannot be written to."""
        keep(self._file(origin.address), _kept().dump_json((origin, page)), self.megabytes)

    def _file(self, address: str) -> Path:
        return self.folder / f"{hashlib.sha256(address.encode('utf-8', 'surrogatepass')).hexdigest()[:40]}.json"


@cache
def _kept() -> "TypeAdapter[tuple[Origin, Page]]":
    from pydantic import TypeAdapter

    return TypeAdapter(tuple[Origin, Page])
