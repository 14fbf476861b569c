"""The transcripts of the four clients in the documentation are what they say."""

import subprocess
import sys

from rag.config import REPOSITORY


def test_the_transcripts_are_what_the_clients_say():
    made = subprocess.run(
        [sys.executable, "-m", "examples", "--scripted"], cwd=REPOSITORY, capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stderr
    kept = (REPOSITORY / "docs" / "clients.md").read_text("utf-8")
    assert made.stdout == kept, "make it anew: python -m examples --scripted > docs/clients.md"
