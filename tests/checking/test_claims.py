import pytest
from rag.checking.claims import cited


@pytest.mark.parametrize(
    ("draft", "sentences"),
    [
        ("Opened in 1931. [1] It replaced a ferry. [2]", [("Opened in 1931.", (1,)), ("It replaced a ferry.", (2,))]),
        ("Opened in 1931 [1]. It replaced a ferry [2].", [("Opened in 1931.", (1,)), ("It replaced a ferry.", (2,))]),
        ("大桥于1931年通车。[1][2] 它取代了渡船[2]。", [("大桥于1931年通车。", (1, 2)), ("它取代了渡船。", (2,))]),
        ("Twice the same. [3] [3]", [("Twice the same.", (3,))]),
        ("No mark at all.", [("No mark at all.", ())]),
        ("Marked. [1] And a tail", [("Marked.", (1,)), ("And a tail", ())]),
        ("[1] Leading mark. [2]", [("Leading mark.", (2,))]),
        ("A list [a] stays. [1]", [("A list [a] stays.", (1,))]),
        ("1.[1] One path. [2] 2.[2]", [("One path.", (2,))]),
        ("58。[1]", [("58。", (1,))]),
        ("", []),
        ("  [1]  ", []),
    ],
)
def test_each_stretch_up_to_its_marks_is_a_sentence(draft: str, sentences: list):
    assert cited(draft) == sentences
