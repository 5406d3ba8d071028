"""One whole host for the tests of its HTTP API."""

import pytest

from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="session")
def tenant_place(engines, tmp_path_factory):
    """A host that all tests of its API share; each makes its own survivors."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("tenant"))
    yield place
    place.close()


@pytest.fixture
def place(tenant_place):
    """The host, at real time again."""
    tenant_place.at(None)
    return tenant_place


@pytest.fixture(scope="module", autouse=True)
def _nothing_is_left_to_the_next_module():
    """No module pumps what another one left, thousands of rows that it never asked for, nor works by its settings."""
    yield
    for place in TenantPlace.living:
        place.skip_the_untold()
        place.forget_what_the_host_decided()
