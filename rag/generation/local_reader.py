"""The local model as a Reader that outlives its server: where that has gone, another is found or started."""

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from rag.errors import ReaderFault
from rag.generation.api_reader import ApiReader, api_reader
from rag.generation.local import LocalServer
from rag.protocols import Prompt


@dataclass
class LocalReader:
    """`connect` finds or starts the server; it is called at once, and again where a server has gone, as one does that
    belongs to another process. What was asked is then asked once more. `timeout` in seconds.

    Making one raises ModelFault, ReaderFault.
    """

    name: str
    connect: Callable[[], LocalServer]
    timeout: float
    _server: LocalServer = field(init=False)
    _reader: ApiReader = field(init=False)
    _spent: list[tuple[int, int]] = field(init=False, default_factory=list)  # tokens, at servers that are gone
    _lock: threading.Lock = field(init=False, default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._use(self.connect())

    @property
    def server(self) -> LocalServer:
        return self._server

    def write(self, prompt: Prompt) -> Iterator[str]:
        """Raises ReaderFault, also where a second server begins otherwise than the first, whose words were shown."""
        server, shown = self._server, ""
        try:
            for piece in self._reader.write(prompt):
                shown += piece
                yield piece
            return
        except ReaderFault:
            if server.answers():
                raise
        self._replace(server)
        for piece in self._reader.write(prompt):
            both = min(len(shown), len(piece))
            if shown[:both] != piece[:both]:
                break
            shown = shown[both:]
            if piece[both:]:
                yield piece[both:] if both else piece
        else:
            if not shown:
                return
        raise ReaderFault("local.ended")

    def choose(self, prompt: Prompt, choices: Sequence[str]) -> dict[str, float] | None:
        """Raises ReaderFault."""
        server = self._server
        try:
            return self._reader.choose(prompt, choices)
        except ReaderFault:
            if server.answers():
                raise
        self._replace(server)
        return self._reader.choose(prompt, choices)

    def tokens(self) -> tuple[int, int]:
        spent = [*self._spent, self._reader.tokens()]
        self._spent.clear()
        return sum(prompt for prompt, _ in spent), sum(output for _, output in spent)

    def _replace(self, gone: LocalServer) -> None:
        """Another server for the one that is gone, unless another thread has found one meanwhile."""
        with self._lock:
            if self._server is gone:
                self._spent.append(self._reader.tokens())
                self._use(self.connect())

    def _use(self, server: LocalServer) -> None:
        self._server = server
        self._reader = api_reader(self.name, f"{server.address}/v1", server.key, self.timeout, own=True)
