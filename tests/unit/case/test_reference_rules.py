"""Records by reference and corrections, as rules: what a record says, what becomes of it, and what a blank changes."""

import tracemalloc
from datetime import date

import pytest
from marshmallow import ValidationError

from services.case.corrections.rules import changes_of
from services.case.imports.rules.settling import Outcome
from services.case.references.rules import HELD, judged, outcome_of, status_of
from services.case.references.schemas import PutRecordSchema, ReferenceSchema

TODAY = date(2026, 11, 27)
RECORD = {
    "referral_date": "2026-10-02", "age_at_referral": "34", "gender": "FEMALE", "nationality": "ALB",
    "exploitation": "LABOUR; SEXUAL", "nation": "ENGLAND",
}  # fmt: skip


def loaded(**record):
    return PutRecordSchema().load({"reference": "R-1", "record": record})["record"]


def test_a_whole_record_is_accepted_and_a_no_stands_in_every_verdict():
    """Also in that of one which cannot be read otherwise."""
    assert judged("R-1", RECORD, today=TODAY).kind == "ACCEPTED"
    broken = judged("R-1", {**RECORD, "gender": "?!", "consent": "withdrawn"}, today=TODAY)
    assert (broken.kind, broken.facts) == ("QUARANTINED", None)
    assert broken.no is not None


def test_one_record_takes_the_memory_of_one_record():
    """Not that of a file of a million rows: many come at once, each on a thread of its own."""
    judged("R-1", RECORD, today=TODAY)
    tracemalloc.start()
    try:
        judged("R-1", RECORD, today=TODAY)
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_day_after_today_is_refused():
    """By the business clock's own day."""
    assert judged("R-1", {**RECORD, "referral_date": "2026-11-28"}, today=TODAY).kind == "QUARANTINED"
    assert judged("R-1", {**RECORD, "referral_date": "2026-11-27"}, today=TODAY).kind == "ACCEPTED"


@pytest.mark.parametrize(
    ("kind", "said", "status"),
    [
        ("ACCEPTED", "CREATED", 201), ("CHANGED", "CHANGED", 200), ("UNCHANGED", "UNCHANGED", 200),
        ("POSSIBLE_CHILD", "POSSIBLE_CHILD", 202), ("QUARANTINED", HELD, 202), ("HELD", HELD, 202),
        ("WHATEVER_COMES_LATER", HELD, 202),
    ],
)  # fmt: skip
def test_what_was_not_taken_is_never_told_as_taken(kind, said, status):
    """Also of a kind that is not known yet."""
    assert outcome_of(Outcome(kind=kind)) == said
    assert status_of(said) == status


def test_cells_come_as_json_has_them():
    """Null and blank say nothing; numbers, truths and lists are the words of a cell."""
    said = loaded(age_at_referral=34, nationality=["ALB", " ITA "], exploitation=["LABOUR", "SEXUAL"], gender=None,
                  consent_private=False, nation="  Wales\u200b", consent="")  # fmt: skip
    assert (said["age_at_referral"], said["exploitation"], said["consent_private"]) == ("34", "LABOUR; SEXUAL", "no")
    assert (said["gender"], said["consent"], said["nation"], said["advocacy_area"]) == ("", "", "Wales", "")
    assert judged("R-1", {**RECORD, **{k: v for k, v in said.items() if v}}, today=TODAY).kind == "ACCEPTED"


@pytest.mark.parametrize(
    "wrong", [{"age_at_referral": -1}, {"age_at_referral": True}, {"gender": 3}, {"gender": ["FEMALE"]},
              {"nationality": [1]}, {"nation": "x" * 1_001}, {"exploitation": ["x"] * 21}, {"name": "Jane"}],
)  # fmt: skip
def test_what_no_cell_can_hold_is_refused(wrong):
    """And a name or a contact is no field of a record."""
    with pytest.raises(ValidationError):
        loaded(**wrong)


def test_one_reference_has_one_form():
    """As a file's cells are stripped, so that it has one key whichever way it comes."""
    assert ReferenceSchema().load({"reference": "\u00a0R-1\u200b\t"})["reference"] == "R-1"


def test_a_blank_never_overrides_and_only_what_is_cleared_goes():
    """Null, empty, missing and what nobody sees change nothing; nor does what is known already."""
    now = {"name": "A", "safe_contact": "Tuesdays", "reference": None}
    assert changes_of(now, {"name": None, "safe_contact": ""}, frozenset()) == {}
    assert changes_of(now, {"name": " \u00a0", "safe_contact": "\n\u200b"}, frozenset()) == {}
    assert changes_of(now, {"name": "A"}, frozenset({"reference"})) == {}
    assert changes_of(now, {"name": "B"}, frozenset({"safe_contact"})) == {"name": "B", "safe_contact": None}
