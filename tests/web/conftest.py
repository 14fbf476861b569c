from collections.abc import Iterator

import pytest

from tests.sources.local_site import Site
from tests.web.site import web


@pytest.fixture
def town() -> Iterator[Site]:
    with web() as site:
        yield site
