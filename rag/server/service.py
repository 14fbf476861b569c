"""What the servers do: ask, search, open, check and keep sources, in one process that owns the models."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, field
from typing import Any

from rag import wiring
from rag.answering import adding
from rag.answering.conversation import Exchange, standalone
from rag.answering.factcheck import CheckParts, factcheck
from rag.answering.recording import answer as recorded
from rag.answering.replay import replay
from rag.config import Config, Wanted
from rag.errors import Unreachable, UsageFault
from rag.export.json import as_json, check_as_json
from rag.facts import CheckEnded, CheckEvent
from rag.history.ledger import Ledger
from rag.index.index import Index
from rag.protocols import Embedder, Reader
from rag.server.turns import Turns
from rag.sources.stopping import NEVER
from rag.types import Answer, Answered, Event, Hit, Page, PageInfo, Selection

AS_CONFIGURED = Wanted()
MODEL = "vouch"  # asks the configured index; "vouch:NAME" asks the index NAME


@dataclass(frozen=True, slots=True)
class Service:
    """Over all indexes of one configuration. Threads may ask at once: a local reader is taken in turns."""

    config: Config
    embedder: Embedder
    reader: Reader
    ledger: Ledger
    turns: Turns = field(default_factory=Turns)
    _open: dict[str, Index] = field(default_factory=dict)
    _opening: threading.Lock = field(default_factory=threading.Lock)

    @classmethod
    def start(cls, config: Config) -> "Service":
        """Raises ConfigFault, ModelFault; a local reader loads meanwhile, its faults come at the first question."""
        return cls(config, wiring.embedder(config), wiring.ready_reader(config, ""), wiring.ledger(config))

    def close(self) -> None:
        for opened in self._open.values():
            opened.close()
        self._open.clear()

    def indexes(self) -> list[str]:
        """The names of those that there are."""
        return sorted(path.parent.name for path in self.config.built.glob("*/CURRENT"))

    def index(self, name: str = "", create: bool = False) -> Index:
        """The open index; it sees by itself what others add to it. Raises IndexFault where there is none, or none could
        have that name."""
        named = name or self.config.index
        with self._opening:
            if named not in self._open:
                mine = wiring.embedder_of(self.config, named) == self.config.embedder
                embedder = self.embedder if mine else wiring.embedder(self.config, named)
                self._open[named] = wiring.index(self.config, named, embedder, create)
            return self._open[named]

    def ask(
        self,
        question: str,
        earlier: Sequence[Exchange] = (),
        index: str = "",
        wanted: Wanted = AS_CONFIGURED,
        only: Selection | None = None,
    ) -> Iterator[Event]:
        """Events as they happen, last one Answered; a follow-up is put so that it stands alone. Raises Fault."""
        with self._turn():
            put = standalone(question, earlier, self.reader)
            parts = wiring.parts(wanted.of(self.config), self.index(index), self.reader, only)
            yield from recorded(put.question, parts)

    def answer(self, question: str, index: str = "") -> Answer:
        """Raises Fault."""
        [made] = [event.answer for event in self.ask(question, (), index) if isinstance(event, Answered)]
        return made

    def search(self, query: str, k: int = 10, index: str = "", only: Selection | None = None) -> list[Hit]:
        """Best first. Raises UsageFault, IndexFault."""
        if not query.strip():
            raise UsageFault("question.empty")
        return self.index(index).search(query, k, only)

    def open(self, uri: str, index: str = "") -> Page:
        """Raises UsageFault where the index has no such source."""
        try:
            return self.index(index).page(uri)
        except Unreachable as error:
            raise UsageFault("server.no_source", source=uri) from error

    def check(self, text: str, index: str = "", only: Selection | None = None) -> dict[str, Any]:
        """The text claim by claim, as `vouch check --json` prints it. Raises Fault."""
        events = self.checking(lambda parts: factcheck(text, parts), index, only)
        [made] = [event.check for event in events if isinstance(event, CheckEnded)]
        return check_as_json(made)

    def checking(
        self,
        check: Callable[[CheckParts], Iterator[CheckEvent]],
        index: str = "",
        only: Selection | None = None,
    ) -> Iterator[CheckEvent]:
        """What `check` tells over the parts of a check, as it happens. Raises Fault."""
        with self._turn():
            yield from check(wiring.check_parts(self.config, self.index(index), self.reader, only))

    def sources(self, index: str = "") -> list[PageInfo]:
        """Raises IndexFault."""
        return self.index(index).pages()

    def add(self, targets: Sequence[str], index: str = "", stop: threading.Event = NEVER) -> Iterator[dict[str, Any]]:
        """What becomes of each source, as it ends. Raises Fault; a source that fails is told and ends nothing. `stop`
        ends it, the source that is being read with it."""
        for outcome in adding.add(targets, self.index(index, create=True), self.config, stop=stop):
            yield asdict(outcome)

    def remove(self, uri: str, index: str = "") -> None:
        """Raises UsageFault where the index has no such source."""
        opened = self.index(index)
        if uri not in {page.uri for page in opened.pages()}:
            raise UsageFault("server.no_source", source=uri)
        adding.remove(uri, opened)

    def kept(self, id: str) -> dict[str, Any]:
        """An answer that was given, as `vouch ask --json` printed it. Raises UsageFault where there is none."""
        return dict(self.ledger.run(id).answer)

    def replayed(self, id: str) -> dict[str, Any]:
        """Whether its run, made again from what was recorded, comes out alike. Raises UsageFault, ReplayFault."""
        again = replay(self.ledger.run(id))
        answer = as_json(again.answer) if again.answer else None
        return {"id": id, "same": not again.differences, "differences": list(again.differences), "answer": answer}

    @contextmanager
    def _turn(self) -> Iterator[None]:
        with self.turns.take() if self.config.reader.kind == "local" else nullcontext():
            yield
