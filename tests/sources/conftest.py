from collections.abc import Iterator

import pytest

from tests.sources.local_site import Site, serve


@pytest.fixture
def site() -> Iterator[Site]:
    with serve() as made:
        yield made
