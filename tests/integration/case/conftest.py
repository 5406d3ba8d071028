"""More hosts, for what changes a whole host: several systems, every upload's end, thousands of people."""

import pytest

from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="session")
def host_of_several_systems(engines, tmp_path_factory):
    """A host that imports from many systems, so that every upload has to name one."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("tenant"))
    yield place
    place.close()


@pytest.fixture
def several_systems(host_of_several_systems):
    """The host of several systems, at real time again."""
    return host_of_several_systems


@pytest.fixture
def place_of_its_own(engines, tmp_path):
    """A host of one test alone: whoever it leaves is missing from every file that another test would import."""
    place = TenantPlace(engines, tmp_path)
    yield place
    place.close()
