"""Pages that an index holds twice, and earlier versions of those that it also has later."""

from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.index.versions import twins

RULES = (
    "The reading room opens at nine. Bags are left at the door. A reader may have {0} books at once. "
    "Pencils are allowed, pens are not. Photographs are taken without flash."
)


def test_the_newest_version_and_the_first_of_the_same_text_are_named(folder, pair):
    with Index.at(folder, HashEmbedder(), create=True) as index:
        list(
            index.put(
                [
                    pair("file:///a", RULES.format("four"), title="Rules", date="2021"),
                    pair("file:///b", RULES.format("five"), title="rules", date="2022-01-01"),
                    pair("file:///c", RULES.format("six"), title="Rules", date="2024"),
                    pair("file:///d", RULES.format("six"), title="Another", date="2025"),
                    pair("file:///e", "The pier is long.", title="Rules", date="2020"),
                ]
            )
        )
        found = twins(index)
    assert {uri: info.uri for uri, info in found.same.items()} == {"file:///d": "file:///c"}
    assert {uri: info.uri for uri, info in found.newer.items()} == {"file:///a": "file:///c", "file:///b": "file:///c"}
