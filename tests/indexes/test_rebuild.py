"""A rebuild reads what has changed and nothing else, loses nothing, and never puts a bad build in use."""

import json
import threading
from pathlib import Path

import pytest

from indexes.checks import Check
from rag.errors import IndexFault
from rag.index import staging
from rag.index.files import WriterLock, current_build, staged_build
from rag.index.hashed import HashEmbedder
from rag.index.index import Index
from rag.sources.ingest import ingest
from tests.index.earlier import make_earlier
from tests.indexes.conftest import CountingEmbedder, article, dated
from tests.sources.local_site import redirect, send, tagged

FOLDER = '[[sources]]\nkind = "folder"\npath = "notes"\n'
STRICT = FOLDER + "[checks]\nfree_megabytes = 0\n"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    (folder / "heron.txt").write_text("The heron stands in the shallow water and waits for fish all morning long.")
    (folder / "otter.txt").write_text("The otter swims on its back down the river, and it sleeps there as well.")
    (folder / "茶.txt").write_text("春茶在清明前后采摘，由茶农手工炒制。村里的茶园在山坡上，雾多。")
    return folder


def counts(report) -> tuple[int, int, int, int]:
    return report.added, report.replaced, report.removed, report.unchanged


def asked(site, *paths: str) -> list[str]:
    """The paths asked for since this was last called, robots.txt left out."""
    found = [path for path, _ in site.asked if path != "/robots.txt"]
    site.asked.clear()
    return sorted(found)


# --- folders and files ---


def test_a_folder_is_built_then_left_alone_then_brought_up_to_date(notes, write, run, held, embedder, config) -> None:
    made = write(FOLDER)
    first = run(made)
    assert (first.status, counts(first), first.failed) == ("built", (3, 0, 0, 0), ())
    assert first.embedded == len(embedder.embedded) == 3
    assert (first.pages, first.chunks, first.reused, first.previous) == (3, 3, 0, "")
    embedder.embedded.clear()

    again = run(made)
    assert (again.status, counts(again), again.build) == ("unchanged", (0, 0, 0, 3), first.build)
    assert (again.embedded, again.reused, embedder.embedded) == (0, 3, [])
    assert [path.name for path in (config.built / "notes").iterdir() if path.is_dir()] == [first.build]

    (notes / "otter.txt").unlink()
    (notes / "heron.txt").write_text("The heron has flown away.")
    (notes / "toad.txt").write_text("A toad sits under the stone.")
    third = run(made)
    assert (third.status, counts(third)) == ("built", (1, 1, 1, 1))
    assert sorted(embedder.embedded) == ["heron › The heron has flown away.", "toad › A toad sits under the stone."]
    assert (third.embedded, third.reused, third.previous) == (2, 1, first.build)
    assert held().keys() == {"heron.txt", "茶.txt", "toad.txt"}
    assert held()["heron.txt"] == "The heron has flown away."


def test_a_file_that_was_only_touched_is_not_extracted_into_a_new_build(notes, write, run) -> None:
    made = write(FOLDER)
    first = run(made)
    (notes / "heron.txt").touch()
    (notes / "otter.txt").write_text((notes / "otter.txt").read_text())
    assert run(made).build == first.build


def test_patterns_and_named_files(notes, write, run, held) -> None:
    made = write('[[sources]]\nkind = "files"\npaths = ["notes/*[nr].txt", "notes/missing.txt"]\n')
    report = run(made)
    assert held().keys() == {"heron.txt", "otter.txt"}
    assert [(failure.address.rpartition("/")[2], failure.kept) for failure in report.failed] == [("missing.txt", False)]


def test_a_source_taken_out_of_the_recipe_takes_its_pages_along(notes, tmp_path, write, run, held) -> None:
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "owl.txt").write_text("The owl hunts at night over the fields.")
    run(write(FOLDER + '[[sources]]\nkind = "folder"\npath = "more"\n'))
    assert "owl.txt" in held()
    report = run(write(FOLDER))
    assert counts(report) == (0, 0, 1, 3)
    assert "owl.txt" not in held()


