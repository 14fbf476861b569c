from dataclasses import replace

import pytest
from rag.checking.answerable import Gate, Level
from rag.reading import clauses, hops
from rag.reading.policy import GuidedPolicy
from rag.research import Parts, research, taken

from rag.browsing.browser import Browser
from rag.checking.verify import ReaderJudge
from rag.config import ReadingConfig
from rag.generation import translation as compose
from rag.generation.reader import ScriptedReader
from rag.index.embed import HashEmbedder
from rag.types import Answered, Finish, Link, Page
from rag.web.static import StaticEngine

FERRY_TEXT = "The ferry Sable Wren was given a battery pack made by Corvane Cells in 2022. She carries 420 passengers."
AT = FERRY_TEXT.index("Corvane Cells")
CELLS = Page("memory:cells", "Corvane Cells was founded by Lena Oduya-Marsh in 2017. It has 1870 workers.", "Cells")
LAKE = Page("memory:lake", "静湖边的渡船由柳洼船厂建造。船长四十米。每年冬天停航。", title="静湖")
YARD = Page("memory:yard", "柳洼船厂1958年由邬启明创办。现有工人三百名。", title="船厂")


def ferry(linked: bool) -> Page:
    return Page("memory:ferry", FERRY_TEXT, "Ferry", links=(Link(AT, AT + 13, CELLS.uri),) if linked else ())


FOUNDER = "Who founded the company that made the battery pack of the Sable Wren?"
ENGLISH = [
    ("the two questions", "1. Who made the battery pack of the Sable Wren?\n2. Who founded #1?"),
    ("Write its name only", "Corvane Cells"),
    ("Answer from the quotes", "Corvane Cells was founded by Lena Oduya-Marsh. [{}]"),
]
CHINESE = [
    ("写出这两个问题", "1. 静湖边的渡船由哪家船厂建造?\n2. #1是谁创办的?"),
    ("只写它的名称", "柳洼船厂"),
    ("根据引文用完整的句子回答", "柳洼船厂1958年由邬启明创办。[{}]"),
    ("引文里没有写", "NONE"),
]


def ask(
    question: str, replies: list, pages: list[Page], second: int, choices=(), samples: int = 1, gate=None, states=None
):
    reader = ScriptedReader([(pattern, text.replace("{}", str(second))) for pattern, text in replies], choices)
    limits = ReadingConfig(samples=samples)
    policy = GuidedPolicy(HashEmbedder(), reader, limits.searches, limits.quotes, limits.quote_characters, 0.5)
    judge = ReaderJudge(reader, compose.verification, 0.5)
    *_, last = research(question, Parts(StaticEngine(pages), policy, reader, judge, limits, gate=gate))
    assert isinstance(last, Answered)
    return last.answer, reader


def sources(found) -> set[str]:
    marks = {mark for sentence in found.sentences for mark in sentence.citations}
    return {kept.uri for kept in found.quotes if kept.id in marks}


@pytest.mark.parametrize("linked", [True, False])
def test_what_is_described_is_found_out_first_and_both_pages_are_cited(linked: bool):
    pages = [ferry(linked), CELLS]
    found, _ = ask(FOUNDER, ENGLISH, pages, 2)
    assert found.status == "answered" and "Oduya-Marsh" in found.text
    assert sources(found) == {"memory:ferry", "memory:cells"}
    searches = [step.detail for step in found.steps if step.action == "search"]
    assert searches[0] == "What is the name of the company that made the battery pack of the Sable Wren?"
    clicks = [step for step in found.steps if step.command.startswith("Clicked on link")]
    assert (len(clicks), "Who founded Corvane Cells?" in searches) == ((1, False) if linked else (0, True))


def test_two_hops_in_chinese():
    found, _ = ask("建造静湖边渡船的那家船厂，是谁创办的？", CHINESE, [LAKE, YARD], 2)
    assert "邬启明" in found.text and sources(found) == {"memory:lake", "memory:yard"}


def test_what_was_found_out_in_another_language_is_told_in_that_of_the_question():
    replies = [
        ("Translate into English", "Which company made the battery pack of the Sable Wren?"),
        ("只写它的名称", "Corvane Cells"),
        ("问题:给[^?？]*[?？]\\s+根据引文用完整的句子回答", "给 Sable Wren 造电池组的是 Corvane Cells。[1]"),
        ("问题:Corvane[^?？]*[?？]\\s+根据引文用完整的句子回答", "Corvane Cells 是 Lena Oduya-Marsh 创办的。[2]"),
        ("引文里没有写", "NONE"),
    ]
    found, _ = ask("给 Sable Wren 造电池组的那家公司，是谁创办的？", replies, [ferry(False), CELLS], 2)
    assert found.draft.startswith("给 Sable Wren 造电池组的是 Corvane Cells。[1] Corvane Cells 是 Lena"), found.draft
    assert sources(found) == {"memory:ferry", "memory:cells"}


