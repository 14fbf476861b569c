import json
import threading

import pytest

from rag.config import load
from rag.server.service import Service
from tests.answering.made import asks

BRIDGE = "The Orrin bridge was opened on 4 May 1931 after three years of work.\n\nIt replaced a ferry of 1820.\n"
SCRIPT = {
    "replies": [
        [asks("standalone"), "When was the Orrin bridge opened?"],
        [asks("answer", "fact", question="cost"), "It cost nine crowns."],
        [asks("answer", "fact"), "The Orrin bridge was opened on 4 May 1931."],
    ],
    "choices": [
        [asks("verify", claim="crowns"), 0.02],
        [asks("verify", quotes="1934", claim="4 May 1931"), 0.02],
        [asks("answer", "fits", question="cost"), 0.02],
    ],
}


@pytest.fixture
def config(tmp_path):
    """The path of a configuration with a scripted reader; its index "work" holds a page about a bridge."""
    script, file = tmp_path / "script.json", tmp_path / "vouch.toml"
    script.write_text(json.dumps(SCRIPT), "utf-8")
    file.write_text(
        f'indexes = "{tmp_path / "built"}"\nindex = "work"\n[embedder]\nkind = "hash"\n'
        '[fetch]\nallow_hosts = ["127.0.0.1"]\n'
        f'[reader]\nkind = "scripted"\nmodel = "{script}"\n[checking]\njudge = "reader"\nauditor = ""\n',
        "utf-8",
    )
    (tmp_path / "bridge.txt").write_text(BRIDGE, "utf-8")
    return file


@pytest.fixture
def service(config, tmp_path):
    made = Service.start(load(config))
    assert [one["status"] for one in made.add([str(tmp_path / "bridge.txt")])] == ["added"]
    yield made
    made.close()


@pytest.fixture
def served(service):
    """Serves an application on a port of its own; gives its address."""
    import uvicorn

    running = []

    def serve(app) -> str:
        server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="warning"))
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            thread.join(0.02)
        running.append((server, thread))
        port = server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    yield serve
    for server, thread in running:
        server.should_exit = True
        thread.join()
