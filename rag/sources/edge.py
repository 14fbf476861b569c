"""The edge round one source: whatever goes wrong with it is told of it, and the others go on.

Readers of files, servers and lists are written for what their authors saw; strangers send the rest. Known faults have
sentences of their own where they arise, and what nobody thought of gets one here and its traceback in the log.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from rag.errors import Fault, SourceFault

log = logging.getLogger("vouch.sources")


@contextmanager
def one_source(uri: str) -> Iterator[None]:
    """What is raised inside becomes a SourceFault that names `uri`; a Fault (of the index, of a model) stays one."""
    try:
        yield
    except Fault:
        raise
    except MemoryError as error:
        log.warning("%s needs too much memory", shown(uri))
        raise SourceFault(
            f"{shown(uri)} needs more memory than one source may take. Split it, and add the parts."
        ) from error
    except Exception as error:  # one source must not end the reading of all others
        log.warning("%s could not be read", shown(uri), exc_info=True)
        said = shown(f"{type(error).__name__}: {error}"[:200])
        raise SourceFault(
            f"{shown(uri)} cannot be read ({said}). Save it another way, or as another kind of file, and add that."
        ) from error


def shown(name: str) -> str:
    """`name` as text that can be printed and stored: bytes of a file's name that are no UTF-8 as \\udcXX."""
    return name.encode("utf-8", "backslashreplace").decode()
