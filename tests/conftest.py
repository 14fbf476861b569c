"""No test is timed: a busy machine must not fail one."""

from hypothesis import settings

settings.register_profile("vouch", deadline=None)
settings.load_profile("vouch")


def pytest_addoption(parser) -> None:
    parser.addoption("--kills", type=int, default=0, help="how many kill -9 a crash test strikes; 0: few, as usual")