def test_a_folder_that_is_not_mounted_keeps_what_it_had(notes, write, run, held) -> None:
    made = write(FOLDER)
    run(made)
    notes.rename(notes.with_name("elsewhere"))
    report = run(made)
    assert (report.status, counts(report)) == ("unchanged", (0, 0, 0, 3))
    assert [(failure.kept, "does not exist" in failure.error) for failure in report.failed] == [(True, True)]
    assert len(held()) == 3


def test_a_file_that_cannot_be_read_any_more_keeps_its_last_good_version(notes, write, run, held) -> None:
    made = write(FOLDER)
    run(made)
    (notes / "heron.txt").write_bytes(b"\x7fELF\x00 no text at all")
    (notes / "otter.txt").write_text("The otter is gone.")
    report = run(made)
    assert (report.status, counts(report)) == ("built", (0, 1, 0, 2))
    assert [(failure.address.rpartition("/")[2], failure.kept) for failure in report.failed] == [("heron.txt", True)]
    assert held()["heron.txt"].startswith("The heron stands")
    (notes / "heron.txt").write_text("The heron is back.")
    assert counts(run(made)) == (0, 1, 0, 2)


def test_a_source_is_looked_at_again_only_when_it_is_due(notes, write, run) -> None:
    hourly, always = write(FOLDER + 'every = "1h"\n'), write(FOLDER)
    run(hourly)
    (notes / "toad.txt").write_text("A toad sits under the stone.")
    assert run(hourly).status == "unchanged"
    assert counts(run(always)) == (1, 0, 0, 3)


def test_other_chunks_are_cut_from_the_text_that_is_kept(notes, write, run, held, embedder) -> None:
    (notes / "long.txt").write_text("\n".join(f"Sentence {n} speaks of the river and of its banks." for n in range(60)))
    run(write(FOLDER))
    texts = held()
    (notes / "heron.txt").write_bytes(b"\x7fELF\x00 no text at all")  # what fails is cut anew as well
    report = run(write(FOLDER + "[chunk]\ntokens = 40\n"))
    assert report.status == "built"
    assert report.chunks > 10
    assert held() == texts
    assert run(write(FOLDER + "[chunk]\ntokens = 40\n")).status == "unchanged"


def test_another_embedder_embeds_the_kept_text_and_keeps_what_was_added_by_hand(
    notes, tmp_path, write, run, config, embedder
) -> None:
    made = write(FOLDER)
    run(made)
    add_by_hand(config, tmp_path, "owl.txt", "The owl hunts at night over the fields.")
    (notes / "heron.txt").write_bytes(b"\x7fELF\x00 no text at all")
    other = CountingEmbedder(64)
    report = run(made, embedder=other)
    assert (report.status, report.pages, report.embedded, len(report.failed)) == ("built", 4, 4, 1)
    with Index.at(config.built / "notes", HashEmbedder(64)) as index:
        assert index.search("owl", 1)[0].chunk.uri.endswith("owl.txt")
        index.examine()
    assert run(made, embedder=other).embedded == 0


def test_an_earlier_index_is_embedded_again_with_what_was_added_by_hand(
    notes, tmp_path, write, run, held, embedder, config
) -> None:
    made = write(FOLDER)
    first = run(made)
    add_by_hand(config, tmp_path, "owl.txt", "The owl hunts at night over the fields.")
    make_earlier(config.built / "notes" / first.build)
    embedder.embedded.clear()
    planned = run(made, dry_run=True)
    report = run(made)
    assert (report.status, counts(report), report.pages) == ("built", (0, 0, 0, 4), 4)
    assert planned.embedded == report.embedded == len(embedder.embedded) == 4
    assert "owl › The owl hunts at night over the fields." in embedder.embedded
    assert run(made).status == "unchanged"
    assert held().keys() == {"heron.txt", "otter.txt", "茶.txt", "owl.txt"}


