"""What the files of what was asked and answered have in common: how they are opened, and how long they keep a row."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from rag.database import Schema, Step
from rag.messages import english


def kept_in(what: str, *steps: Step) -> Schema:
    """A file of which nothing that is deleted is to stay."""
    return Schema(what, steps, _move_away, secure_delete=True)


def now(timespec: str = "seconds") -> str:
    """UTC, ISO 8601: times written so are compared as text."""
    return datetime.now(UTC).isoformat(timespec=timespec)


def before(days: float) -> str:
    """So many days ago, as `now`."""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


def _move_away(path: Path) -> str:
    return english("file.move_away")
