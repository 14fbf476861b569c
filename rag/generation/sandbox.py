"""Where a program that a model wrote is run: Monty, a Python of its own in another process, which knows no file, no
network, no clock that waits and no module beside its own. The only file that imports pydantic_monty."""

import math
from typing import TYPE_CHECKING, Any

from rag.errors import Stopped

if TYPE_CHECKING:
    from pydantic_monty import ResourceLimits

SECONDS = 2.0
MEMORY = 32 * 2**20  # bytes
DEPTH = 100  # calls within calls
DIGITS = 60  # of a result; a longer one answers nobody
LENGTH = 4000  # characters of a program
_LIMITS: "ResourceLimits" = {
    "max_feed_duration_secs": SECONDS,
    "max_memory": MEMORY,
    "max_recursion_depth": DEPTH,
    "max_suspensions": 0,  # files, network and modules are asked of the host, which is never asked
    "max_total_sleep_secs": 0.0,
}
_WHY = {
    "TimeoutError": f"ran longer than {SECONDS:g} s",
    "MemoryError": f"wanted more than {MEMORY // 2**20} MB",
    "RecursionError": f"called itself more than {DEPTH} times",
    "ZeroDivisionError": "divides by zero",
    "RuntimeError: suspension": "asks for a file, the network or a module, and there are none",
    "ModuleNotFoundError": "asks for a module, and there are none",
    "NameError": "uses a name that it does not define",
}


def run(program: str) -> int | float:
    """The value of the program's last line. Raises Stopped where that is no number, the program is none, or it wants
    what there is not: time, memory, a file, the network, a module."""
    if len(program) > LENGTH:
        raise Stopped("sum.characters", count=len(program), most=LENGTH)
    value = _value(program)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Stopped("sum.no_number", value=repr(str(value)[:40]))
    if abs(value) >= 10**DIGITS or not math.isfinite(value):
        raise Stopped("sum.digits", most=DIGITS)
    return value


def _value(program: str) -> Any:
    import pydantic_monty as monty

    try:
        with (
            monty.Monty(max_processes=1) as pool,
            pool.checkout(limits=_LIMITS, os_policy={"sleep": "zero"}) as session,
        ):
            return session.feed_run(program, print_callback=_silence)
    except monty.MontyError as error:
        said = " ".join(str(error).split())
        why = next((told for kind, told in _WHY.items() if said.startswith(kind)), f"does not run: {said[:120]}")
        raise Stopped("sum.stopped", why=why) from error


def _silence(stream: str, text: str) -> None:
    """What a program prints goes nowhere."""
