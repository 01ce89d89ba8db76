"""One site for all tests of this room; each begins with an empty memory."""

from collections.abc import Iterator

import pytest

from tests.lookups.site import HOME, PUBLIC, Site, serving


@pytest.fixture(scope="module")
def _site() -> Iterator[Site]:
    with serving() as site:
        yield site


@pytest.fixture
def site(_site: Site) -> Site:
    _site.names = {HOME: [PUBLIC]}
    _site.records = {}
    _site.asked.clear()
    _site.connected.clear()
    _site.is_online = True
    _site.redirection = ""
    return _site
