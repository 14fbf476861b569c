"""The readers that ship as a table (`readers.toml`): servers by their usual ports, services by the variable of their
key, files of the hub."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).with_name("readers.toml")


@dataclass(frozen=True, slots=True)
class Server:
    name: str
    port: int


@dataclass(frozen=True, slots=True)
class Service:
    """`variable` is the environment variable that holds its key."""

    name: str
    variable: str
    address: str
    model: str
    window: int


@dataclass(frozen=True, slots=True)
class HubFile:
    """`sha256` "" where only the hub's own is known."""

    name: str
    repository: str
    file: str
    gigabytes: float
    sha256: str
    licence: str


@dataclass(frozen=True, slots=True)
class Table:
    servers: tuple[Server, ...]
    services: tuple[Service, ...]
    files: tuple[HubFile, ...]


@cache
def table() -> Table:
    told = tomllib.loads(TABLE.read_text("utf-8"))
    return Table(
        tuple(Server(**one) for one in told["server"]),
        tuple(Service(**one) for one in told["service"]),
        tuple(HubFile(**one) for one in told["hub"]),
    )
