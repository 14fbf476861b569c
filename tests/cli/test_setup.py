"""`vouch setup` in a process of its own: a server is found, tried out, used and left again."""

import json
import os
import subprocess
import sys

from rag.generation.fake_server import MODEL, served


def test_a_server_is_used_and_left_again_and_its_key_is_nowhere(tmp_path):
    config = tmp_path / "vouch.toml"
    config.write_text(f'indexes = "{tmp_path}"\n[reader]\nkind = "scripted"\n', "utf-8")
    env = {**os.environ, "VOUCH_HOME": str(tmp_path), "VOUCH_CONFIG": str(config), "DEEPSEEK_API_KEY": "sk-secret"}

    def setup(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [sys.executable, "-m", "rag", "setup", *words]
        return subprocess.run(command, capture_output=True, text=True, env=env, check=False)

    with served() as server:
        address = server.address("good")
        used = setup("--address", address, "--use", MODEL, "--json")
        told = json.loads(used.stdout)
        assert told["current"] == {"model": MODEL, "address": address, "sent_to": ""}
        assert told["trial"]["probabilities"] and told["trial"]["outcomes"] == []  # there is no demo index
        listed = setup("--address", server.address("403"), "--json")
        offers = json.loads(listed.stdout)["offers"]
        assert [one["by"] for one in offers][:2] == ["127.0.0.1", "DeepSeek"] and offers[1]["reader"].startswith(
            "deepseek"
        )
        tried = setup("--address", server.address("good"), "--address", server.address("403"), "--try")
        assert f"| {MODEL} | {address} |" in tried.stdout and "may not use the reader" in tried.stderr
        refused = setup("--address", server.address("403"), "--use", MODEL)
        assert refused.returncode == 1 and "may not use the reader" in refused.stderr
    assert json.loads(setup("--back", "--json").stdout)["current"]["address"] == ""
    assert "sk-secret" not in used.stdout + used.stderr + listed.stdout + (tmp_path / "vouch.reader.toml").read_text()
