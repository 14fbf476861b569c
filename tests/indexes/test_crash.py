"""kill -9 anywhere in a rebuild: the build in use is always a whole one, and the next run ends it and tidies up."""

import logging
import os
import random
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from indexes.rebuild import rebuild
from rag.errors import IndexFault
from rag.index.files import MANIFEST, current_build, staged_build
from rag.index.hashed import HashEmbedder
from rag.index.index import Index

KILLS = 6
PAGES = 30

LAUNCHER = """
import os, signal, sys, time
from pathlib import Path
from indexes import recipe
from indexes.rebuild import rebuild
from rag.config import Config, EmbedderConfig
from rag.index import index as room
from rag.index.hashed import HashEmbedder
from rag.index.wheels import faiss

faiss()  # or every rebuild would spend most of its life on loading it
room.BATCH_CHUNKS = 4  # small turns, so that a kill can strike anywhere in one
made = recipe.read(Path(sys.argv[1]))
config = Config(indexes=sys.argv[2], embedder=EmbedderConfig(kind="hash"))
for line in sys.stdin:  # a rebuild in a process of its own, without a start of the program each time
    since, most = line.split()
    most, calls = float(most), 0
    def tick(frame, event, argument):
        global calls
        calls += 1
        if calls == most:
            os.kill(os.getpid(), signal.SIGKILL)
    def tell(progress):
        if progress.status == "removed" and since == "calls":  # the pages that are gone leave last of all
            sys.setprofile(tick)
    began = time.perf_counter()
    heard, said = os.pipe()
    pid = os.fork()
    if pid == 0:
        rebuild(made, config, HashEmbedder(), tell=tell)
        sys.setprofile(None)
        os.write(said, str(calls).encode())
        os._exit(0)
    os.close(said)
    if since == "seconds" and most:
        time.sleep(most)
        os.kill(pid, signal.SIGKILL)
    counted = os.read(heard, 20).decode()
    status = os.waitpid(pid, 0)[1]
    print(status, counted if since == "calls" and counted else time.perf_counter() - began, flush=True)
    os.close(heard)
"""


def write_version(folder: Path, version: int) -> dict[str, str]:
    """Half of the pages change with every version, one comes and one goes. Gives texts by name."""
    folder.mkdir(exist_ok=True)
    texts = {f"{n}.txt": f"Page {n} is of version {version if n % 2 else 0} of the river." for n in range(PAGES)}
    texts[f"new-{version}.txt"] = f"Only version {version} has this page about the weir."
    for path in folder.iterdir():
        if path.name not in texts:
            path.unlink()
    for name, text in texts.items():
        (folder / name).write_text(text)
    return texts


