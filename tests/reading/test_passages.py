from hypothesis import given, settings
from hypothesis import strategies as st
from rag.reading.passages import LONGEST, choose, glossed, heard_names, learned, other_names

from rag.index.embed import HashEmbedder
from rag.types import Chunk, Hit, Page

EMBEDDER = HashEmbedder(64)
LIST = (
    "Background of the work.\nThere are three paths:\n  1. Give it rules by hand.\n  2. Copy the brain itself.\n"
    "  3. Learn it all from data.\nA closing remark that says little."
)


def hits(text: str, cut: int | None = None) -> tuple[Page, list[Hit]]:
    page = Page("memory:p", text, title="P")
    middle = len(text) // 2 if cut is None else cut
    chunks = [Chunk(page.uri, page.sha256, a, b, text[a:b]) for a, b in ((0, middle), (middle, len(text))) if a < b]
    return page, [Hit(chunk, "P", 1.0) for chunk in chunks]


@settings(max_examples=60)
@given(st.text(alphabet="ab cd。.!\n中文1-•:", min_size=1, max_size=200), st.integers(1, 5), st.integers(10, 300))
def test_every_passage_is_a_span_of_its_page_and_the_budget_holds(text: str, count: int, characters: int):
    page, found = hits(text)
    chosen = choose("ab 中文", found, EMBEDDER, count, characters)
    assert len(chosen) <= count and sum(len(p.text) for p in chosen) <= characters
    for at, passage in enumerate(chosen):
        assert page.text[passage.start : passage.end] == passage.text
        assert len(passage.text) <= LONGEST or "\n" not in passage.text
        assert not any(passage.overlaps(other) for other in chosen[at + 1 :])


def test_a_list_comes_whole_with_the_line_that_announces_it():
    _, found = hits(LIST, len(LIST))
    best = choose("Which three paths are there?", found, EMBEDDER, 1, 600)[0]
    assert "three paths:" in best.text and "3. Learn it all from data." in best.text


def test_what_is_kept_already_is_not_chosen_again():
    _, found = hits(LIST, len(LIST))
    first = choose("Which three paths are there?", found, EMBEDDER, 1, 600)
    again = choose("Which three paths are there?", found, EMBEDDER, 3, 600, first)
    assert not any(passage.overlaps(first[0]) for passage in again)


def test_a_bibliography_is_passed_over():
    _, found = hits("[1] Hale, B. 1931. Bridges.\n[2] Orr, C. 1932. Ferries.\n[3] Ant, D. 1933. Locks.", 999)
    assert choose("Bridges 1931?", found, EMBEDDER, 3, 600) == []


def test_the_next_query_has_new_names_only():
    assert learned("Who built it?", ["Who built it?"], ["Hale built it. Hale died in 1940."]).endswith("Hale 1940")
    assert learned("Hale 1940", ["Hale 1940"], ["the bridge of Hale"]) == ""


def test_two_that_overlap_and_are_as_good_become_one():
    text = "The weir was closed. The weir was closed. The weir was closed."
    _, found = hits(text, len(text))
    assert [p.text for p in choose("Why was the weir closed?", found, EMBEDDER, 1, 600)] == [text]


def test_the_budget_counts_what_is_joined():
    text = "The weir was closed in 1951. " + "It was closed because badgers dug under it. " * 6
    _, found = hits(text, len(text))
    chosen = choose("Why was the weir closed?", found, EMBEDDER, 2, 200)
    assert sum(len(p.text) for p in chosen) <= 200 and not any(
        a.overlaps(b) for a in chosen for b in chosen if a is not b
    )


def test_a_neighbour_that_announces_a_list_brings_it():
    text = "# Four steps of the tea\nThe tea of the four steps:\n\n1. wither\n2. heat\n3. roll\n4. roast"
    _, found = hits(text, len(text))
    assert "4. roast" in choose("Which four steps has the tea?", found, EMBEDDER, 1, 600)[0].text


def test_a_question_in_simplified_characters_finds_traditional_ones():
    far = "從鐵路車站步行可以來到這裡，" * 40
    text = f"{far}。門票45元，週三免費。{far}。"
    _, found = hits(text, len(text))
    assert choose("门票多少钱，周三免费吗？", found, EMBEDDER, 1, 600)[0].text == "門票45元，週三免費。"


def of(uri: str, text: str) -> Hit:
    page = Page(uri, text)
    return Hit(Chunk(uri, page.sha256, 0, len(text), text), uri, 1.0)


