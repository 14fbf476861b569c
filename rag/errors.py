"""Everything Vouch raises on purpose, as one tree. Its words come from the catalogue of `rag.messages`.

VouchError
├── Fault                  shown to the user; its words name the remedy
│   ├── UsageFault         the call itself is wrong (an unknown index, an empty question)
│   ├── ConfigFault        the configuration cannot be used
│   ├── ModelFault         a model file is missing, altered or will not load
│   ├── SourceFault        one source cannot be fetched or read; the others go on
│   │   └── GoneFault      … and it says itself that it is there no more
│   ├── IndexFault         the index cannot be opened, written or trusted
│   ├── ReaderFault        the language model does not answer
│   ├── ReplayFault        a kept run cannot be run again by this version
│   └── EvalFault          an evaluation set is missing, altered or not of its form
└── Setback                the reader works round it; costs a step and is shown
    ├── NotVerbatim        a quote that does not stand in the page
    ├── NothingOpen        an action that needs an open page
    ├── NoSuchHit          a rank that is not among the results, or a link that is not on the page
    ├── NotAnAction        what a model said that the browser cannot do
    ├── OverBudget         a quote longer than what may still be quoted
    ├── LeftOut            sentences that the reader was not given
    ├── NotDrawn           drafts beside the first one, where the reader fails meanwhile
    ├── Stopped            a program that the sandbox does not run to its end, or that is not one
    └── Unreachable        a page or a search engine that does not answer
        └── NothingFound   an engine that answers and has no result; put otherwise, the question may find one
"""

from rag.messages import catalogue, english


class VouchError(Exception):
    """Root of the tree: a code of the catalogue (`rag.messages`) with its parameters, or a sentence of its own, whose
    code is "". As text it is English.
    """

    def __init__(self, said: str = "", /, **parameters: object) -> None:
        super().__init__(said)
        self.code = said if said in catalogue() else ""
        self.parameters = parameters

    def __str__(self) -> str:
        return english(self.code, **self.parameters) if self.code else str(self.args[0])


class Fault(VouchError):
    """Ends what was asked for. Its words are a sentence a user can act on."""


class UsageFault(Fault):
    pass


class ConfigFault(Fault):
    pass


class ModelFault(Fault):
    pass


class SourceFault(Fault):
    pass


class GoneFault(SourceFault):
    pass


class IndexFault(Fault):
    pass


class ReaderFault(Fault):
    pass


class ReplayFault(Fault):
    pass


class EvalFault(Fault):
    pass


class Setback(VouchError):
    """Something a run goes round: the policy sees it and chooses another action."""


class NotVerbatim(Setback):
    pass


class NothingOpen(Setback):
    pass


class NoSuchHit(Setback):
    pass


class NotAnAction(Setback):
    pass


class OverBudget(Setback):
    pass


class NotDrawn(Setback):
    pass


class Stopped(Setback):
    pass


class LeftOut(Setback):
    pass


class Unreachable(Setback):
    pass


class NothingFound(Unreachable):
    pass