def test_behind_a_link_is_looked_in_the_language_of_its_page():
    told = "It makes cells of salt. It stands by the old harbour road. Its cells last for years. Some go into boats."
    cells = replace(CELLS, text=f"{told} Corvane Cells was founded by Lena Oduya-Marsh in 2017.")
    text = "静湖边的渡船用 Corvane Cells 的电池。船长四十米。"
    link = Link(text.index("Corvane"), text.index(" 的电池"), cells.uri)
    replies = [
        ("只写它的名称", "Corvane Cells"),
        ("Translate into English", "Who founded Corvane Cells?"),
        ("根据引文用完整的句子回答", "Corvane Cells 是 Lena Oduya-Marsh 创办的。[2]"),
    ]
    found, reader = ask(
        "静湖边的渡船用的那家电池厂，是谁创办的？", replies, [replace(LAKE, text=text, links=(link,)), cells], 2
    )
    assert "founded by Lena" in found.quotes[1].text
    asked = [prompt.user for prompt in reader.asked if "Translate into English" in prompt.user]
    assert len(asked) == 1 and "Corvane Cells是谁创办的" in asked[0]


def test_a_page_behind_a_link_in_a_third_language_is_looked_through_as_it_is():
    cells = replace(CELLS, text="この会社は2017年にレナ・オドゥヤが設立した。工場は港にあります。")
    replies = [*ENGLISH[:2], ("Answer from the quotes", "It was founded in 2017. [2]"), ("译成", "NONE")]
    found, _ = ask(FOUNDER, replies, [ferry(True), cells], 2)
    assert [kept.uri for kept in found.quotes] == ["memory:ferry", "memory:cells"]


def test_a_name_is_known_in_the_other_language_by_its_sound():
    wells = Page("memory:wells", "Arsenic in the wells was worst in the town of Liuwa.", title="Wells")
    flood = Page("memory:flood", "2021年柳洼镇的堤决口，因为堤里有獾洞。", title="洪水")
    others = [Page(f"memory:{at}", f"2021年{at}号堤没有决口。原因是堤新。", title="堤") for at in range(9)]
    replies = [
        ("Write its name only", "Liuwa"),
        ("译成中文", "2021年堤为什么决口?"),
        ("Answer from the quotes", "The dyke broke in Liuwa because of badgers. [2]"),
        ("", "NONE"),
    ]
    asked = "Why did the dyke break in the town where arsenic in the wells was worst?"
    found, _ = ask(asked, replies, [wells, flood, *others], 2, [("獾洞", 0.9), ("dyke break in Liuwa", 0.1)])
    searches = [step.detail for step in found.steps if step.action == "search"]
    assert searches[-2:] == ["2021年堤为什么决口? Liuwa", "2021年堤为什么决口? Liuwa 柳洼"]
    assert {kept.uri for kept in found.quotes} == {wells.uri, flood.uri}


@pytest.mark.parametrize(("seen", "answers_from"), [(0.9, "memory:flood"), (0.05, "memory:wells")])
def test_of_what_two_languages_tell_the_small_judge_chooses_and_the_reader_where_it_sees_nothing(seen, answers_from):
    wells = Page("memory:wells", "Arsenic was worst in Liuwa. The dyke of Liuwa broke again in a flood.", title="Wells")
    flood = Page("memory:flood", "柳洼镇的堤决口，因为堤里有獾洞。", title="洪水")
    replies = [
        ("Write its name only", "Liuwa"),
        ("the name[\\s\\S]*译成", "砷在何处?"),
        ("译成", "柳洼的堤为什么决口?"),
    ]
    reader = ScriptedReader(replies, [("獾洞[\\s\\S]*exact fact", 0.3), ("exact fact", 0.5)])
    states = lambda passages, question: [seen if "獾洞" in passage else 0.01 for passage in passages]  # noqa: E731
    policy = GuidedPolicy(HashEmbedder(), reader, 2, 4, 900, 0.2, states)
    browser = Browser("Why did the dyke break in the town where arsenic was worst?")
    parts = Parts(
        StaticEngine([wells, flood]), policy, reader, ReaderJudge(reader, compose.verification, 0.5), ReadingConfig()
    )
    for action in policy.actions(browser):
        taken(action, browser, parts)
    assert isinstance(browser.ended, Finish)
    kept = {quote.id: quote.uri for quote in browser.quotes}
    assert {kept[mark] for mark in browser.ended.via[0].quotes} == {answers_from}


