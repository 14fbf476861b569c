"""The editor's desk: a drafted sentence goes in, and what may be published of it comes out.

Judged against what it cites; its citation put right; said in its quotes' own words where it can be; sent back to the
reader once where it does not hold; flagged, never cut, where that fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.checking.anchors import holders, missing_names, with_its_dates
from rag.checking.claims import cited
from rag.checking.denials import negated
from rag.checking.figures import figures
from rag.checking.rivals import content
from rag.reading import compose
from rag.reading.verbatim import in_the_quotes_words, is_sentence, standing
from rag.seams import Judge, Reader
from rag.text import language, news, newsworthy, telling
from rag.types import VERBATIM, Quote, Sentence, Verdict

SURER = 0.4  # P(supported) that a sentence in the reader's own words must reach; set by hand on the seed questions
CLOSE = 0.7  # F1 with the quote's words from which a sentence that does not hold is a slip of the pen in copying them
TRIED = 2  # other quotes a sentence is judged against when those it cites do not support it


@dataclass(frozen=True, slots=True)
class Desk:
    question: str
    language: str
    kept: Sequence[Quote]
    judge: Judge
    reader: Reader

    def settled(self, text: str, marks: Sequence[int], told: Sequence[str] = ()) -> tuple[Sentence, Sentence]:
        """(the sentence as written, or as rewritten, with its verdict; the sentence as it is to be published). `told`:
        what the answer says already, which takes no sentence's place."""
        written, own = self._said(self.judged(text, marks))
        if own.verdict.refused:
            again, better = self._said(self.revised(written))
            if again.verdict.label == "supported" and better.text not in told and self._fits(better, written):
                return again, better
        return written, own

    def _said(self, written: Sentence) -> tuple[Sentence, Sentence]:
        """(the sentence as written, as it would be published). One that keeps the reader's words, as across languages,
        has only the judge's word for it and must be surer."""
        own = self.in_own_words(written)
        if self._is_slip(written):
            put_right = replace(own, revised_from=written.revised_from or written.text)
            return put_right, put_right
        if not _doubtful(own.verdict):
            return written, own
        doubted = replace(own, verdict=replace(own.verdict, label="unsupported"))
        return doubted, doubted

    def _is_slip(self, written: Sentence) -> bool:
        """Whether a sentence that does not hold is its quote but for a slip of the pen, so that the quote's own words
        may stand for it: close to them, not contradicted, denying what they deny, and all that it took from the
        question (of whom, and what, it speaks) is theirs too."""
        if written.verdict.label != "unsupported":
            return False
        text, whose = self._own(written, CLOSE)
        if not text or negated(text) != negated(written.text):
            return False
        titles = " ".join(self.kept[number - 1].title for number in whose)
        return all(
            words(self.question) & words(written.text) <= words(f"{text} {titles}") for words in (telling, content)
        )

    def judged(self, text: str, marks: Sequence[int]) -> Sentence:
        """The sentence with its verdict, and its citation put right where the reader named the wrong quote: it goes to
        the quote in which the sentence stands to the letter, or that has its date in one piece, or to one that holds
        its figures, its names or its news, but to these only if the judge finds the sentence supported there."""
        said_in = language(text) or self.language
        marked = [self.kept[mark - 1] for mark in marks if 1 <= mark <= len(self.kept)]
        sources = with_its_dates(text, marked, self.kept) if marked else []
        if sources and (exact := standing(text, self.kept)):
            sources = [quote for quote in sources if quote in exact] or exact[:1]
            return Sentence(text, tuple(quote.id for quote in sources), Verdict("supported", 1.0, VERBATIM))
        claim = text if is_sentence(text) else f"{self.question} {text}"  # "1931." alone says nothing
        verdict = self._judged(sources, text, claim, said_in)
        if verdict.refused and sources != marked:
            sources, verdict = marked, self._judged(marked, text, claim, said_in)
        if sources and (verdict.refused or _doubtful(verdict)):
            for other in holders(text, sources, self.kept, said_in, self.question)[:TRIED]:
                second = self._judged([other], text, claim, said_in)
                if second.label == "supported" and (verdict.refused or not _doubtful(second)):
                    sources, verdict = [other], second
                    break
        return Sentence(text, tuple(quote.id for quote in sources), verdict)

    def _judged(self, sources: Sequence[Quote], text: str, claim: str, said_in: str) -> Verdict:
        """The judge's verdict; unsupported, whatever the judge says, where the sources are in the language of `text`
        and what it says beyond the question does not stand in them, or a name: another quote may hold it."""
        verdict = self.judge.judge(sources, claim, said_in)
        if verdict.label == "supported" and missing_names(claim, sources, said_in):
            return replace(verdict, label="unsupported")
        held = " ".join(f"{source.text} {source.title}" for source in sources)
        known = newsworthy(news(text, self.question), telling(held))
        if verdict.label != "supported" or language(held) != said_in or known:
            return verdict
        told = {figure.value for figure in figures(text)}
        if told & {figure.value for figure in figures(held)} or self._run(text, sources, 0.0)[0]:
            return verdict  # a run of quotes without the news is all of it but for a slip
        return replace(verdict, label="unsupported")

    def in_own_words(self, written: Sentence) -> Sentence:
        """The sentence as its quotes say it, where they are in its language. What does not hold as written is put right
        so only where it and a quote are close; else it stays, flagged."""
        own, whose = self._own(written, 0.1 if written.verdict.label == "supported" else 0.5)
        if not own:
            return written
        return replace(written, text=own, citations=whose, verdict=Verdict("supported", 1.0, VERBATIM))

    def _own(self, written: Sentence, least: float) -> tuple[str, tuple[int, ...]]:
        return self._run(written.text, [self.kept[mark - 1] for mark in written.citations], least)

    def _run(self, text: str, sources: Sequence[Quote], least: float) -> tuple[str, tuple[int, ...]]:
        return in_the_quotes_words(text, sources, self.language, least, self.question)

    def _fits(self, better: Sentence, written: Sentence) -> bool:
        """Whether the reader finds `better` to be what the question asks for, no less than it found `written`: a true
        sentence of a quote may answer nothing."""
        new, old = (
            compose.fits(self.question, self.language, self.kept, said.text, self.reader) for said in (better, written)
        )
        return (new or 0.0) >= (old or 0.0)

    def revised(self, written: Sentence) -> Sentence:
        """What the reader says when it is asked once more and sees only the quotes that the sentence cites, or where it
        cites none those with its words; judged anew. As it was where these are all quotes, over which a small reader
        says the same again."""
        sources = [self.kept[mark - 1] for mark in written.citations]
        sources = sources or holders(written.text, (), self.kept, self.language, self.question)[:TRIED]
        if not sources or len(sources) == len(self.kept):
            return written
        found = cited("".join(compose.again(self.question, self.language, sources, self.reader)))
        if not found:
            return written
        text, marks = found[0]
        return replace(self.judged(text, marks), revised_from=written.text)


def _doubtful(verdict: Verdict) -> bool:
    return verdict.label == "supported" and (verdict.probability or 0.0) < SURER
