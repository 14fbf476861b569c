"""The caches of one build for a build that starts as its copy: chunk ids are the same, so all but the news is there.

What cannot be taken over, or was caught half written, is made again from the store: each cache is checked when it is
opened, as always.
"""

import shutil
from pathlib import Path

from rag.index.files import TERMS, VECTORS, WriterLock, scratch, write_faults
from rag.index.label import last_line, relabel
from rag.index.terms import rename_terms

NOTHING = -1


def inherit(source: Path, target: Path, lock: WriterLock) -> int:
    """Copy FAISS file and text index from the folder of one build to that of another and say there whose they are now.

    Gives the lowest generation of the two: removals up to it need not be known any more; NOTHING where one is missing.
    Raises IndexFault where the disk does not take them.
    """
    label = last_line(source / VECTORS)
    if label is None or not (source / TERMS).is_dir():
        return NOTHING
    with lock.held(), write_faults(target):
        with scratch(target / VECTORS) as draft:
            shutil.copyfile(source / VECTORS, draft)
            label = relabel(draft, target.name)
        shutil.copytree(source / TERMS, target / TERMS, ignore=shutil.ignore_patterns("*.lock"))
        terms = rename_terms(target / TERMS, target.name)
    return min(label.generation if label else NOTHING, terms)
