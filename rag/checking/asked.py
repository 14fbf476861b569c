"""What kind of thing a question asks for, and whether a text gives one of that kind.

A page that speaks of the thing and lacks the fact yields true sentences that answer nothing: "How much did it cost?",
"It was built in 41 months." Small models do not see it; a sentence without any sum of money is plain to see.
"""

import re
from typing import Literal

Kind = Literal["money", "number", "date"]

_PRICE_ZH = "(?:票价|造价|售价|价格|单价|批发价|零售价|报名费|门票费|费用|成本)"
_MONEY_ASKED = re.compile(
    r"多少钱|多少[美欧日港]?元|几(?:元|块钱)|花了?多少|花费多少|值多少|多贵"
    rf"|多少的?{_PRICE_ZH}|{_PRICE_ZH}(?:大约|大概|是|呢)*[?？]?$"  # and not who bears it, or why it rises:
    rf"|{_PRICE_ZH}[^，,。?？谁哪何怎什吗涨跌升降增减]{{0,15}}?(?:多少(?![人个名位家座条次年天])|几何|多高)"
    r"|\bhow (?:much (?:money|(?:did|does|do) .* (?:cost|pay|earn|spend)|was paid|is the (?:fee|ticket|fare|price))"
    r"|expensive)\b|\bwhat (?:did|does|do|will|would) .* cost\b|\b(?:at|for) what (?:price|cost|fee|fare|salary)\b"
    r"|\bwhat (?:is|was|were|are|will be) (?:(?!(?:of|for|in|behind|between|on|to)\b)[\w'’-]+ ){0,5}?"
    r"(?:prices?|costs?|fees?|fares?|salary|budget)\b",
    re.IGNORECASE,
)
_NUMBER_ASKED = re.compile(
    r"多少(?!有[点些]|带[点些]|[都也算])|(?<![许很众诸最更])多[大高长深久重远宽厚快老]|比例(?!尺)|百分之几|几(?=[个名位人次年天月座条口道岁层级倍成种只艘家场所辆公米])"
    r"|\bhow (?:many|long|high|tall|deep|wide|thick|far|old|fast|heavy|large|big)\b"
    r"|\bhow much\b|\bwhat (?:percentage|proportion|share|number) of\b",
    re.IGNORECASE,
)
_DATE_ASKED = re.compile(
    r"哪一?[年天日月]|何时|什么时候|什么日期|几[月号点]|\bwhen (?:did|was|were|is|are|will|does|do|has|had|can)\b"
    r"|\b(?:what|which|on what|in what|in which) (?:year|date|day|month)\b|\bwhat time\b",
    re.IGNORECASE,
)
_FIGURE = (
    r"(?:\d|[〇零一二两三四五六七八九十百千万亿半]|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    r"|(?:thir|four|fif|six|seven|eigh|nine)(?:teen|ty)|twenty|forty|eighty|hundred|thousand|million|billion|dozens?"
    r"|half|third|quarter|twice|double|once|none|nobody)\b)"
)
_CURRENCY = (
    r"(?:元|块|毛钱|分钱|角钱|美金|英镑|日圆|卢布|法郎|免费|免費|[$£€¥￥₩₽₹]|\b(?:yuan|renminbi|rmb|dollars?|cents?|pounds?"
    r"|pence|euros?|yen|crowns?|francs?|marks?|rou?bles?|rupees?|pesos?|won|lira|usd|eur|gbp|cny|free)\b)"
)
_GIVES = {
    "money": re.compile(f"{_CURRENCY}", re.IGNORECASE),
    "number": re.compile(_FIGURE, re.IGNORECASE),
    "date": re.compile(
        r"\d|[〇零一二三四五六七八九十]+[年月日号点]|世纪|年代|去年|今年|明年|昨天|今天|春|夏|秋|冬"
        r"|\b(?:january|february|april|june|july|august|september|october|november|december|springs?|summers?|autumns?"
        r"|winters?|century|centuries|(?:mon|tues|wednes|thurs|fri|satur|sun)days?|noon|midnight|yesterday|today|tomorrow"
        # as other words they are written small, or begin a sentence
        r"|(?-i:March|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun))\b"
        r"|(?<=[\w,(] )(?-i:May)\b",
        re.IGNORECASE,
    ),
}
_YEAR = re.compile(r"(?<![\d.,$£€¥￥])(?:1[0-9]|20)\d\d(?![\d%]|[.,]\d|(?!s\b)[A-Za-z])")
# What makes a count, or the number of a standard, of four digits.
_COUNTED = re.compile(
    r"\s?(?:多|余(?!姚)|[吨噸米元块人户个個次只台页頁字亩畝度克名间間座棵株公里千百万萬亿億斤升秒辆輛匹艘架册栋幢颗枚箱袋瓶杯毫厘]"
    r"|头(?!部)|tonn?e?s?\b|[ckm]?m\b|kg\b|km2?\b|metres?\b|meters?\b|miles?\b|feet\b|people\b|crowns?\b|dollars?\b|pounds?\b"
    r"|euros?\b|yuan\b|hectares?\b|steps\b)"
)
_MANY = re.compile(
    r" (?:men|women|children|sheep|cattle|(?!(?:is|was|has|its|his|this|as|does|us|plus|across)\b)[a-z]{2,}s)\b"
)
_DATED = re.compile(
    r"\b(?:(?i:the|for|in|on|since|by|from|to|until|till|before|after|during|around|circa|year|early|late|mid|spring|summer"
    r"|autumn|winter|of)|[A-Z]\w+|\d (?:and|or))[ -]$|[\d),–-] ?$"
)
_NUMBERED = re.compile(r"(?:\b(?:IEEE|ISO|IEC|RFC|DIN|ASTM|EN|BS|GB(?:/T)?|No\.?) ?|第)$")


def kind_asked(question: str) -> Kind | None:
    """money, number or date; None where it asks for something else."""
    if _MONEY_ASKED.search(question):
        return "money"
    if _DATE_ASKED.search(question):
        return "date"
    return "number" if _NUMBER_ASKED.search(question) else None


def gives(kind: Kind, text: str) -> bool:
    """Whether `text` holds anything of that kind at all."""
    return _GIVES[kind].search(text) is not None


def years(text: str) -> set[str]:
    """The years 1000 to 2099 that stand in `text` as four digits, not as a count of something."""
    return {found.group() for found in _YEAR.finditer(text) if not _counts(text, *found.span())}


def _counts(text: str, start: int, end: int) -> bool:
    before = text[max(0, start - 12) : start]
    if _COUNTED.match(text, end) or _NUMBERED.search(before):
        return True
    return _MANY.match(text, end) is not None and not _DATED.search(before)
