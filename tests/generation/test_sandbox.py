"""Whatever a program does, it ends in a number or in one sentence that says why not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import Stopped
from rag.generation.sandbox import run


@pytest.mark.parametrize(
    ("program", "value"),
    [
        ("116*114 + 178*157", 41170),
        ("a = 1931\nb = 1958\nanswer = b - a\nanswer", 27),
        ("round(100 * 23 / 92, 1)", 25.0),
        ("sum([3, 4, 5]) / 3", 4.0),
        ("def f(n):\n    return 1 if n < 2 else n * f(n - 1)\nf(20)", 2432902008176640000),
        ("print('not heard')\n7", 7),
        ("12345678901234567890 * 98765432109876543210", 1219326311370217952237463801111263526900),
    ],
)
def test_what_is_computed_is_exact(program, value):
    assert run(program) == value


@pytest.mark.parametrize(
    ("program", "why"),
    [
        ("while True:\n    pass", "longer than 2 s"),
        ("x = 0\nfor i in range(10**12):\n    x += i\nx", "longer than 2 s"),
        ("x = []\nwhile True:\n    x.append('a' * 1000000)", "more than 32 MB"),
        ("'a' * 10**10", "more than 32 MB"),
        ("9**9**9", "more than 32 MB"),
        ("10**100000", "more than 60 digits"),
        ("10**61", "more than 60 digits"),
        ("1e999", "more than 60 digits"),
        ("def f(n):\n    return f(n + 1)\nf(0)", "called itself"),
        ("open('/etc/passwd').read()", "asks for a file"),
        ("open('/tmp/vouch-was-here', 'w').write('x')", "asks for a file"),
        ("import os\nos.listdir('/')", "asks for a file"),
        ("import socket\nsocket.create_connection(('127.0.0.1', 1))", "a module"),
        ("import subprocess\nsubprocess.run(['id'])", "a module"),
        ("__import__('os').system('id')", "a file, the network or a module"),
        ("1 / 0", "divides by zero"),
        ("f(", "does not run"),
        ("'forty'", "no number"),
        ("True", "no number"),
        ("", "no number"),
        ("nothing_here + 1", "does not define|there are none"),
        ("1 + " * 2000 + "1", "characters"),
    ],
)
def test_what_is_hostile_or_broken_is_stopped_and_said_in_a_sentence(program, why):
    with pytest.raises(Stopped, match=why):
        run(program)


@settings(max_examples=25)
@given(st.text(alphabet="0123456789+-*/()% .\n", max_size=40))
def test_any_arithmetic_is_a_number_or_stopped(program):
    try:
        assert isinstance(run(program), int | float)
    except Stopped as stopped:
        assert str(stopped).startswith("The program")


@given(st.lists(st.integers(-(10**9), 10**9), min_size=2, max_size=6))
@settings(max_examples=15)
def test_sums_and_products_are_those_of_python(numbers):
    program = " + ".join(f"({number})" for number in numbers)
    assert run(program) == sum(numbers)
