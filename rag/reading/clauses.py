"""A question that describes a thing by a clause, taken apart by the clause: which thing it is, and the rest.

In doubt it is not: a question cut inside its predicate finds nothing, and whoever reads it can take it apart instead.
"""

import re

from rag.reading.depends import tagged

_AUXILIARY = "do|does|did|is|are|was|were|can|could|will|would|has|have|had"
_WORD = r"(?!(?:whose|which|that|where|who|whom)\b)[\w'’-]+"
_CLAUSE = re.compile(
    rf"\bthe (?P<noun>(?:{_WORD} ){{0,3}}?{_WORD}(?: \([^()]*\))?)"
    r" (?P<clause>(?:(?:for|on|in|at|of|to|by|from|with|over|under) )?(?:whose|which|that|where|who|whom) .+)$"
)
_BARE = re.compile(r"(?:who|what|which) (?:is|was|are|were) (?:the name of )?", re.IGNORECASE)
_ASKING = re.compile(r"(?:[A-Z]\w* )?(?:what|which|whose|who|whom|when|where|why|how)\b", re.IGNORECASE)
_UNASKED = re.compile(
    rf"(?:in|at|on|under|from|to|by|for|with) (?:what|which)\b(?!.*\b(?:{_AUXILIARY})\b)", re.IGNORECASE
)
# Heads whose own verb is still to come: "When was the bridge that …", "Which part of the …", "What makes the …".
_UNDONE = re.compile(
    rf".*\b(?:{_AUXILIARY}) |(?!.*\b(?:{_AUXILIARY}|who|whom)\b).* of |(?:which|what|how many|how much) of "
    r"|(?:what|which|how (?:many|much)) (?!\w+ed )[\w'’-]+ (?:at|by|for|from|in|near|on|under|with) "
    r"|what (?:makes?|made|lets?|keeps?|kept|helps?|helped|causes?|caused) ",
    re.IGNORECASE,
)
# "How tall is the tower that …" needs none, where nothing after the clause may belong to it.
_HOW_IS = re.compile(
    r"how (?!close|far|long was|long were|much|often|soon|well)\w+ (?:is|are|was|were) ", re.IGNORECASE
)
# "Where was the painter born who …": the verb stands before the clause.
_DONE = re.compile(
    r"(?P<noun>.+(?<! be)) (?P<verb>born|bought|built|buried|closed|completed|composed|created|designed|destroyed"
    r"|discovered|established|filmed|formed|found|founded|held|introduced|invented|kept|killed|launched|made|opened"
    r"|painted|printed|produced|published|rebuilt|recorded|released|restored|shown|signed|sold|started|written)$"
)
_IS = re.compile(r".*\b(?:is|are|was|were) $", re.IGNORECASE)
_MORE = re.compile(r"\b(?:after|before|during|from|since|than|until|when|while)\b")
_ANOTHER = re.compile(r"(?:,|\band) (?:how|what|when|where|which|who|whom|whose|why)\b|\bcompared (?:to|with)\b")
# What has no name: "the people who", "the day that", "the claim that".
_NAMELESS = re.compile(
    r"(?:^| )(?:people|persons|men|women|children|ones?|days?|times?|moments?|dates?|years?|months?|ways?|reasons?"
    r"|extent|degree|facts?|claims?|ideas?|beliefs?|news|theory|evidence|possibility|chance)$"
)
_TAIL = re.compile(rf" (?=(?:{_AUXILIARY}) (?:the|a|an|its?|they|he|she|[A-Z]))")
_AHEAD = re.compile(
    r"(?P<place>(?:(?:At|In|On|For|Of|From|To|By) )?)[Tt]he (?P<thing>[^,:]+)(?P<mark>[,:]) (?P<rest>.+)"
)
_PRONOUN = re.compile(r"\b(?:it|he|she|they)\b")

_MEASURES = "个家座条位艘片所种部本款只名间次"
_CLAUSE_ZH = re.compile(
    rf"(?P<said>.{{4,}}的)那(?P<measure>[{_MEASURES}])(?P<noun>[^，,？?。的是有在叫]{{1,8}})"
    r"(?:[，,]\s*(?P<pronoun>[它他她]的|那里的|[它他她])?|(?=[是有在叫的]|一共))(?P<rest>.+)"
)
_ASKS_ZH = re.compile("为什么|为何|什么|谁|哪|多少|怎|如何|^(?:这|那|[它他她]们?)是")
_NAMELESS_ZH = frozenset(re.findall(r"\w+", "时候 时间 时刻 时期 年代 原因 理由 办法 方法 方式 情况 问题 消息 说法"))
_PART_ZH = re.compile(
    "(?:总部|总公司|老板|创始人|创办人|董事长|[校院所馆会台队站市县镇村州省]长|总裁|总经理|经理|主席|作者|妻子|丈夫|父亲|母亲|儿子"
    "|女儿|名字|名称|全名|原名|前身|首都|首府|省会|面积|人口|高度|长度|全长|海拔|地址|位置|年龄|生日|国籍|员工|价格|票价|产量)$"
)
_TWO_ZH = re.compile(
    rf"(?P<first>.*哪(?P<thing>[{_MEASURES}]\w{{1,6}})[^？?]*[？?])\s*(?P<then>.*那(?P=thing).*)", re.DOTALL
)


