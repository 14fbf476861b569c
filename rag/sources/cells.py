"""A value as Excel shows it, by its number format."""

import datetime
import re
from decimal import Decimal

_ID = re.compile(r"0[0-]*0")  # a format such as 00000 or 000-0000: of a number that is a name
_LITERAL = re.compile(
    r'"([^"]*)"|\\(.)|\[\$([^\]-]*)[^\]]*\]|\[[^\]]*\]|[_*].'
)  # kept, but for a colour, a condition and room
_SECTION = re.compile(r';(?=(?:[^"]*"[^"]*")*[^"]*$)')  # for numbers above 0, below it, 0 itself
_CONDITION = re.compile(r"\[[<>=]")
_SIGN = re.compile(r"[()]|(?<!\w)-(?!\w)")  # of a number below 0
_PLACES = re.compile(r"General|[#0?][#0?.,]*(?:E[+-]0+)?", re.I)


def shown(value: object, form: str) -> str:
    """A value as Excel shows it by the number format `form`, with all its digits: 7.5% is 0.075 in the file, 37:30 a
    duration, 00734 a number, €12.5M 12500000. No midnight after a date nor a day in a month, no ".0" after a whole
    number."""
    match value:
        case bool():
            return str(value).upper()
        case datetime.datetime() if "y" in (said := _LITERAL.sub("", form).lower()) and not set("dhs") & set(said):
            return value.strftime("%Y-%m" if "m" in said else "%Y")
        case datetime.datetime():
            return value.isoformat(" ") if value.time() != datetime.time() else value.date().isoformat()
        case datetime.timedelta():
            minutes, seconds = divmod(int(value.total_seconds()), 60)
            return f"{minutes // 60}:{minutes % 60:02}" + (f":{seconds:02}" if seconds else "")
        case int() | float() if "%" in form.split(";")[0]:
            return f"{_digits(Decimal(format(value, '.15g')) * 100)}%"
        case int() if value >= 0 and _ID.fullmatch(bare := re.sub(r'[\\"]', "", form)):
            digits = str(value).zfill(bare.count("0"))
            return digits[: -bare.count("0")] + _filled(bare, digits[-bare.count("0") :])
        case int() | float():
            return _with_unit(value, form)
        case _:
            return str(value)


def _with_unit(value: int | float, form: str) -> str:
    """A number with the words and signs that its format puts beside it, which tell dollars from euros and thousands
    from ones; "" where the format shows nothing."""
    sections = _SECTION.split(form)
    wanted = 1 if value < 0 else 2 if value == 0 else 0
    section = sections[wanted if wanted < len(sections) else 0]
    literals: list[str] = []

    def kept(found: re.Match[str]) -> str:
        literals.append(next(filter(None, found.groups()), ""))
        return "\0"

    bare = _LITERAL.sub(kept, section)
    places = _PLACES.findall(bare)
    if not places and "@" not in bare:
        return "".join(literals).strip()
    before = after = core = ""
    if len(places) == 1 and not _CONDITION.search(form):  # else a fraction, a phone number, one of several scales
        core, left = places[0], iter(literals)
        before, after = (_SIGN.sub("", re.sub("\0", lambda _: next(left), side)) for side in bare.split(core, 1))
    thousands = len(core) - len(core.rstrip(","))
    number = abs(Decimal(value if isinstance(value, int) else format(value, ".15g")))  # 0.1 + 0.2 is 0.3 in Excel
    digits = str(number) if isinstance(value, int) and not thousands else _digits(number.scaleb(-3 * thousands))
    return f"{'-' if value < 0 else ''}{before.lstrip()}{digits}{after.rstrip()}"


def _filled(form: str, digits: str) -> str:
    """The digits in the places of the zeros of `form`, as many."""
    left = iter(digits)
    return "".join(next(left) if place == "0" else place for place in form)


def _digits(value: Decimal) -> str:
    """Without an exponent, unless the number has more digits than are kept."""
    return format(value.normalize(), "f") if value.adjusted() < 15 else format(float(value), ".15g")