def test_where_the_page_behind_a_link_does_not_tell_it_is_looked_for_elsewhere():
    cells = replace(CELLS, text="Salt and tea become cells here.")
    past = Page("memory:past", "Corvane Cells was founded by Lena Oduya-Marsh in 2017.", title="Past")
    choices = [("founded by[\\s\\S]*exact fact", 0.9), ("exact fact", 0.05)]
    found, _ = ask(FOUNDER, [*ENGLISH, ("译成", "NONE")], [ferry(True), cells, past], 3, choices)
    assert "Oduya-Marsh" in found.text and sources(found) == {"memory:ferry", "memory:past"}
    assert "Who founded Corvane Cells?" in [step.detail for step in found.steps if step.action == "search"]


def test_the_name_is_read_in_the_quotes_that_tell_it_alone():
    yard = replace(YARD, text="渡船的电池厂在静湖。")
    replies = [("译成", "渡船的电池厂?"), *ENGLISH]
    choices = [("静湖[\\s\\S]*exact fact", 0.2), ("exact fact", 0.5)]
    _, reader = ask(FOUNDER, replies, [ferry(False), CELLS, yard], 2, choices)
    (naming,) = [prompt.user for prompt in reader.asked if "Write its name only" in prompt.user]
    assert "Sable Wren was given" in naming and "静湖" not in naming


def test_a_name_that_the_question_itself_gives_in_brackets_goes_with_it():
    birds = Page("memory:birds", "Dogs are banned from the shoal of Crane's Bill.", title="Birds")
    walk = Page("memory:walk", "到鹤嘴洲要走2.4公里的木栈道。", title="木栈道")
    replies = [("Write its name only", "Crane's Bill"), ("译成中文", "木栈道有多长?"), ("Answer", "It is 2.4 km. [2]")]
    asked = "How long is the boardwalk to the shoal (鹤嘴洲) where dogs are banned?"
    found, reader = ask(asked, [*replies, ("", "NONE")], [birds, walk], 2)
    put = [prompt.user for prompt in reader.asked if "译成中文" in prompt.user]
    assert "the boardwalk to 鹤嘴洲" in put[-1] and found.quotes[-1].uri == walk.uri


def test_a_name_that_stands_in_no_quote_is_not_followed():
    replies = [ENGLISH[0], ("Write its name only", "Mossbank Cells"), ("Answer from", "It is Corvane Cells. [1]")]
    found, _ = ask("Who founded the firm that made the battery pack?", replies, [ferry(False), CELLS], 2)
    searches = [step.detail for step in found.steps if step.action == "search"]
    assert not any("Mossbank" in query for query in searches) and searches[1] == found.question


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("NONE", None),
        ("1. Who?\n2. When did it open?", None),
        ("1. Which is #1?\n2. When did #1 open?", None),
        ("1. Who?\n2. #1?", None),
        ("1. When did the bridge open?\n2. What is #1?", None),
        ("1. Which bridge?\n2. When did it open? #1 in place of the description", None),
        ("1. Which bridge?\n2. When did #1 open?", hops.Split("Which bridge?", "When did #1 open?")),
    ],
)
def test_only_two_questions_of_which_the_second_needs_the_first_are_taken(said, expected):
    assert hops.split("When did the bridge open?", "en", ScriptedReader([("", said)])) == expected


def test_a_question_may_be_put_in_other_words():
    said = "1. Which firm made the pump?\n2. How many workers does #1 employ?"
    asked = "How many people work for the firm by which the pump was made?"
    assert hops.split(asked, "en", ScriptedReader([("", said)])) is not None
    said = "1. 建那座桥的是哪家公司?\n2. 谁是#1的老板?"
    assert hops.split("那座桥由一家公司建造,老板是谁?", "zh", ScriptedReader([("", said)])) is not None