def apart(question: str, place: str) -> tuple[str, str] | None:
    """(which thing it is, the rest with `place` for it), or None where the clause is not plain."""
    said = question.strip()
    return _apart_zh(said, place) or _apart_en(said, place)


def only_describes(question: str) -> bool:
    """Whether nothing is asked but who or what it is that a clause describes: "Who was the man that …?"."""
    found = _last_the(question.strip())
    return bool(found and _BARE.fullmatch(question.strip()[: found.start()]) and not _CLAUSE.search(found["clause"]))


def _apart_en(question: str, place: str) -> tuple[str, str] | None:
    if ahead := _AHEAD.fullmatch(question):
        found = _last_the(f"the {ahead['thing']}")
        if not found or found.start() or not _ASKING.search(ahead["rest"]) or _NAMELESS.search(found["noun"]):
            return None
        rest = ahead["rest"]
        then = _PRONOUN.sub(place, rest, count=1) if ahead["mark"] == ":" else f"{ahead['place']}{place}, {rest}"
        return (f"What is the name of the {ahead['thing']}?", then) if place in then else None
    found = _last_the(question)
    if not found or not _ASKING.match(question) or ". " in question or _NAMELESS.search(found["noun"]):
        return None
    head, clause, tail = question[: found.start()], found["clause"].rstrip("?？. "), ""
    noun, done = found["noun"], _DONE.fullmatch(found["noun"]) if _IS.fullmatch(head) else None
    if done:
        noun, tail = done["noun"], f" {done['verb']}"
        if _NAMELESS.search(noun) or _ANOTHER.search(clause):
            return None
    elif _UNASKED.match(head):  # what is asked comes after the clause: "At what height over the reef that … do …?"
        ends = [cut.start() for cut in _TAIL.finditer(clause)]
        if not ends:
            return None
        clause, tail = clause[: ends[-1]], clause[ends[-1] :]
    elif _ANOTHER.search(clause) or (_MORE.search(clause) if _HOW_IS.fullmatch(head) else _UNDONE.fullmatch(head)):
        return None
    return f"What is the name of the {noun} {clause}?", f"{head}{place}{tail}?"


def _last_the(question: str) -> re.Match[str] | None:
    """The thing that the first clause describes: what follows the last "the" before it."""
    found, at = None, 0
    while match := _CLAUSE.search(question, at):
        if found and match.start("clause") > found.start("clause"):
            break
        found, at = match, match.start() + 1
    return found


def _apart_zh(question: str, place: str) -> tuple[str, str] | None:
    if two := _TWO_ZH.fullmatch(question):
        return two["first"], two["then"].replace(f"那{two['thing']}", place, 1)
    if found := _CLAUSE_ZH.fullmatch(question):
        noun = _noun_zh(found["noun"], found["measure"], question[found.end("noun")])
        if not noun or _ASKS_ZH.search(found["said"]):
            return None
        rest = found["noun"][len(noun) :] + found["rest"]
        link = "的" if (found["pronoun"] or "").endswith("的") else ""
        gap = " " if rest[0].isdigit() else link
        return f"{found['said']}是哪{found['measure']}{noun}？", f"{place}{gap}{rest}"
    return None


def _noun_zh(text: str, measure: str, after: str) -> str:
    """The noun that `text` begins with, `after` being the character that comes after it: all of it, or what stands
    before a verb ("人|出生") or a part of the thing ("公司|总部"); "" where that is not plain."""
    whole = after in "，,"
    part = _PART_ZH.search(text, 2)
    if part and measure not in "位名":  # who is counted by these is a person, and no part of what stands before
        return _noun_zh(text[: part.start()], measure, after) if measure != "个" else ""
    words = tagged(text)
    count = next((at for at, (_, tag) in enumerate(words) if tag[0] in "vd"), len(words)) if len(words) > 1 else 1
    if not count or (whole and count < len(words)) or any(tag[0] == "n" for _, tag in words[count:]):
        return ""
    last, tag = words[count - 1]
    plain = whole or all(before[0] in "ab" for _, before in words[: count - 1])
    # "那部法国的" is no country; one character is what it is, whatever it is taken for
    named = tag[0] not in "abt" and (
        after != "的" or (tag[0] == "n" and (tag[:2] not in ("nr", "ns") or len(last) == 1))
    )
    if not plain or not named or last in _NAMELESS_ZH or any(tag[0] in "cptu" for _, tag in words[:count]):
        return ""
    return "".join(word for word, _ in words[:count])
