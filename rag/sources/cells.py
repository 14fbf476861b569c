"""A value as Excel shows it, by its number format."""

import datetime
import re
from decimal import Decimal

_ID = re.compile(r"0[0-]*0")  # a format such as 00000 or 000-0000: of a number that is a name


def shown(value: object, form: str) -> str:
    """A value as Excel shows it by the number format `form`, with all its digits: 7.5% is 0.075 in the file, 37:30 a
    duration, 00734 a number. No midnight after a date, no ".0" after a whole number."""
    match value:
        case bool():
            return str(value).upper()
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
        case int():
            return str(value)
        case float():
            return _digits(Decimal(format(value, ".15g")))  # 0.1 + 0.2 is 0.3 in Excel, which keeps 15 digits
        case _:
            return str(value)


def _filled(form: str, digits: str) -> str:
    """The digits in the places of the zeros of `form`, as many."""
    left = iter(digits)
    return "".join(next(left) if place == "0" else place for place in form)


def _digits(value: Decimal) -> str:
    """Without an exponent, unless the number has more digits than are kept."""
    return format(value.normalize(), "f") if value.adjusted() < 15 else format(float(value), ".15g")