# --- by hand ---


def add_by_hand(config, tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / "mine" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    with Index.at(config.built / "notes", HashEmbedder()) as index:
        list(ingest([str(path)], index.put, index.embedder.token_ends, 200, 512, config.fetch))


def test_what_was_added_by_hand_stays(notes, tmp_path, write, run, held, config) -> None:
    made = write(FOLDER)
    run(made)
    add_by_hand(config, tmp_path, "owl.txt", "The owl hunts at night over the fields.")
    assert run(made).status == "unchanged"
    (notes / "toad.txt").write_text("A toad sits under the stone.")
    assert counts(run(made)) == (1, 0, 0, 4)
    assert "owl.txt" in held()


def test_a_page_of_the_recipe_that_was_removed_by_hand_comes_back(notes, write, run, held, config) -> None:
    made = write(FOLDER)
    run(made)
    with Index.at(config.built / "notes", HashEmbedder()) as index:
        assert index.remove((notes / "heron.txt").as_posix())
    assert counts(run(made)) == (1, 0, 0, 2)
    assert "heron.txt" in held()


def test_what_is_added_and_removed_by_hand_during_a_rebuild_is_so_afterwards(
    notes, tmp_path, write, run, held, config
) -> None:
    made = write(FOLDER)
    run(made)
    add_by_hand(config, tmp_path, "owl.txt", "The owl hunts at night over the fields.")
    add_by_hand(config, tmp_path, "fox.txt", "The fox sleeps in its den by day.")
    (notes / "toad.txt").write_text("A toad sits under the stone.")
    meanwhile: list[str] = []

    def act(progress) -> None:
        if progress.status == "added" and not meanwhile:
            meanwhile.append(progress.uri)
            add_by_hand(config, tmp_path, "newt.txt", "The newt lives in the pond behind the mill.")
            add_by_hand(config, tmp_path, "fox.txt", "The fox has moved to another den.")
            with Index.at(config.built / "notes", HashEmbedder()) as index:
                assert index.remove((tmp_path / "mine" / "owl.txt").as_posix())

    assert run(made, tell=act).status == "built"
    assert meanwhile
    assert held().keys() == {"heron.txt", "otter.txt", "茶.txt", "toad.txt", "newt.txt", "fox.txt"}
    assert held()["fox.txt"] == "The fox has moved to another den."


# --- the web ---


def test_pages_that_say_they_have_not_changed_are_not_read_again(site, write, run, held, embedder) -> None:
    site.pages["/a"] = tagged(article("A", "The bridge is four hundred metres long."), '"a1"')
    site.pages["/b"] = dated(article("B", "The ferry crosses the strait twice a day."), "Sat, 21 Nov 2026 10:00:00 GMT")
    site.pages["/c"] = send(article("C", "The lighthouse keeper left in spring."))
    made = write(
        f'[[sources]]\nkind = "urls"\naddresses = ["{site.url("/a")}", "{site.url("/b")}", "{site.url("/c")}"]\n'
    )
    assert counts(run(made)) == (3, 0, 0, 0)
    embedder.embedded.clear()
    assert run(made).status == "unchanged"
    assert asked(site) == ["/a", "/a", "/b", "/b", "/c", "/c"]

    site.pages["/a"] = tagged(article("A", "The bridge was closed for repairs."), '"a2"')
    assert counts(run(made)) == (0, 1, 0, 2)
    assert "closed for repairs" in held()["a"]
    assert any("closed for repairs" in text for text in embedder.embedded)
    assert not any("ferry" in text for text in embedder.embedded)


def test_a_page_that_fails_stays_and_one_that_is_gone_leaves(site, write, run, held) -> None:
    for name in ("a", "b", "c"):
        site.pages[f"/{name}"] = send(article(name, f"This is what the page {name} has to say."))
    made = write(
        f'[[sources]]\nkind = "urls"\naddresses = ["{site.url("/a")}", "{site.url("/b")}", "{site.url("/c")}"]\n'
    )
    run(made)
    site.pages["/a"] = send(b"", status=503)
    site.pages["/b"] = send(b"", status=410)
    report = run(made)
    assert counts(report) == (0, 0, 1, 2)
    assert [(failure.address, failure.kept) for failure in report.failed] == [(site.url("/a"), True)]
    assert held().keys() == {"a", "c"}
    assert [failure.kept for failure in run(made).failed] == [True, False]  # the recipe names what is not there


def test_a_page_that_moved_is_there_once(site, write, run, held) -> None:
    site.pages["/a"] = send(article("A", "The bridge is four hundred metres long."))
    made = write(f'[[sources]]\nkind = "urls"\naddresses = ["{site.url("/a")}"]\n')
    run(made)
    site.pages["/new"] = site.pages["/a"]
    site.pages["/a"] = redirect("/new")
    assert counts(run(made)) == (1, 0, 1, 0)
    assert held().keys() == {"new"}


def test_a_sitemap_of_sitemaps(site, write, run, held) -> None:
    def urlset(*names: str) -> bytes:
        places = "".join(f"<url><loc>{site.url('/' + name)}</loc></url>" for name in names)
        return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{places}</urlset>'.encode()

    for name in ("a", "b", "c", "secret"):
        site.pages[f"/{name}"] = send(article(name, f"This is what the page {name} has to say."))
    site.pages["/robots.txt"] = send(b"User-agent: *\nDisallow: /secret\n", "text/plain")
    site.pages["/one.xml"] = send(urlset("a", "b"), "application/xml")
    site.pages["/two.txt"] = send(f"{site.url('/c')}\n{site.url('/secret')}\n".encode(), "text/plain")
    maps = "".join(f"<sitemap><loc>{site.url(path)}</loc></sitemap>" for path in ("/one.xml", "/two.txt"))
    site.pages["/map.xml"] = send(f"<sitemapindex>{maps}</sitemapindex>".encode(), "application/xml")
    made = write(f'[[sources]]\nkind = "sitemap"\naddress = "{site.url("/map.xml")}"\n')
    report = run(made)
    assert held().keys() == {"a", "b", "c"}
    assert any("/secret" in line and "robots.txt" in line for line in report.skipped)
    assert not any(path == "/secret" for path, _ in site.asked)

    site.pages["/one.xml"] = send(urlset("a"), "application/xml")
    assert counts(run(made)) == (0, 0, 1, 2)
    site.pages["/two.txt"] = send(b"", status=500)  # half a list must not let the other half go
    report = run(made)
    assert (report.status, counts(report)) == ("unchanged", (0, 0, 0, 2))
    assert [failure.kept for failure in report.failed] == [True]


def test_a_feed_keeps_what_falls_off_it(site, write, run, held) -> None:
    def rss(*names: str) -> bytes:
        items = "".join(f"<item><title>{name}</title><link>{site.url('/' + name)}</link></item>" for name in names)
        return f'<rss version="2.0"><channel><title>News</title>{items}</channel></rss>'.encode()

    for name in ("a", "b"):
        site.pages[f"/{name}"] = send(article(name, f"This is what the page {name} has to say."))
    site.pages["/feed"] = send(rss("a"), "application/rss+xml")
    made = write(f'[[sources]]\nkind = "feed"\naddress = "{site.url("/feed")}"\n')
    run(made)
    site.pages["/feed"] = send(rss("b"), "application/rss+xml")
    assert counts(run(made)) == (1, 0, 0, 1)
    del site.pages["/a"]
    assert counts(run(made)) == (0, 0, 1, 1)
    assert held().keys() == {"b"}


def test_a_crawl_keeps_to_its_depth_its_addresses_and_robots(site, write, run, held) -> None:
    site.pages["/docs/"] = tagged(article("Home", "Welcome to the valley.", "one", "private", "/other", "x.zip"), '"0"')
    site.pages["/docs/one"] = tagged(article("One", "The first valley lies in the north.", "two", "./"), '"1"')
    site.pages["/docs/two"] = tagged(article("Two", "The second valley lies in the south.", "three"), '"2"')
    site.pages["/docs/three"] = send(article("Three", "Nobody should get as far as this."))
    site.pages["/docs/private"] = send(article("Private", "Nobody should read this either."))
    site.pages["/other"] = send(article("Other", "This is another part of the site."))
    site.pages["/robots.txt"] = send(b"User-agent: *\nDisallow: /*private$\n", "text/plain")
    made = write(f'[[sources]]\nkind = "crawl"\nstart = "{site.url("/docs/")}"\ndepth = 2\n')
    assert counts(run(made)) == (3, 0, 0, 0)
    assert held().keys() == {"", "one", "two"}
    assert asked(site) == ["/docs/", "/docs/one", "/docs/two"]

    assert run(made).status == "unchanged"  # every page says 304, and its links are remembered
    assert asked(site) == ["/docs/", "/docs/one", "/docs/two"]
    site.pages["/docs/one"] = send(b"", status=500)  # what it led to is still found
    report = run(made)
    assert (report.status, [failure.kept for failure in report.failed]) == ("unchanged", [True])
    site.pages["/docs/"] = send(b"", status=500)
    assert counts(run(made)) == (0, 0, 0, 3)
    site.pages["/docs/"] = send(article("Home", "The valley is closed."))
    assert counts(run(made)) == (0, 1, 2, 0)


def test_a_host_whose_robots_cannot_be_read_is_left_alone(site, write, run) -> None:
    site.pages["/docs/"] = send(article("Home", "Welcome to the valley."))
    site.pages["/robots.txt"] = send(b"", status=503)
    report = run(write(f'[[sources]]\nkind = "crawl"\nstart = "{site.url("/docs/")}"\n'))
    assert report.status == "refused"
    assert asked(site) == []
    assert "robots.txt" in report.failed[0].error


def test_private_addresses_stay_out_of_reach(site, write, run, config) -> None:
    from dataclasses import replace

    from indexes.rebuild import rebuild
    from rag.config import FetchConfig

    site.pages["/a"] = send(article("A", "The bridge is four hundred metres long."))
    made = write(f'[[sources]]\nkind = "sitemap"\naddress = "{site.url("/map.xml")}"\n')
    report = rebuild(made, replace(config, fetch=FetchConfig()), HashEmbedder())
    assert "not a public address" in report.failed[0].error
    assert site.asked == []


def test_a_host_is_asked_by_so_many_at_once_and_no_more(site, write, run) -> None:
    running, most, lock = [0], [0], threading.Lock()
    all_there = threading.Barrier(3, timeout=5)

    def page(body: bytes):
        def answer(request) -> None:
            with lock:
                running[0] += 1
                most[0] = max(most[0], running[0])
            all_there.wait()  # three must be here together, or this fails
            with lock:
                running[0] -= 1
            send(body)(request)

        return answer

    for number in range(9):
        site.pages[f"/{number}"] = page(article(str(number), f"This is what page {number} has to say."))
    addresses = ", ".join(f'"{site.url(f"/{number}")}"' for number in range(9))
    made = write(f'[[sources]]\nkind = "urls"\naddresses = [{addresses}]\n[fetch]\nper_host = 3\n')
    assert counts(run(made)) == (9, 0, 0, 0)
    assert most[0] == 3


# --- what may not come into use ---


def names(checks: tuple[Check, ...]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def test_a_build_that_fails_a_check_is_not_used_and_costs_nothing_the_next_time(
    notes, write, run, held, config, embedder
) -> None:
    good = run(write(STRICT))
    (notes / "toad.txt").write_text("A toad sits under the stone.")
    golden = '[[checks.golden]]\nquery = "toad stone"\nexpect = "{}"\nwithin = 1\n'
    bad = run(write(STRICT + golden.format("heron.txt")))
    assert (bad.status, names(bad.checks)) == ("refused", ["golden"])
    assert current_build(config.built / "notes") == good.build
    assert "toad.txt" not in held()
    embedder.embedded.clear()
    mended = run(write(STRICT + golden.format("toad.txt")))
    assert (mended.status, mended.embedded, embedder.embedded) == ("built", 0, [])
    assert "toad.txt" in held()
    assert not (config.built / "notes" / bad.build).exists()


@pytest.mark.parametrize(
    ("checks", "name"),
    [
        ("min_pages = 9", "pages"),
        ("min_chunks = 9", "chunks"),
        ("free_megabytes = 1000000000", "room"),
        ("max_removed = 0.3", "removed"),
    ],
)
def test_each_check_can_refuse(notes, write, run, checks: str, name: str) -> None:
    run(write(STRICT))
    (notes / "heron.txt").unlink()
    report = run(write(f"{FOLDER}[checks]\n{checks}\n"))
    assert (report.status, names(report.checks)) == ("refused", [name])


def test_too_little_room_is_said_before_anything_is_written(notes, config, write, run) -> None:
    run(write(FOLDER))
    with pytest.raises(IndexFault, match=r"needs about .* MB; the disk has .*prune notes --keep 0"):
        staging.require_room(config.built / "notes", 10**18)


# --- builds ---


def test_older_builds_are_kept_gone_back_to_and_pruned(notes, write, run, held, config) -> None:
    made, folder = write(FOLDER), config.built / "notes"
    builds = [run(made, keep=2).build]
    for number in range(4):
        (notes / "heron.txt").write_text(f"The heron was seen {number} times.")
        report = run(made, keep=2)
        builds.append(report.build)
    assert staging.kept_builds(folder) == builds[2:4]
    assert report.pruned == (builds[1],)
    lock = WriterLock(folder)
    with Index.at(folder, HashEmbedder()) as open_page:
        assert open_page.build == builds[4]
        assert staging.roll_back(folder, lock) == builds[3]
        assert open_page.build == builds[3]  # without being opened again
        assert open_page.search("heron", 1)[0].chunk.text == "The heron was seen 2 times."
    assert staging.roll_back(folder, lock, builds[4]) == builds[4]
    assert held()["heron.txt"] == "The heron was seen 3 times."
    with pytest.raises(IndexFault, match="no build nonsense to go back to"):
        staging.roll_back(folder, lock, "nonsense")
    assert staging.prune(folder, lock, 0) == builds[2:4]
    with pytest.raises(IndexFault, match=r"no older build to go back to\. None is kept"):
        staging.roll_back(folder, lock)
    assert len(held()) == 3


def test_an_open_page_moves_to_the_new_build(notes, write, run, config) -> None:
    made = write(FOLDER)
    run(made)
    with Index.at(config.built / "notes", HashEmbedder()) as open_page:
        before = open_page.build
        (notes / "toad.txt").write_text("A toad sits under the stone.")
        after = run(made).build
        assert open_page.build == after != before
        assert open_page.search("toad", 1)[0].chunk.uri.endswith("toad.txt")


def test_two_rebuilds_at_once_are_refused(notes, write, run, config) -> None:
    made = write(FOLDER)
    with staging.rebuilding(config.built / "notes"), pytest.raises(IndexFault, match="rebuilt by another process"):
        run(made)
    assert run(made).status == "built"


def test_a_dry_run_tells_and_writes_nothing(notes, write, run, held, config, embedder) -> None:
    made = write(FOLDER)
    planned = run(made, dry_run=True)
    assert (planned.status, counts(planned), planned.embedded) == ("planned", (3, 0, 0, 0), 3)
    assert current_build(config.built / "notes") is None
    run(made)
    (notes / "heron.txt").write_text("The heron has flown away.")
    (notes / "otter.txt").unlink()
    embedder.embedded.clear()
    planned = run(made, dry_run=True)
    assert (counts(planned), planned.embedded, embedder.embedded) == ((0, 1, 1, 1), 1, [])
    assert staged_build(config.built / "notes") is None
    assert held()["heron.txt"].startswith("The heron stands")


def test_an_interrupted_run_is_taken_up_where_it_stopped(site, write, run, held, config, embedder) -> None:
    for number in range(20):
        site.pages[f"/{number}"] = send(article(str(number), f"This is what page {number} has to say."))
    addresses = ", ".join(f'"{site.url(f"/{number}")}"' for number in range(20))
    made = write(f'[[sources]]\nkind = "urls"\naddresses = [{addresses}]\n')
    (config.built / "notes").mkdir(parents=True)

    def interrupt(progress) -> None:
        if progress.status == "added":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, tell=interrupt)
    assert current_build(config.built / "notes") is None
    assert staged_build(config.built / "notes")
    spent = len(embedder.embedded)
    assert spent >= 1
    report = run(made)
    assert (report.status, report.resumed, report.pages, report.embedded) == ("built", True, 20, 20 - spent)
    assert len(embedder.embedded) == len(set(embedder.embedded)) == 20
    assert len(held()) == 20
    assert staged_build(config.built / "notes") is None


def test_what_an_interrupted_run_put_in_and_is_gone_since_is_not_taken_for_added_by_hand(
    notes, tmp_path, write, run, held, config
) -> None:
    made = write(FOLDER)
    run(made)
    add_by_hand(config, tmp_path, "owl.txt", "The owl hunts at night over the fields.")
    (notes / "toad.txt").write_text("A toad sits under the stone.")

    def interrupt(progress) -> None:
        if progress.status == "added":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(made, tell=interrupt)
    (notes / "toad.txt").unlink()
    report = run(made)
    assert (report.resumed, counts(report)) == (True, (0, 0, 0, 4))
    assert held().keys() == {"heron.txt", "otter.txt", "茶.txt", "owl.txt"}


def test_a_recipe_gives_tags_that_stay_beside_those_of_the_pages_and_of_people(notes, write, run, config) -> None:
    def tags() -> dict[str, tuple[str, ...]]:
        with Index.at(config.built / "notes", HashEmbedder()) as index:
            return {Path(page.uri).name: page.tags for page in index.pages()}

    (notes / "heron.md").write_text("---\ntags: bird, Water\n---\nThe heron stands in the shallow water.", "utf-8")
    (notes / "heron.txt").unlink()
    assert run(write(f'{FOLDER}tags = ["notes", "water"]\n')).status == "built"
    assert tags()["heron.md"] == ("bird", "Water", "notes") and tags()["otter.txt"] == ("notes", "water")
    with Index.at(config.built / "notes", HashEmbedder()) as index:
        index.tag([(notes / "otter.txt").as_posix()], give=["seen"], take=["water"])
    assert run(write(f'{FOLDER}tags = ["notes", "water"]\n')).status == "unchanged"
    (notes / "otter.txt").write_text("The otter swims on its back, and it sleeps there as well.", "utf-8")
    assert run(write(f'{FOLDER}every = "7d"\ntags = ["wild", "water"]\n')).replaced == 3
    assert tags()["otter.txt"] == ("wild", "seen") and tags()["heron.md"] == ("bird", "Water", "wild")
    assert run(write(f'{FOLDER}every = "7d"\ntags = ["wild", "water"]\n')).status == "unchanged"


def test_the_manifest_names_the_recipe(notes, write, run, config) -> None:
    made = write(FOLDER)
    report = run(made)
    manifest = json.loads((config.built / "notes" / report.build / "manifest.json").read_text())
    assert (manifest["recipe"], manifest["pages"], manifest["chunks"]) == (made.sha256, 3, 3)
