"""A sandbox, provisioned as any host is."""

import pytest

from shared.kernel.tenancy import SANDBOX
from tests.kit.tenant_place import TenantPlace


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host of invented people whose public facts come to the store."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("sandbox"), begins=SANDBOX)
    place.deaf = ("audit",)
    yield place
    place.close()