@pytest.mark.parametrize(
    ("question", "described"),
    [
        ("Who founded the company that made the battery pack?", True),
        ("In which year did the bridge open?", False),
        ("How close was the Eastquay race in the end?", False),
        ("试跑电池动车的那家公司是谁创办的？", True),
        ("水库那次花了两个多亿的大修，为什么要换闸门止水？", False),
        ("做雁枕茶要经过哪几道工序？", False),
    ],
)
def test_what_describes_without_naming(question, described):
    assert hops.nested(question) is described


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "Who founded the company that made the battery pack?",
            ("What is the name of the company that made the battery pack?", "Who founded #1?"),
        ),
        (
            "At what wave height over the reef that wrecked the Mary Hale do the boats stay in port?",
            ("What is the name of the reef that wrecked the Mary Hale?",
             "At what wave height over #1 do the boats stay in port?"),
        ),
        (
            "The mill whose wheel burst in 1902: who owned it?",
            ("What is the name of the mill whose wheel burst in 1902?", "who owned #1?"),
        ),
        (
            "In the town where the painter was born, how many people live?",
            ("What is the name of the town where the painter was born?", "In #1, how many people live?"),
        ),
        ("How tall is the lighthouse that Strand designed?",
         ("What is the name of the lighthouse that Strand designed?", "How tall is #1?")),
        ("When was the bridge that links both towns opened?", None),
        (
            "Under which licence is the program published for whose makers the books were copied?",
            ("What is the name of the program for whose makers the books were copied?",
             "Under which licence is #1 published?"),
        ),
        ("Where was the painter born who made the fresco?",
         ("What is the name of the painter who made the fresco?", "Where was #1 born?")),
        ("How old is the tool shed that stands near the mill?",
         ("What is the name of the tool shed that stands near the mill?", "How old is #1?")),
        ("When was the company founded that makes the ferry, and who owned it?", None),
        ("When is the book to be published that Ann wrote?", None),
        ("Where were the people buried who died in the flood?", None),
        ("Which of the two towns that flooded is larger?", None),
        ("When was the bridge opened?", None),
        ("建造静湖边渡船的那家船厂是谁创办的？", ("建造静湖边渡船的是哪家船厂？", "#1是谁创办的？")),
        ("养牡蛎最多的那个村，它的码头有多长？", ("养牡蛎最多的是哪个村？", "#1的码头有多长？")),
        ("水淹得最深的那个镇，2021年有多少人？", ("水淹得最深的是哪个镇？", "#1 2021年有多少人？")),
        ("末班车从哪个站发车？到那个站要多久？", ("末班车从哪个站发车？", "到#1要多久？")),
        ("末班车几点发车？", None),
        ("收购了沃尔沃的那家公司总部在哪里？", ("收购了沃尔沃的是哪家公司？", "#1总部在哪里？")),
        ("去年开业的那家餐厅老板是谁？", ("去年开业的是哪家餐厅？", "#1老板是谁？")),
        ("收购了沃尔沃的那位公司老板是谁？", None),
        ("发明电话的那个人出生在哪个国家？", ("发明电话的是哪个人？", "#1出生在哪个国家？")),
        ("导演张艺谋拍的那部关于抗日战争的电影叫什么？", None),
        ("她最喜欢的那部法国的电影叫什么？", None),
        ("这是我们见过的那个最大的吗？", None),
        ("建在山顶上的那座天文台有多高？", ("建在山顶上的是哪座天文台？", "#1有多高？")),
        ("打破纪录的那位选手，今年多大？", ("打破纪录的是哪位选手？", "#1今年多大？")),
        ("开在河边的那家老茶馆叫什么？", ("开在河边的是哪家老茶馆？", "#1叫什么？")),
        ("谁修好了漏水的那条船，在哪里修的？", None),
        ("灯塔倒塌的那个时候，谁在里面？", None),
        ("How much did the house that she bought cost?", None),
        ("How did the company that he founded go bankrupt?", None),
        ("How often does the bus that goes to the airport run?", None),
        ("How many people did the storm that struck in 1953 kill?", None),
        ("How far is the town where she was born from the sea?", None),
        ("How old was the man who shot Lincoln when he died?", None),
        ("What makes the people who live in Okinawa live so long?", None),
        ("What makes the engine that powers the ship stall?", None),
        ("What colour is the car that the man who robbed the bank drove?", None),
        (
            "Who directed the film that the actor who played Bond starred in?",
            ("What is the name of the film that the actor who played Bond starred in?", "Who directed #1?"),
        ),
        ("What percentage of the people who voted supported the plan?", None),
        ("What percentage of the crew that mutinied survived?", None),
        ("Which people in the town where she was born speak German?", None),
        ("What happened to the ship that sank?", ("What is the name of the ship that sank?", "What happened to #1?")),
        ("On the day that he died, what did he say?", None),
        ("Who found out the reason that he left?", None),
        ("What is the population of the town which lies on the Rhine, and who governs it?", None),
        (
            "What is the population of the town which lies on the Rhine?",
            ("What is the name of the town which lies on the Rhine?", "What is the population of #1?"),
        ),
    ],
)  # fmt: skip
def test_a_plain_clause_is_taken_apart_without_the_reader(question, expected):
    assert clauses.apart(question, "#1") == expected


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("Who was the engineer who designed the Quill Bridge?", True),
        ("What is the name of the lighthouse that stands on the island?", True),
        ("Who is the founder of the company that makes the battery?", False),
        ("What was the name of the man who owned the mill that burned?", False),
    ],
)
def test_who_a_clause_describes_may_be_all_that_is_asked(question, only):
    assert clauses.only_describes(question) is only and hops.nested(question) is not only


