from collections.abc import Iterator

import pytest

from tests.attack import files
from tests.attack.cases import CASES
from tests.attack.ground import Case, Ground, opened, tried


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    with opened(tmp_path_factory.mktemp("attack")) as made:
        yield made


QUICK = [case for case in CASES if case.group != "files" or case.name not in files.SLOW]


@pytest.mark.parametrize("case", QUICK, ids=lambda case: f"{case.group}: {case.name}")
def test_it_does_not_come_through(case: Case, ground: Ground) -> None:
    assert tried(case, ground)
