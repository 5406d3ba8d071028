"""A receipt has the fields of ISO/IEC TS 27560, says what the ledger says, and names no member of staff."""

import json
from datetime import UTC, datetime, timedelta

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import Entry
from services.consent.ledger.terms import Terms
from services.consent.purposes.documents import Basis
from services.consent.purposes.register import PURPOSES
from services.consent.receipts.receipt import receipt_of, schema
from shared.codelists.lists import get

NOW = datetime(2026, 8, 1, tzinfo=UTC)
STAFF = "0f0e0d0c-1111-4222-8333-444455556666"
BASIS = Basis(
    article6="LEGITIMATE_INTERESTS_6_1_F", article9="EXPLICIT_CONSENT_9_2_A", controller="Host Rowan",
    contact="The data protection officer, by telephone", keeps_months=96, stated_by=STAFF, stated_at=NOW,
)  # fmt: skip
CHECK = jsonschema.Draft202012Validator(schema(), format_checker=jsonschema.FormatChecker())


def line(status="GIVEN", *, said=0, superseded=False, data=None, **values):
    at = NOW + timedelta(days=said)
    return Entry(
        status=status, said_at=at, recorded_at=at, actor_id=STAFF, source="DIRECT", superseded=superseded,
        terms=Terms(data_classes=data), **values,
    )  # fmt: skip


def ledger(*lines, purpose="AGGREGATE_STATISTICS"):
    return Consent(id="c", survivor_id="s", purpose=purpose, entries=lines, version=3)


LINES = st.builds(
    line,
    st.sampled_from(get("consent_status").codes),
    said=st.integers(0, 400),
    superseded=st.booleans(),
    wording_code=st.none() | st.just("w1"),
    text_hash=st.none() | st.just("a" * 64),
    language=st.none() | st.just("cy"),
    method=st.none() | st.just("WRITTEN"),
)


@given(st.lists(LINES, max_size=5), st.sampled_from(tuple(PURPOSES)), st.none() | st.just(BASIS))
def test_every_ledger_has_a_receipt_of_the_right_shape(lines, purpose, basis):
    """Whatever was said, under any purpose, with and without a stated basis; and no staff in it."""
    receipt = json.loads(json.dumps(receipt_of(ledger(*lines, purpose=purpose), basis)))
    CHECK.validate(receipt)
    assert STAFF not in json.dumps(receipt)
    counted = [one for one in lines if not one.superseded]
    assert [event["status"] for event in receipt["consent_record"]["events"]] == [one.status for one in counted]


@pytest.mark.parametrize("name", ["schema_version", "receipt_id", "consent_record"])
def test_a_receipt_without_a_field_is_none(name):
    """The schema is no empty promise."""
    receipt = receipt_of(ledger(line()), BASIS)
    del receipt[name]
    assert not CHECK.is_valid(receipt)


def test_it_says_what_was_agreed_and_not_more():
    """The data they chose, the text that was read out, the basis, until when, and how to take it back."""
    told = ledger(
        line(data=("SUPPORT_PLAN",), wording_code="w1", text_hash="a" * 64, language="cy"), purpose=CASE_STUDY
    )
    record = receipt_of(told, BASIS)["consent_record"]
    (purpose,) = record["pii_processing"]["purposes"]
    assert [one["pii_type"] for one in purpose["pii_information"]] == ["SUPPORT_PLAN"]
    assert record["pii_processing"]["privacy_notice"] == {"code": "w1", "text_hash": "a" * 64}
    assert (purpose["lawful_basis"], purpose["retention_period"]) == (BASIS.article6, "P96M")
    assert record["events"][0]["validity_duration"] == "P365D"
    assert record["events"][0]["event_state"].endswith("#ConsentGiven")
    assert "anyone else" in purpose["withdrawal_method"]


def test_what_stands_beside_a_no_is_nothing_that_was_agreed():
    """What the purpose takes at most is shown, as where nobody named any data."""
    refused = ledger(line("REFUSED", data=("HEALTH",), wording_code="w1"), purpose=CASE_STUDY)
    (purpose,) = receipt_of(refused, BASIS)["consent_record"]["pii_processing"]["purposes"]
    assert [one["pii_type"] for one in purpose["pii_information"]] == list(PURPOSES[CASE_STUDY].data_classes)


@pytest.mark.parametrize(("status", "who"), [("WITHDRAWN", "pii-principal"), ("REVOKED_BY_CONTROLLER", "controller")])
def test_it_says_who_ended_it(status, who):
    """The survivor withdraws; the organisation revokes."""
    record = receipt_of(ledger(line(), line(status, said=1)), BASIS)["consent_record"]
    assert record["events"][1]["entity_id"] == who


CASE_STUDY = "LEARNING_CASE_STUDY_ANONYMISED"