def test_a_second_page_that_is_nearly_as_good_gets_a_place():
    many = "The Orrin weir is 86 m long. " + "So it was said. " * 20
    found = [of("memory:one", f"{many}\n{many}\n{many}"), of("memory:two", "The Orrin weir is 92 m long.")]
    chosen = choose("How long is the Orrin weir?", found, EMBEDDER, 2, 1200)
    assert {passage.uri for passage in chosen} == {"memory:one", "memory:two"}
    apart = choose("How long is the Orrin weir?", [found[0], of("memory:two", "Cats sleep.")], EMBEDDER, 2, 1200)
    assert {passage.uri for passage in apart} == {"memory:one"}


def test_a_page_in_another_language_that_spells_the_name_alike_gets_a_place_however_far_down():
    english = [of(f"memory:{n}", f"The Orrin Weir number {n} is {n} m long.") for n in range(12)]
    chinese = of("memory:zh", "奥林堰（Orrin Weir）长92米。")
    chosen = choose("How long is the Orrin Weir?", [*english, chinese], EMBEDDER, 3, 1200)
    assert [passage.uri for passage in chosen][-1] == "memory:zh" and len(chosen) == 3
    other = of("memory:zh", "黑尔堰（Hale Weir）长92米。")
    assert "memory:zh" not in [
        p.uri for p in choose("How long is the Orrin Weir?", [*english, other], EMBEDDER, 3, 1200)
    ]


def test_a_name_that_a_hit_gives_in_both_languages_is_known_in_the_other():
    _, found = hits("往年选手要跑过奎尔大桥（Quill Bridge），今年不跑。The Reed Mill (苇磨) is old (1902).", 999)
    assert other_names("奎尔大桥的拉索为什么会锈？", found, "en") == ["Quill Bridge"]
    assert other_names("Why do the cables of the Quill Bridge rust?", found, "zh") == ["往年选手要跑过奎尔大桥"[-12:]]
    assert other_names("Who owns the Reed Mill?", found, "zh") == ["苇磨"]
    assert other_names("苇磨是谁的？", found, "en") == ["The Reed Mill"]
    assert other_names("石榧大坝有多高？", found, "en") == []


def test_a_name_that_no_hit_gives_in_both_languages_is_known_by_its_sound():
    _, found = hits("柳洼镇东堤决口，奎尔大桥没有事。柳洼的人搬走了。Liuwa was worst hit.", 999)
    assert heard_names("What broke near Liuwa and the Quill Bridge?", found, "zh") == ["柳洼"]
    assert heard_names("柳洼的堤为什么决口？", found, "en") == ["Liuwa"]


def test_a_name_that_a_page_gives_in_both_languages_is_glossed():
    _, found = hits("铁路公司与科凡电池（Corvane Cells）试运行。 石榧大坝（Shifei Dam）位于苕岚江。")
    assert glossed("科凡电池厂去年扩产。", found, "en") == "科凡电池 (Corvane Cells)厂去年扩产。"
    assert glossed("The Shifei Dam is old.", found, "zh") == "The Shifei Dam (石榧大坝) is old."
    assert (
        glossed("Corvane Cells grew.", found, "zh") == "Corvane Cells grew."
    )  # where its name begins, nobody can tell
    assert glossed("静湖很深。", found, "en") == "静湖很深。"


def test_a_row_of_a_table_stands_alone():
    rows = ["站名: 新榧 | 海拔（米）: 31.5 | 负责人: 魏松", "站名: 安渡 | 海拔（米）: 18.7 | 负责人: 丁可"]
    _, found = hits("\n".join(rows), 0)
    chosen = choose("安渡的水文站由谁负责？", found, EMBEDDER, 2, 900)
    assert sorted(passage.text for passage in chosen) == sorted(rows)


def test_pages_that_hold_the_name_come_before_all_but_the_first_hit():
    cells, mill = (
        of("memory:two", "Corvane Cells. It employs 1870 people."),
        of("memory:one", "The mill employs 40 people."),
    )
    asked = "How many people does Corvane Cells employ?"

    def pages(found, about=()):
        return {passage.uri for passage in choose(asked, found, EMBEDDER, 4, 900, about=about)}

    assert pages([cells, mill]) == {"memory:one", "memory:two"}
    assert pages([cells, mill], ["科凡", "corvane cells"]) == {"memory:two"}
    assert pages([mill, cells], ["Corvane Cells"]) == {"memory:one", "memory:two"}
    assert pages([cells, mill], ["Mossbank"]) == {"memory:one", "memory:two"}
    towns = [of("memory:three", "新建的三个镇里有安渡镇。"), of("memory:four", "安渡到新榧的支线长17公里。")]
    assert pages(towns, ["安渡镇"]) == {"memory:three", "memory:four"}
