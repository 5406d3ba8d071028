"""A host of the log's own, where audit hears everything; one that others share has thousands of entries."""

import pytest

from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host for the tests of the log."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("audited"))
    place.deaf = ()
    yield place
    place.close()
