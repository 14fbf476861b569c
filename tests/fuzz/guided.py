"""What strangers write, fuzzed by coverage: `python -m tests.fuzz.guided TARGET -max_total_time=300`.

It needs atheris (`pip install atheris==3.0.0`; wheels for Linux), and takes libFuzzer's options. TARGET is `quotes`,
`actions`, `config`, `recipe` or `chunk`. Each says the law that must hold; what breaks it is written to a file by
libFuzzer and ends it.
"""

import sys
import tempfile
from pathlib import Path

import atheris

if sys.argv[1:2] == ["actions"]:
    atheris.enabled_hooks.add("RegEx")  # not elsewhere: its stand-in for a pattern takes no position
with atheris.instrument_imports(include=["rag", "indexes", "tomllib"]):
    from indexes import recipe
    from rag import config
    from rag.browsing.commands import parse
    from rag.browsing.quotes import locate
    from rag.errors import ConfigFault, Fault, NotVerbatim
    from rag.sources.chunk import chunk
    from rag.types import Invalid, Page

SCRATCH = Path(tempfile.mkdtemp(prefix="vouch-fuzz-"))
CONFIG = b'index = "a"\n[reader]\nkind = "local"\nwindow = 4096\n[checking]\nrisk = 0.1\n[fetch]\nallow_hosts = ["a"]\n'
RECIPE = (
    b'[index]\nname = "a"\n[[sources]]\nkind = "folder"\npath = "~/p"\n[[sources]]\nkind = "urls"\n'
    b'addresses = ["https://a.example/"]\nevery = "12h"\n[[sources]]\nkind = "crawl"\nstart = "https://a.example/b/"\n'
)
TEXT = "# The dam\n\nThe dam is 86 metres high. 石榧大坝坝高八十六米。\n\n- It was finished in 1931.\n| a | b |\n"


def quotes(data: bytes) -> None:
    """What is located is a span of the page, and its own text is found, there or where the same stands beside it."""
    provider = atheris.FuzzedDataProvider(data)
    text = provider.ConsumeUnicodeNoSurrogates(200) + TEXT
    start, length = provider.ConsumeIntInRange(0, len(text)), provider.ConsumeIntInRange(0, 60)
    wanted = text[start : start + length] + provider.ConsumeUnicodeNoSurrogates(20)
    page = Page("a", text)
    try:
        first, last = locate(wanted, page, provider.ConsumeIntInRange(0, 300))
    except NotVerbatim:
        assert not wanted.strip() or wanted not in text, wanted
        return
    assert 0 <= first < last <= len(text)
    again = slice(*locate(text[first:last], page, first))
    assert text[again] == text[first:last]


def actions(data: bytes) -> None:
    """Any line is an action, or is told as none, to the letter."""
    line = data.decode("utf-8", "surrogateescape")
    action = parse(line)
    assert not isinstance(action, Invalid) or action.said == line


def settings(data: bytes) -> None:
    """Any file is a configuration, or a fault that names it."""
    file = SCRATCH / "vouch.toml"
    file.write_bytes(data)
    try:
        made = config.load(file)
    except ConfigFault as fault:
        assert "vouch.toml" in str(fault)
        return
    assert made.fingerprint() and made.built


def recipes(data: bytes) -> None:
    """Any file is a recipe, or a fault that names it."""
    file = SCRATCH / "papers.toml"
    file.write_bytes(data)
    try:
        made = recipe.read(file)
    except Fault as fault:
        assert "papers.toml" in str(fault)
        return
    assert made.sources


def chunks(data: bytes) -> None:
    """Chunks stand in the page, in order and within its body, none longer than the embedder takes."""
    provider = atheris.FuzzedDataProvider(data)
    aim = provider.ConsumeIntInRange(1, 60)
    limit = aim + provider.ConsumeIntInRange(0, 60)
    cut = provider.ConsumeIntInRange(0, 400)
    text = provider.ConsumeUnicodeNoSurrogates(600) + TEXT
    body = ((min(cut, len(text)), len(text)),)
    before = 0
    for piece in chunk(Page("a", text, body=body), letters, aim, limit):
        assert text[piece.start : piece.end] == piece.text and piece.text.strip()
        assert body[0][0] <= piece.start < piece.end <= len(text) and before <= piece.start
        assert len(letters(piece.text)) <= limit
        before = piece.start


def letters(text: str) -> list[int]:
    """A tokenizer of one token a letter: where each ends."""
    return [at + 1 for at, letter in enumerate(text) if not letter.isspace()]


TARGETS = {"quotes": quotes, "actions": actions, "config": settings, "recipe": recipes, "chunk": chunks}
SEEDS = {
    "config": CONFIG,
    "recipe": RECIPE,
    "actions": b"Quote: The dam is 86 metres high.\nSearch: dam\nScroll down 2",
}


def main() -> None:
    name, *options = sys.argv[1:]
    corpus = SCRATCH / "corpus"
    corpus.mkdir()
    (corpus / "seed").write_bytes(SEEDS.get(name, TEXT.encode()))
    atheris.Setup([sys.argv[0], str(corpus), f"-artifact_prefix={SCRATCH}/", *options], TARGETS[name])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