def test_a_long_page_is_looked_at_where_it_speaks_of_the_question():
    page = Page("memory:long", "Nothing of note happened. " * 900 + "Lena founded Corvane Cells in 2017.", body=())
    found = hops.pieces(page, "Who founded Corvane Cells?")
    assert "Lena founded" in found[0].chunk.text and len(found) <= hops.PIECES
    assert all(page.text[hit.chunk.start : hit.chunk.end] == hit.chunk.text for hit in found)


def test_an_answer_that_tells_only_what_was_found_out_on_the_way_is_none():
    replies = [*ENGLISH[:2], ("Answer from the quotes", "It was founded by Mary Hale. [{}]")]
    pages = [ferry(True), Page("memory:cells", "Corvane Cells makes batteries. It has 1870 workers.", "Cells")]
    found, _ = ask(FOUNDER, replies, pages, 2, [("Mary Hale", 0.1)])
    assert found.status == "abstained" and "not in the quotes" in found.reason


def test_where_the_hops_end_in_nothing_the_plain_searchs_quotes_answer():
    stated = Page("memory:told", "Lena Oduya-Marsh founded the company behind the Sable Wren's battery pack.", "Told")
    plain = ("Answer from the quotes", "Lena Oduya-Marsh founded the company behind the Sable Wren's battery pack. [1]")
    replies = [*ENGLISH[:2], plain, ("译成", "谁?")]
    pages = [stated, ferry(False), Page("memory:cells", "Corvane Cells makes batteries. It has 1870 workers.", "Cells")]
    found, reader = ask(FOUNDER, replies, pages, 1, [("Who founded Corvane Cells", 0.1)])
    wrote = next(prompt for prompt in reader.asked if "Answer from the quotes in full" in prompt.user)
    assert FOUNDER in wrote.user and all(f'"{quote.id}"' in wrote.grammar for quote in found.quotes)


@pytest.mark.parametrize(
    ("question", "page", "name"),
    [
        (
            "How long is the bridge that Ada Kemble designed?",
            "The Lune Bridge, designed by Ada Kemble, is 300 metres long.",
            "Lune Bridge",
        ),
        ("建造静湖边渡船的那家船厂是哪一年创办的？", "建造静湖边渡船的柳洼船厂创办于1958年。", "柳洼船厂"),
    ],
)
def test_a_sentence_that_says_what_was_found_out_may_hold_the_answer_too(question: str, page: str, name: str):
    replies = [
        ("Write its name only|只写它的名称", name),
        ("Answer from the quotes|根据引文用完整的句子回答", f"{page} [1]"),
    ]
    found, _ = ask(question, replies, [Page("memory:one", page, "One")], 1)
    assert found.status == "answered", found.reason
    assert found.text == f"{page}[1]"


def test_samples_of_two_hops_say_what_was_found_out_too():
    found, _ = ask(FOUNDER, ENGLISH, [ferry(False), CELLS], 2, samples=3)
    assert found.status == "answered", found.reason
    assert sources(found) == {"memory:ferry", "memory:cells"} and "agreement" in found.metrics


def test_a_year_that_only_the_page_of_the_first_hop_knows_is_known():
    replies = ENGLISH[1:3]
    found, _ = ask(
        "Who founded the company that made the battery pack of 2022 for the Sable Wren?",
        replies,
        [ferry(True), CELLS],
        2,
    )
    assert "2022" not in CELLS.text.replace("2017", "") and found.status == "answered", found.reason


def test_how_sure_to_be_is_weighed_by_what_was_left_to_ask():
    asked = []

    def weigh(question, quotes, searches, sufficient, fits):
        asked.append((question, [quote.uri for quote in quotes]))
        return 0.9

    ask(FOUNDER, ENGLISH, [ferry(True), CELLS], 2, gate=Gate(weigh, Level(0.2, 0.5, 0.8, 0.2)))
    assert asked == [("Who founded Corvane Cells?", ["memory:cells"])] * 2  # before the draft and after it
