"""The register of purposes: whole, and of its lists."""

import pytest

from services.consent.purposes.register import PURPOSES
from shared.codelists.lists import get
from shared.kernel.tenancy import TENANT_SERVICES


def test_every_purpose_stands_there_once_and_no_other():
    """In the order of the list, so that nobody asks about one of which nothing is known."""
    assert tuple(PURPOSES) == get("consent_purpose").codes


@pytest.mark.parametrize("purpose", PURPOSES.values(), ids=lambda one: one.code)
def test_each_names_recipients_data_and_services_of_their_lists(purpose):
    """At least one of each, none twice."""
    for names, known in (
        (purpose.recipients, get("recipient_class").codes),
        (purpose.data_classes, get("data_class").codes),
        (purpose.held_by, TENANT_SERVICES),
    ):
        assert names
        assert len(set(names)) == len(names)
        assert set(names) <= set(known)
    assert purpose.why.endswith(".")
