"""A whole host whose people sign in with a browser."""

import pytest

from tests.kit.pages_place import PagesPlace


@pytest.fixture(scope="session")
def pages_place(engines, tmp_path_factory):
    """One host for all tests of these pages."""
    place = PagesPlace(engines, tmp_path_factory.mktemp("pages"))
    yield place
    place.close()


@pytest.fixture
def host(pages_place):
    """The host, with nobody in it but its own people."""
    pages_place.at(None)
    pages_place.clear()
    return pages_place
