"""The log is offered by audit's own database user, who may append and may change nothing that was appended."""

import pytest

from services.audit.tree.appending import append_waiting
from services.audit.witnesses.offering import Offering
from tests.kit.tenant_place import TenantPlace

pytestmark = pytest.mark.integration


@pytest.fixture
def place(engines, tmp_path):
    """A host of its own, provisioned as any other: its log is filled up here."""
    made = TenantPlace(engines, tmp_path)
    yield made
    made.close()


def test_audits_own_user_fills_up_and_offers_the_log(place):
    """All in one transaction, of which no part is sent so early that it would have to be changed."""
    place.survivor()
    place.pump()
    audit = place.contexts["audit"]
    append_waiting(audit)
    assert Offering(audit).run()
    (day,) = place.database("audit")["witness_days"].find()
    assert day["size"] == 4_096
    assert {row["_id"] for row in place.database("audit")["witnesses"].find()} == {"board", "custodian"}
