"""No test is timed: a busy machine must not fail one. VOUCH_FUZZ=nightly tries fifty times as many examples."""

import os

from hypothesis import settings

settings.register_profile("vouch", deadline=None)
settings.register_profile("nightly", deadline=None, max_examples=5000)
settings.load_profile(os.environ.get("VOUCH_FUZZ", "vouch"))


def pytest_addoption(parser) -> None:
    parser.addoption("--kills", type=int, default=0, help="how many kill -9 a crash test strikes; 0: few, as usual")