@pytest.fixture
def launch(tmp_path, config) -> Iterator[Callable[[str, float], tuple[int, float]]]:
    """("seconds", to live from the start on) or ("calls", of functions to live from the first page that is taken out
    on), 0 for as long as it takes -> (how the rebuild ended, after how many)."""
    command = [sys.executable, "-c", LAUNCHER, str(tmp_path / "notes.toml"), str(config.built)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def one(since: str, seconds: float) -> tuple[int, float]:
            assert process.stdin is not None
            assert process.stdout is not None
            process.stdin.write(f"{since} {seconds}\n")
            process.stdin.flush()
            status, took = process.stdout.readline().split()
            return int(status), float(took)

        yield one
        process.communicate()


def in_use(folder: Path) -> dict[str, str]:
    """Texts by name in the build in use, each of them found by both legs; {} where there is none yet."""
    if current_build(folder) is None:
        return {}
    with Index.at(folder, HashEmbedder()) as index:
        index.examine()
        pages = index.pages()
        hits = {hit.chunk.uri for hit in index.search("page version river weir", 10 * PAGES)}
        assert {page.uri for page in pages} == hits
        return {page.uri.rpartition("/")[2]: index.page(page.uri).text for page in pages}


def where(folder: Path) -> str:
    """What a rebuild that was killed had come to."""
    staged = staged_build(folder)
    if staged is None:
        return "before it had begun, or after its build was in use"
    if staged == current_build(folder):
        return "right after CURRENT had moved"
    return "after its caches were made" if (folder / staged / MANIFEST).exists() else "in its build"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_a_killed_rebuild_leaves_a_whole_build_in_use(tmp_path, config, write, embedder, launch, request) -> None:
    """Half of the kills strike at any moment, half at any call after the last page: checks, caches, CURRENT, pruning.
    A busy machine moves moments and not calls."""
    made = write('[[sources]]\nkind = "folder"\npath = "notes"\n')
    notes, folder = tmp_path / "notes", config.built / "notes"
    chance = random.Random(20261122)
    kills = request.config.getoption("kills") or KILLS
    states, longest, struck = [], {}, Counter[str]()
    for version, since in enumerate(["seconds", "seconds", "calls"]):
        states.append(write_version(notes, version))
        status, longest[since] = launch(since, 0)
        assert status == 0
    for version in range(3, kills + 3):
        states.append(write_version(notes, version))
        since = "calls" if version % 2 else "seconds"
        most = chance.uniform(0.001, longest[since])
        status, _ = launch(since, int(most) + 1 if since == "calls" else most)
        assert status in (0, signal.SIGKILL)
        struck[where(folder) if status else "after its end"] += 1
        assert in_use(folder) in states
    logging.getLogger("tests.crash").info("struck %s", dict(struck))  # seen with --log-cli-level INFO
    last = write_version(notes, kills + 3)
    report = rebuild(made, config, embedder)
    assert report.status == "built"
    assert in_use(folder) == last
    left = {path.name for path in folder.iterdir()} - {".lock", ".rebuild.lock"}
    builds = {path.name for path in folder.iterdir() if path.is_dir()}
    assert left == builds | {"CURRENT"}
    assert report.build in builds
    assert len(builds) <= 1 + made.index.keep
    for build in builds:
        names = {path.name for path in (folder / build).iterdir()}
        assert names <= {
            "store.sqlite",
            "store.sqlite-wal",
            "store.sqlite-shm",
            "vectors.faiss",
            "terms",
            "manifest.json",
        }


DISK = """
import os, sys
from pathlib import Path
from rag.errors import IndexFault
os.chdir("/")
from indexes import recipe
from indexes.rebuild import rebuild
from rag.config import Config
from rag.index.hashed import HashEmbedder
from rag.index.index import Index

made, disk = recipe.read(Path(sys.argv[1])), Path(sys.argv[2])
config, notes = Config(indexes=str(disk / "built")), Path(sys.argv[1]).parent / "notes"
print(rebuild(made, config, HashEmbedder()).status)
filler = disk / "filler"
free = os.statvfs(disk)
lines = [f"Line {n} of a long page on rivers and weirs and otter{n}." for n in range(4000)]
(notes / "big.txt").write_text("\\n".join(lines))
for left in (60_000, 250_000, 500_000):
    filler.write_bytes(b"")
    free = os.statvfs(disk)
    filler.write_bytes(b"x" * max(0, free.f_bavail * free.f_frsize - left))
    try:
        print(left, rebuild(made, config, HashEmbedder()).status)
    except IndexFault as fault:
        print(left, fault)
    with Index.at(disk / "built" / "notes", HashEmbedder()) as index:
        print([Path(page.uri).name for page in index.pages()], index.search("otter heron", 1)[0].chunk.uri)
filler.unlink()
print(rebuild(made, config, HashEmbedder()).status)
with Index.at(disk / "built" / "notes", HashEmbedder()) as index:
    index.examine()
    print(sorted(Path(page.uri).name for page in index.pages()))
"""


def test_a_full_disk_is_said_and_costs_nothing(tmp_path, write) -> None:
    write('[[sources]]\nkind = "folder"\npath = "notes"\n')
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "heron.txt").write_text("The heron waits for fish in the shallow water.")
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = f"mount -t tmpfs -o size=6m none {disk} && "
    if subprocess.run(["unshare", "-rm", "sh", "-c", f"{mount}true"], capture_output=True).returncode:
        pytest.skip("this system does not let a test mount a small disk")
    script = f'{mount}exec "$0" -c "$1" "$2" "$3"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", script, sys.executable, DISK, str(tmp_path / "notes.toml"), str(disk)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(__file__).parents[2]), "PATH": "/usr/bin:/bin"},
    )
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert lines[0] == "built"
    for said, there in zip(lines[1:7:2], lines[2:7:2], strict=True):
        assert "oom on the disk" in said or "ake room" in said
        assert there.startswith("['heron.txt']")
    assert lines[7] == "built"
    assert lines[8] == "['big.txt', 'heron.txt']"


# --- damage ---


@pytest.fixture
def built(tmp_path, config, write, embedder):
    """(recipe, folder of the index, folder of the build in use)"""
    made = write('[[sources]]\nkind = "folder"\npath = "notes"\n')
    write_version(tmp_path / "notes", 0)
    rebuild(made, config, embedder)
    write_version(tmp_path / "notes", 1)
    report = rebuild(made, config, embedder)
    folder = config.built / "notes"
    embedder.embedded.clear()
    return made, folder, folder / report.build


def overwrite(path: Path) -> None:
    """Other bytes in the middle."""
    content = bytearray(path.read_bytes())
    at = len(content) // 2
    content[at : at + 64] = b"\xa5" * 64
    path.write_bytes(bytes(content))


@pytest.mark.parametrize("how", ["overwritten", "cut", "empty", "gone"])
@pytest.mark.parametrize("what", ["vectors.faiss", "manifest.json", "terms"])
def test_a_damaged_cache_is_made_again_and_logged(built, embedder, caplog, what: str, how: str) -> None:
    _, folder, build = built
    before = in_use(folder)
    path = build / what
    if what == "terms":
        path = max(path.glob("*.store"), key=lambda file: file.stat().st_size, default=path / "meta.json")
    match how:
        case "overwritten":
            overwrite(path)
        case "cut":
            path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        case "empty":
            path.write_bytes(b"")
        case "gone":
            path.unlink()
    caplog.clear()
    assert in_use(folder) == before
    if how != "gone" or what == "terms":
        assert "again from the store" in caplog.text
        assert str(build / what) in caplog.text
    assert embedder.embedded == []


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_a_truncated_database_is_a_fault_that_names_the_way_back(built, config, embedder, share: float) -> None:
    made, folder, build = built
    store = build / "store.sqlite"
    store.write_bytes(store.read_bytes()[: int(store.stat().st_size * share)])
    (folder.parents[1] / "notes" / "extra.txt").write_text("One more page, so that there is something to do.")
    with pytest.raises(IndexFault, match=r"indexes\.build rollback notes"):
        rebuild(made, config, embedder)
    assert current_build(folder) == build.name

    from rag.index import staging
    from rag.index.files import WriterLock

    staging.roll_back(folder, WriterLock(folder))
    assert rebuild(made, config, embedder).status == "built"
    assert "extra.txt" in in_use(folder)
