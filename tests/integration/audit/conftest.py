"""A host of the log's own, where audit hears everything; one that others share has thousands of entries."""

import pytest

from tests.kit.audited import COLLECTIONS
from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host for the tests of the log."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("audited"))
    place.deaf = ()
    yield place
    place.close()


@pytest.fixture
def context(place):
    """Audit of a host in whose log nothing stands yet."""
    for collection in COLLECTIONS:
        place.database("audit")[collection].delete_many({})
    (place.contexts["audit"].settings.data_dir / "audit-checkpoint").unlink(missing_ok=True)
    return place.contexts["audit"]


@pytest.fixture
def database(place, context):
    """Audit's database, in the hands of its administrator."""
    return place.database("audit")
