"""`--web` and `--keep` as a user's shell sees them: a real process, the local search server, a temporary folder."""

import json
import os
import subprocess
import sys

import pytest

from tests.answering.made import asks
from tests.sources.local_site import Site
from tests.web import site as local

SCRIPT = {"replies": [[asks("answer", "fact"), "It was reopened on 12 March 2024."]], "choices": []}
QUESTION = "When was the Lantern Bridge reopened?"


@pytest.fixture
def vouch(tmp_path, town: Site):
    script = tmp_path / "script.json"
    script.write_text(json.dumps(SCRIPT), "utf-8")

    def run(*words: str, web: str = "") -> subprocess.CompletedProcess:
        config = tmp_path / "vouch.toml"
        config.write_text(
            f'indexes = "{tmp_path / "built"}"\nindex = "work"\n[embedder]\nkind = "hash"\n'
            f'[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\nauditor = ""\n'
            + (web or local.settings(town)),
            "utf-8",
        )
        return subprocess.run(
            [sys.executable, "-m", "rag", *words],
            capture_output=True,
            text=True,
            env={**os.environ, "VOUCH_CONFIG": str(config), "VOUCH_HOME": str(tmp_path / "home"), "COLUMNS": "200"},
            check=False,
        )

    return run


def test_a_question_is_answered_from_the_web_and_its_page_kept(vouch, town: Site) -> None:
    asked = vouch("ask", QUESTION, "--web", "--json")  # there is no index at all
    assert asked.returncode == 0, asked.stderr
    told = json.loads(asked.stdout)
    assert told["status"] == "answered" and told["index"] == {"name": "live web", "build": ""}
    assert town.url("/news/lantern-bridge") in [quote["source"] for quote in told["quotes"]]

    kept = json.loads(vouch("ask", QUESTION, "--web", "--keep", "--json").stdout)
    assert town.url("/news/lantern-bridge") in kept["kept"]
    listed = json.loads(vouch("sources", "--json").stdout)["sources"]
    assert {page["uri"] for page in listed} == set(kept["kept"])
    without = json.loads(vouch("ask", QUESTION, "--json").stdout)
    assert without["status"] == "answered" and without["index"]["name"] == "work"


def test_search_on_the_web_shows_hits_and_what_could_not_be_read(vouch, town: Site) -> None:
    found = json.loads(vouch("search", "霁川灯会 鲤鱼灯", "--web", "--json").stdout)
    assert found["hits"][0]["chunk"]["uri"] == town.url("/zh/festival")
    troubled = vouch("search", local.TROUBLE, "--web")
    assert troubled.returncode == 0 and "robots.txt does not allow" in troubled.stderr and "404" in troubled.stderr


@pytest.mark.parametrize(
    ("words", "web", "code", "said"),
    [
        (["ask", QUESTION, "--keep"], "", 2, "use it with --web"),
        (["ask", QUESTION, "--web"], "[web]\n", 1, "No search engine is set"),
        (["ask", QUESTION, "--web"], '[web]\nengine = "brave"\nkey_env = "NO_SUCH_KEY"\n', 1, "NO_SUCH_KEY"),
        (["ask", QUESTION, "--web", "--index", "none"], "", 1, "There is no index none"),
    ],
)
def test_what_cannot_work_gets_a_sentence(vouch, words, web, code, said) -> None:
    ended = vouch(*words, web=web)
    assert ended.returncode == code and said in ended.stderr and "Traceback" not in ended.stderr


def test_a_service_that_is_down_ends_in_an_abstention_that_says_so(vouch) -> None:
    down = '[web]\nengine = "searxng"\naddress = "http://127.0.0.1:9"\n'
    ended = vouch("ask", QUESTION, "--web", web=down)
    assert ended.returncode == 0 and "does not answer" in ended.stderr and "Not answered" in ended.stdout
