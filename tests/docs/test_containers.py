"""The container files, read: they name what there is, and publish nothing beyond this machine."""

import re

import pytest
import typer
import yaml

from rag.__main__ import app
from rag.config import REPOSITORY

DOCKERFILE = (REPOSITORY / "Dockerfile").read_text("utf-8")
COMPOSE = yaml.safe_load((REPOSITORY / "compose.yaml").read_text("utf-8"))


def test_every_file_that_is_copied_is_there():
    copied = [words.split()[1:-1] for words in re.findall(r"^COPY .+", DOCKERFILE, re.MULTILINE)]
    for name in (name for names in copied for name in names):
        assert list(REPOSITORY.glob(name)), name


@pytest.mark.parametrize("service", COMPOSE["services"])
def test_a_service_runs_a_command_that_there_is_and_is_published_here_alone(service):
    told = COMPOSE["services"][service]
    vouch, command, *options = told["command"]
    known = typer.main.get_command(app).commands
    assert vouch == "vouch" and command in known
    with known[command].make_context(command, list(options), resilient_parsing=False) as context:
        assert context is not None
    assert all(port.startswith("127.0.0.1:") for port in told["ports"])
    assert {volume.split(":")[0] for volume in told["volumes"]} <= set(COMPOSE["volumes"])
    extra = told["build"]["args"]["EXTRA"] if isinstance(told["build"], dict) else ""
    assert not extra or (REPOSITORY / f"requirements-{extra}.txt").exists()
