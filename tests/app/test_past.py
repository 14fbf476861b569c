"""Quotes of answers that the ledger keeps, as they are now and as they were before they told what they are about."""

from dataclasses import replace

from app.past import quotes
from rag.export.json import as_json
from rag.types import Answer, Quote

KEPT = Quote(1, "words", "memory:dam", "The dam", "0", 3, 8, "The dam › Repairs", "2024-05-06")


def test_quotes_come_back_as_they_were_kept() -> None:
    told = as_json(Answer("?", "en", "answered", "words", "", (), (KEPT,), (), (), {}, {}))
    assert quotes(told) == [KEPT]
    for quote in told["quotes"]:
        del quote["heading"], quote["date"]
    assert quotes(told) == [replace(KEPT, heading="", date="")]
