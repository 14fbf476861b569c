"""Another embedder in the configuration: the index goes on with its own until it is embedded anew."""

from dataclasses import replace

import pytest

from indexes.migrate import refresh
from rag import wiring
from rag.config import Config, EmbedderConfig
from rag.generation.fake_server import served
from rag.index.files import current_build
from rag.index.staging import kept_builds
from rag.sources.ingest import ingest

TEXTS = {
    "salt.txt": "Salt was carried along the road.",
    "tea.txt": "Tea is picked before the rain.",
    "茶.txt": "春茶在清明前采摘。",
}


class BrokenOff(Exception):
    pass


@pytest.fixture
def before(tmp_path) -> Config:
    """With the index `notes` of three pages, made with the hashed embedder."""
    config = Config(indexes=str(tmp_path / "built"), embedder=EmbedderConfig("hash"))
    for name, text in TEXTS.items():
        (tmp_path / name).write_text(text, "utf-8")
    add(config, *(str(tmp_path / name) for name in TEXTS))
    return config


@pytest.fixture
def now(before):
    with served() as server:
        yield replace(before, embedder=EmbedderConfig("ollama", "fake-vectors", server.address("ollama")))


def opened(config: Config):
    return wiring.index(config, "notes", wiring.embedder(config, "notes"), create=True)


def add(config: Config, *files: str) -> None:
    with opened(config) as index:
        list(ingest(list(files), index.put, index.embedder.token_ends, 200, 512, config.fetch))


def test_it_answers_with_its_own_embedder_and_then_with_the_new_one(before, now, tmp_path, caplog):
    (tmp_path / "owl.txt").write_text("The owl hunts at night.")
    add(now, str(tmp_path / "owl.txt"))
    assert "python -m indexes.migrate notes" in caplog.text
    with opened(now) as index:
        assert index.embedder.name == "hash-256" and "owl" in index.search("owl at night", 1)[0].chunk.uri
    told = []
    done = refresh(now, "notes", wiring.embedder(now), lambda *how: told.append(how))
    assert (done.pages, done.embedded, told[-1]) == (4, 4, (4, 4))
    with opened(now) as index:
        assert index.embedder.name.startswith("fake-vectors@") and len(index.pages()) == 4
        index.examine()
    assert wiring.embedder_of(before, "notes") == now.embedder
    assert refresh(now, "notes", wiring.embedder(now)).embedded == 0


def test_what_is_broken_off_leaves_the_old_build_in_use_and_goes_on_later(before, now):
    folder = before.built / "notes"
    build = current_build(folder)

    def stop(done: int, total: int) -> None:
        raise BrokenOff

    with pytest.raises(BrokenOff):
        refresh(now, "notes", wiring.embedder(now), stop)
    assert current_build(folder) == build and wiring.embedder_of(now, "notes") == before.embedder
    with opened(now) as index:
        assert index.search("salt road", 1)[0].chunk.uri.endswith("salt.txt")
    again = refresh(now, "notes", wiring.embedder(now))
    assert (again.pages, again.embedded) == (3, 0)
    assert kept_builds(folder) == [build]


def test_another_device_or_key_is_no_other_embedder(before):
    assert (
        wiring.embedder_of(replace(before, embedder=replace(before.embedder, device="cuda")), "notes").device == "cuda"
    )
