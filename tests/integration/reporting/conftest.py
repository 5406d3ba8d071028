"""A host with identity and reporting on real engines."""

import pytest

from tests.kit.host_place import HostPlace


@pytest.fixture(scope="session")
def host_place(engines, tmp_path_factory):
    """One host for all tests of the pages."""
    place = HostPlace(engines, tmp_path_factory.mktemp("host"))
    yield place
    place.close()


@pytest.fixture
def host(host_place):
    """The host, with nothing in it but its people."""
    host_place.clear()
    return host_place
