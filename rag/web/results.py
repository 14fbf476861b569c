"""What a search service gives, and the form in which one kind of service is asked and answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Result:
    """A page that a service found. `snippet` is the service's word, not the page's: it can be shown and never quoted.
    `dated` is when the page was published, where the service knows."""

    url: str
    title: str
    snippet: str
    dated: date | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """One question to a service: at most `count` results, none from before `since`, none from `blocked` hosts."""

    query: str
    count: int
    key: str = ""
    since: date | None = None
    blocked: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Form:
    """One adapter. `ask` gives the keyword arguments of an httpx request to `address`, `read` the results of its JSON;
    that raises KeyError, TypeError, AttributeError or ValueError where it is of another form, Unreachable where the
    answer itself tells of a failure."""

    name: str
    ask: Callable[[str, Asked], Mapping[str, Any]]
    read: Callable[[Any], list[Result]]
    address: str = ""
    needs_key: bool = True
    forbidden: str = "Check the key that web.key_env names."


def published(said: object) -> date | None:
    """The day that ISO 8601 or an RFC 5322 date names; None for anything else."""
    text = str(said or "").strip()
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        pass
    try:
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError):
        return None


def today() -> date:
    return datetime.now(UTC).date()
