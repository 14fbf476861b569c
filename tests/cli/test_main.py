"""The command line as a user's shell sees it: a real process, real files, a temporary folder of indexes."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import replace

import pytest

from rag import __version__
from rag.history.conversations import Conversations
from rag.history.conversations import Kept as Turn
from rag.history.feedback import Feedback, Pair
from rag.history.notes import Notes
from rag.history.works import Works
from tests.answering.made import asks
from tests.history.test_conversations import ANSWER
from tests.sources.made_sources import docx, paragraph
from tests.sources.test_apart import LONG
from tests.sources.workers import busy, ends, needs_proc

BRIDGE = "The Orrin bridge was opened on 4 May 1931 after three years of work.\n\nIt replaced a ferry of 1820.\n"
SCRIPT = {
    "replies": [
        [asks("restate"), "奥林大桥于1913年5月4日通车。"],
        [asks("draft"), "The Orrin bridge was opened on 4 May 1913. It replaced a ferry."],
        [asks("answer", "fact", question="cost"), "It cost nine crowns."],
        [asks("answer", "fact"), "The Orrin bridge was opened on 4 May 1931."],
        [asks("answer", "name"), "4 May 1931"],
        [asks("probe"), "Question: When was the Orrin bridge opened?\nAnswer: 4 May 1931\n"],
    ],
    "choices": [
        [asks("verify", claim="crowns|4 May 1913"), 0.02],
        [asks("answer", "fits", question="cost"), 0.02],
        [asks("verify", quotes="1932|1934", claim="4 May 1931"), 0.02],
        [asks("verify", claim="4 May 1820"), 0.02],
    ],
}


@pytest.fixture
def vouch(tmp_path):
    script = tmp_path / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    config = tmp_path / "vouch.toml"
    config.write_text(
        f'indexes = "{tmp_path / "built"}"\nindex = "work"\n[embedder]\nkind = "hash"\n'
        f'[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\n'
        'auditor = ""\n',
        "utf-8",
    )

    def run(*words: str, given: str = "") -> subprocess.CompletedProcess:
        return subprocess.run(
            [sys.executable, "-m", "rag", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "VOUCH_CONFIG": str(config), "COLUMNS": "200"},
            input=given,
            check=False,
        )

    return run


@pytest.fixture
def bridge(tmp_path):
    file = tmp_path / "bridge.txt"
    file.write_text(BRIDGE, "utf-8")
    return file


def test_ask_prints_both_sides_of_what_sources_dispute(vouch, bridge, tmp_path):
    other = tmp_path / "other.txt"
    other.write_text("The Orrin bridge was opened on 9 June 1934.", "utf-8")
    assert vouch("add", str(bridge), str(other)).returncode == 0
    told = vouch("ask", "When was the Orrin bridge opened?")
    assert told.returncode == 0, told.stderr
    disputed = told.stdout.split("sources disagree:")[1]
    assert "1931" in disputed.splitlines()[0] and "1934" in disputed.splitlines()[0]
    assert "4 May 1931" in disputed and "9 June 1934" in disputed
    assert "read 20" in disputed


def test_a_person_drives_the_run_and_the_trail_is_kept(vouch, bridge):
    assert vouch("add", str(bridge)).returncode == 0
    typed = ["Search bridge", "Clicked on link 1", "Quote: was opened━1931", "nonsense", "End: Answer"]
    told = vouch("ask", "When was the Orrin bridge opened?", "--policy", "hand", "--json", given="\n".join(typed))
    assert told.returncode == 0, told.stderr
    answer = json.loads(told.stdout)
    assert answer["status"] == "answered" and [one["text"] for one in answer["quotes"]] == ["was opened on 4 May 1931"]
    done = [(step["command"], step.get("setback", False)) for step in answer["steps"]]
    assert done[:4] == [(line, line == "nonsense") for line in typed[:4]] and done[-1][0] == typed[-1]
    assert "♦Past actions" in told.stderr and "♦" not in told.stdout

    assert vouch("replay", answer["id"]).returncode == 0
    ended = vouch("ask", "When was the Orrin bridge opened?", "--policy", "hand", "--json", given="Search bridge\n")
    assert json.loads(ended.stdout)["status"] == "abstained"


def test_the_version_is_told(vouch):
    assert vouch("--version").stdout == f"vouch {__version__}\n"


def test_add_ask_search_sources_and_remove(vouch, bridge):
    added = vouch("add", str(bridge), "--json")
    assert added.returncode == 0, added.stderr
    told = json.loads(added.stdout)
    assert (told["added"], told["failed"], told["index"]["name"]) == (1, 0, "work")
    assert f"added {bridge}" in added.stderr

    asked = json.loads(vouch("ask", "When was the Orrin bridge opened?", "--json").stdout)
    assert asked["status"] == "answered" and asked["sentences"][0]["verdict"] == "supported"
    for quote in asked["quotes"]:
        assert BRIDGE[quote["start"] : quote["end"]] == quote["text"]
    assert asked["index"] == told["index"]

    found = json.loads(vouch("search", "ferry", "-k", "1", "--json").stdout)
    assert len(found["hits"]) == 1 and "ferry" in found["hits"][0]["chunk"]["text"]
    listed = json.loads(vouch("sources", "--json").stdout)["sources"]
    assert [page["uri"] for page in listed] == [str(bridge)]

    assert json.loads(vouch("add", str(bridge), "--json").stdout)["unchanged"] == 1
    bridge.write_text(BRIDGE.replace("1931", "1932"), "utf-8")
    assert json.loads(vouch("add", str(bridge), "--json").stdout)["replaced"] == 1
    assert "1932" in json.loads(vouch("search", "opened", "--json").stdout)["hits"][0]["chunk"]["text"]

    assert json.loads(vouch("remove", str(bridge), "--json").stdout)["removed"] == [str(bridge)]
    assert json.loads(vouch("sources", "--json").stdout)["sources"] == []
    gone = json.loads(vouch("ask", "When was the Orrin bridge opened?", "--json").stdout)
    assert gone["status"] == "abstained" and gone["quotes"] == []


def test_only_some_sources_are_searched_and_asked(vouch, bridge, tmp_path):
    other = tmp_path / "letters" / "ferry.md"
    other.parent.mkdir()
    other.write_text("# A letter\n\nThe ferry was sold for nine crowns.", "utf-8")
    assert vouch("add", str(bridge), str(other)).returncode == 0

    def found(*words: str) -> set[str]:
        hits = json.loads(vouch("search", "ferry", "--json", *words).stdout)["hits"]
        return {hit["chunk"]["uri"] for hit in hits}

    assert found() == {str(bridge), str(other)}
    assert found("--only", str(other.parent)) == found("--kind", "markdown") == found("--only", "*.md") == {str(other)}
    asked = json.loads(vouch("ask", "When was the Orrin bridge opened?", "--json", "--only", "*.md").stdout)
    assert {quote["source"] for quote in asked["quotes"]} <= {str(other)}
    chat = json.loads(vouch("chat", "--json", "--only", "*.md", given="When was the Orrin bridge opened?\n").stdout)
    assert {quote["source"] for quote in chat["turns"][0]["answer"]["quotes"]} <= {str(other)}
    nothing = vouch("ask", "When was the Orrin bridge opened?", "--until", "1900")
    assert nothing.returncode == 2 and "None of the 2 sources" in nothing.stderr


def test_sources_are_tagged_as_they_come_or_later_and_asked_by_their_tags(vouch, bridge, tmp_path):
    other = tmp_path / "letters" / "ferry.md"
    other.parent.mkdir()
    other.write_text("---\ntags: [letter, Boat]\n---\n# A letter\n\nThe ferry was sold for nine crowns.", "utf-8")
    assert vouch("add", str(bridge), "--tag", "River", "--tag", "1931").returncode == 0
    assert vouch("add", str(other)).returncode == 0

    def found(*words: str) -> set[str]:
        hits = json.loads(vouch("search", "ferry", "--json", *words).stdout)["hits"]
        return {hit["chunk"]["uri"] for hit in hits}

    assert found("--tag", "river") == {str(bridge)} and found("--tag", "boat") == {str(other)}
    assert found("--tag", "1931", "--tag", "letter") == {str(bridge), str(other)}
    told = json.loads(vouch("tag", str(other.parent), "letter", "--remove", "--json").stdout)
    assert told["tags"] == {str(other): ["Boat"]}
    assert vouch("tag", "*bridge*", "steel").returncode == 0
    assert vouch("add", str(bridge), str(other)).returncode == 0
    listed = json.loads(vouch("sources", "--json").stdout)["sources"]
    assert {page["uri"]: page["tags"] for page in listed} == {
        str(bridge): ["River", "1931", "steel"],
        str(other): ["Boat"],
    }
    assert vouch("tag", str(other), "#").returncode == 2
    assert vouch("search", "ferry", "--tag", "nothing").returncode == 2


def test_what_is_printed_for_people_has_the_answer_its_verdict_and_its_quote(vouch, bridge):
    vouch("add", str(bridge))
    shown = vouch("ask", "When was the Orrin bridge opened?")
    assert shown.returncode == 0
    assert "was opened on 4 May 1931.[1]  ✓ supported" in shown.stdout
    abstained = vouch("ask", "How much did the Orrin bridge cost?")
    assert abstained.returncode == 0 and "Not answered: " in abstained.stdout
    assert "nine crowns" not in abstained.stdout
    assert "nine crowns" in abstained.stderr and "a draft; it is taken back" in abstained.stderr


def test_a_risk_needs_the_small_judge_and_is_a_share(vouch, bridge):
    vouch("add", str(bridge))
    assert vouch("ask", "When was the Orrin bridge opened?", "--risk", "7").returncode == 2
    without = vouch("risks")
    assert without.returncode == 2 and "encoder" in without.stderr
    asked = json.loads(vouch("ask", "When was the Orrin bridge opened?", "--risk", "0.1", "--json").stdout)
    assert asked["risk"] is None and asked["metrics"]["answerable"] is None


@pytest.mark.parametrize(
    ("words", "code", "remedy"),
    [
        (["ask", "Anything?"], 1, "vouch add"),
        (["ask", " "], 2, "empty"),
        (["search", ""], 2, "empty"),
        (["check", "nothing.txt"], 2, "Name a document"),
        (["check", "-"], 2, "empty"),
        (["search", "ferry", "--kind", "scroll"], 2, "pdf"),
        (["search", "ferry", "--since", "May"], 2, "2024-05"),
        (["ask", "Anything?", "--web", "--only", "x"], 2, "--web"),
        (["stats", "--by", "moon"], 2, "Use one of: day"),
        (["no-such-command"], 2, "No such command"),
        (["add"], 2, "Missing argument"),
    ],
)
def test_bad_input_gets_a_sentence_and_an_exit_code(vouch, words, code, remedy):
    ended = vouch(*words)
    assert ended.returncode == code
    assert remedy in ended.stderr and "Traceback" not in ended.stderr


def test_one_bad_source_does_not_stop_the_others(vouch, bridge, tmp_path):
    empty = tmp_path / "empty.pdf"
    empty.touch()
    ended = vouch("add", str(empty), str(bridge), "--json")
    told = json.loads(ended.stdout)
    assert ended.returncode == 1 and (told["added"], told["failed"]) == (1, 1)
    assert next(source["error"] for source in told["sources"] if source["status"] == "failed")


@needs_proc
def test_ctrl_c_ends_the_file_that_is_being_read_and_keeps_what_was_before(vouch, bridge, tmp_path):
    long, later = tmp_path / "long.docx", tmp_path / "zebra.txt"
    long.write_bytes(LONG)
    later.write_text("The zebra stands behind.", "utf-8")
    command = [sys.executable, "-m", "rag", "add", str(bridge), str(long), str(later), "--json"]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(
        command, env={**os.environ, "VOUCH_CONFIG": str(tmp_path / "vouch.toml")}, **streams
    ) as adding:
        worker = busy(adding.pid, {})
        adding.send_signal(signal.SIGINT)
        assert ends(worker)
        told, said = adding.communicate()
    outcomes = {one["uri"]: (one["status"], one["error"]) for one in json.loads(told)["sources"]}
    assert adding.returncode == 1 and "Stopped" in said
    assert outcomes[str(bridge)] == ("added", "") and str(later) not in outcomes
    assert outcomes[str(long)][0] == "failed" and "not read" in outcomes[str(long)][1]
    listed = json.loads(vouch("sources", "--json").stdout)["sources"]
    assert [page["uri"] for page in listed] == [str(bridge)]


def test_removing_what_is_not_there_is_wrong_use(vouch, bridge):
    vouch("add", str(bridge))
    ended = vouch("remove", "nothing.txt")
    assert ended.returncode == 2 and "vouch sources" in ended.stderr


def test_a_wrong_configuration_names_the_key(vouch, tmp_path):
    (tmp_path / "vouch.toml").write_text("[reader]\ntemperature = 1\n", "utf-8")
    ended = vouch("sources")
    assert ended.returncode == 1 and "reader.temperature" in ended.stderr


PASTED = "The Orrin bridge was opened on 4 May 1913. It replaced a ferry of 1820. It cost nine crowns."


def test_a_text_is_checked_reported_and_counted(vouch, bridge, tmp_path):
    vouch("add", str(bridge))
    report = tmp_path / "report.md"
    ended = vouch("check", "-", "--json", "--markdown", str(report), given=PASTED)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert [claim["verdict"] for claim in told["claims"]] == ["refuted", "supported", "not found"]
    assert all(PASTED[claim["start"] : claim["end"]] for claim in told["claims"])
    assert told["revised"].startswith("The Orrin bridge was opened on 4 May 1931.[1] It replaced a ferry of 1820.[1]")
    assert "~~1913~~ **1931**" in report.read_text("utf-8")
    file = tmp_path / "pasted.txt"
    file.write_text(PASTED, "utf-8")
    shown = vouch("check", str(file))
    assert "≠ refuted" in shown.stdout and "– not found" in shown.stdout and told["revised"] in shown.stdout
    page = tmp_path / "pasted.docx"
    page.write_bytes(docx(paragraph(PASTED)))
    assert "≠ refuted" in vouch("check", str(page)).stdout
    assert json.loads(vouch("stats", "--json").stdout)["checks"]["refuted"] == 3


def test_a_closed_book_draft_is_shown_and_revised(vouch, bridge):
    vouch("add", str(bridge))
    shown = vouch("ask", "--draft", "When was the Orrin bridge opened?")
    assert shown.returncode == 0 and "4 May 1913" in shown.stderr
    assert "The Orrin bridge was opened on 4 May 1931.[1] It replaced a ferry.[" in shown.stdout


def test_stats_exit_with_3_when_an_alarm_is_crossed_and_recheck_lists_what_is_gone(vouch, bridge, tmp_path):
    assert json.loads(vouch("stats", "--json").stdout)["total"] is None
    assert vouch("stats").stdout == "No answers yet.\n"
    assert vouch("stats", "--days", "7").stdout == "No answers in the last 7 days.\n"
    vouch("add", str(bridge))
    vouch("ask", "When was the Orrin bridge opened?")
    vouch("ask", "How much did the Orrin bridge cost?")
    quiet = vouch("stats", "--json", "--by", "language", "--days", "7")
    told = json.loads(quiet.stdout)
    assert quiet.returncode == 0 and told["alarms"] == []
    assert [(row["language"], row["answers"], row["abstained"]) for row in told["groups"]] == [("en", 2, 1)]
    config = tmp_path / "vouch.toml"
    config.write_text(config.read_text("utf-8") + "[alarms]\nmin_answers = 2\nabstained = 0.4\n", "utf-8")
    loud = vouch("stats", "--json")
    assert loud.returncode == 3 and [alarm["name"] for alarm in json.loads(loud.stdout)["alarms"]] == ["abstained"]
    shown = vouch("stats").stdout
    assert "abstained 0.5 (n 2), limit 0.4" in shown
    assert "…" not in shown and max(map(len, shown.splitlines())) <= 80
    assert "precision" in shown and "50%" in shown and "of 2" in shown
    assert json.loads(vouch("recheck", "--json").stdout) == {"rechecked": 1, "hold": 1, "no_longer": []}
    bridge.write_text(BRIDGE.replace("1931", "1932"), "utf-8")
    vouch("add", str(bridge))
    gone = json.loads(vouch("recheck", "--json").stdout)
    assert (gone["rechecked"], gone["hold"]) == (1, 0)
    assert gone["no_longer"][0]["verdict"] == "refuted" and "1932" in gone["no_longer"][0]["quotes"][0]["text"]


def test_doctor_tells_what_is_missing(vouch):
    told = json.loads(vouch("doctor", "--json").stdout)
    assert {check["name"] for check in told["checks"]} >= {"python", "faiss", "gpu", "disk"}


def test_replay_export_and_forget(vouch, bridge, tmp_path):
    assert vouch("add", str(bridge)).returncode == 0
    asked = vouch("ask", "When was the Orrin bridge opened?", "--json")
    number = json.loads(asked.stdout)["id"]
    bridge.unlink()
    for folder in (tmp_path / "built").glob("work*"):
        folder.rename(tmp_path / "gone")  # neither the source nor its index is there any more

    again = vouch("replay", number[:6])
    assert again.returncode == 0 and "byte-equal" in again.stdout and "4 May 1931" in again.stdout, again.stderr
    assert json.loads(vouch("replay", "last", "--json").stdout)["equal"] is True
    assert json.loads(vouch("export", number, "--format", "json").stdout)["id"] == number
    assert "# When was the Orrin bridge opened?" in vouch("export", number).stdout
    written = tmp_path / "sources.bib"
    assert vouch("export", number, "--format", "bib", "--to", str(written)).returncode == 0
    assert "@misc{bridge" in written.read_text("utf-8")
    assert vouch("export", number, "--format", "pdf").returncode == 2
    assert vouch("export", number, "--to", str(tmp_path / "no" / "where")).returncode == 2

    store = Conversations(tmp_path / "built" / "conversations.sqlite")
    made = store.begin("me", "When was the Orrin bridge opened?", {})
    store.keep("me", made, Turn("t1", "v1", "When was the Orrin bridge opened?", "", replace(ANSWER, id=number), ""))
    pairs = Feedback(tmp_path / "built" / "feedback.sqlite")
    pairs.add(Pair("When was the Orrin bridge opened?", {"id": number}, {"id": "another"}, "a", "b", "tie"))

    notes = Notes(tmp_path / "built" / "notes.sqlite")
    note = notes.begin("me", "Bridges")
    notes.add("me", note, "answer", {"id": number, "question": "When was the Orrin bridge opened?"})
    works = Works(tmp_path / "built" / "works.sqlite")
    works.add(works.begin("me", "table", "work"), number, "Orrin", '"When was the Orrin bridge opened?"')

    assert vouch("forget").returncode == 2 and vouch("forget", "last", "--older-than", "3").returncode == 2
    assert vouch("forget", "--older-than", "1").stdout == "0 forgotten\n"
    assert json.loads(vouch("forget", number, "--json").stdout) == {"forgotten": [number]}
    assert vouch("replay", number).returncode == 2
    assert not [file for file in (tmp_path / "built").glob("*.sqlite*") if b"Orrin" in file.read_bytes()]
    assert store.of("me") == [] and not list(pairs.lines()) and not notes.open("me", note).entries
    assert works.of("me", "table") == []


def test_a_sum_is_computed_and_shown_with_its_program(vouch, bridge):
    assert vouch("add", str(bridge)).returncode == 0
    told = vouch("ask", "What is 116*114 + 178*157?")
    assert told.returncode == 0, told.stderr
    assert "116*114 + 178*157 = 41170" in told.stdout and "= computed" in told.stdout
    assert "answer = 116*114 + 178*157" in told.stdout
    [sentence] = json.loads(vouch("ask", "116*114 + 178*157", "--json").stdout)["sentences"]
    assert sentence["computation"]["value"] == "41170" and sentence["verdict"] == "supported"


def test_what_is_removed_leaves_the_files_and_what_still_holds_it_is_told(vouch, bridge, tmp_path):
    other = tmp_path / "kingfisher.txt"
    other.write_text("The kingfisher of Orrin dives like nothing else on that river.", "utf-8")
    assert vouch("add", str(bridge), str(other)).returncode == 0
    asked = json.loads(vouch("ask", "When was the Orrin bridge opened?", "--json").stdout)
    removed = vouch("remove", str(bridge), str(other))
    assert removed.returncode == 0 and f"vouch forget {asked['id']}" in removed.stdout
    files = [path for path in (tmp_path / "built" / "work").rglob("*") if path.is_file()]
    assert not [path for path in files if b"dives like nothing" in path.read_bytes()]
    assert not [path for path in files if b"after three years" in path.read_bytes()]
    vouch("forget", asked["id"])
    kept = [path for path in (tmp_path / "built").rglob("*") if path.is_file()]
    assert not [path for path in kept if b"after three years" in path.read_bytes()]


def test_a_table_asks_each_source_alone_and_is_written_as_csv(vouch, bridge, tmp_path):
    twin = tmp_path / "bridge.txt.old"  # an address that begins like the other's
    twin.write_text("The Orrin ferry ran from 1820.\n", "utf-8")
    assert vouch("add", str(bridge), str(twin)).returncode == 0
    to = tmp_path / "table.csv"
    made = vouch("table", "-c", "When was the Orrin bridge opened?", "--only", str(bridge), "--out", str(to), "--json")
    assert made.returncode == 0, made.stderr
    first, second = json.loads(made.stdout)["cells"]
    assert first["text"] == "4 May 1931" and first["verdict"] == "supported"
    for cell, file in ((first, bridge), (second, twin)):
        assert {quote["source"] for quote in cell["answer"]["quotes"]} == {str(file)}
    assert "1931" in to.read_text("utf-8") and str(bridge) in to.read_text("utf-8")
    wrong = vouch("table", "-c", "cost", "--out", str(tmp_path / "table.pdf"))
    assert wrong.returncode == 2 and ".xlsx" in wrong.stderr
    assert vouch("table", "-c", "cost", "--only", "nowhere").returncode == 2
    nowhere = vouch("table", "-c", "When was the Orrin bridge opened?", "--out", str(tmp_path / "none" / "table.csv"))
    assert nowhere.returncode == 2 and "cannot be written" in nowhere.stderr
    assert not re.search(r"^\d+/\d+ ", nowhere.stderr, re.MULTILINE)  # said before anything is asked


def test_a_table_that_is_broken_off_has_the_rows_that_were_answered(vouch, bridge, tmp_path):
    other, to = tmp_path / "dam.txt", tmp_path / "table.csv"
    other.write_text("The Orrin dam was opened in 1820, and it was closed again.\n", "utf-8")
    assert vouch("add", str(bridge), str(other)).returncode == 0
    answered = [[asks("answer", "fact", passages="4 May 1931"), "The Orrin bridge was opened on 4 May 1931."]]
    script = {"replies": [*answered, [asks("answer", "name"), "4 May 1931"]], "choices": []}
    (tmp_path / "script.json").write_text(json.dumps(script), "utf-8")
    ended = vouch("table", "-c", "When was the Orrin bridge opened?", "--out", str(to))
    assert ended.returncode == 1 and "1/2" in ended.stderr  # of the other page the reader knows no answer
    _, first, second = csv.reader(to.read_text("utf-8-sig").splitlines())
    assert str(bridge) in first and "4 May 1931" in first
    assert str(other) in second and "4 May 1931" not in second


def test_an_index_is_tested_on_itself_and_the_figures_are_kept(vouch, tmp_path):
    file = tmp_path / "long.txt"
    file.write_text(
        BRIDGE + "Its two towers are of granite, and its chains were forged in the valley below.\n", "utf-8"
    )
    assert vouch("add", str(file)).returncode == 0
    made = vouch("test", "-n", "1", "--json")
    assert made.returncode == 0, made.stderr
    told = json.loads(made.stdout)
    assert told["n"] == 1 and told["asked"][0]["outcome"] == "right" and told["figures"]["right"]["value"] == 1.0
    stats = json.loads(vouch("stats", "--json").stdout)
    assert [row["name"] for row in stats["evaluations"]] == ["self-test work"] and not stats["total"]
