"""A second host, for what changes a whole host: several systems, every upload's end."""

import pytest

from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="session")
def several_systems(engines, tmp_path_factory):
    """A host that imports from many systems, so that every upload has to name one."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("tenant"))
    yield place
    place.close()
