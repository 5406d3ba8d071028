"""Approvals: nobody's own, never over a no, and of a plan exactly as it stood."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from services.case.approvals.errors import (
    AgreementMisstatedError,
    ApprovalDecidedError,
    NothingToSettleError,
    OwnApprovalError,
    SurvivorSaidNoError,
)
from services.case.approvals.plan import Changes, Part, changes
from services.case.approvals.rules import STATES, Approval, Said, waits_for_approval

NOW, TODAY = datetime(2026, 9, 1, 12, tzinfo=UTC), date(2026, 9, 1)
YES = Said(agreement="AGREED", on=TODAY, how="VERBAL_IN_PERSON", by="ann", at=NOW)
NO = Said(agreement="SAID_NO", by="ann", at=NOW)
GOAL, STEP = Part(part="GOAL", id="g", says={"words": "Home"}), Part(part="STEP", id="s", says={"what": "Ring"})


def asked(kind="PLAN", **values):
    said = (YES,) if kind == "PLAN" else ()
    about = {"said": said, "asked_by": "ann", "asked_at": NOW, "updated_at": NOW, **values}
    return Approval(id="a", survivor_id="s", episode_id="e", kind=kind, **about)


@pytest.mark.parametrize(("actor", "works_with"), [("ann", ()), ("ben", ("ben",))])
def test_nobody_approves_what_is_their_own(actor, works_with):
    """Neither whoever asked, nor whoever works with the person."""
    with pytest.raises(OwnApprovalError):
        asked().check_other(actor, works_with)
    asked().check_other("cy", works_with)


def test_what_was_decided_says_who_and_when_and_is_decided_once():
    """A yes, and words with what is sent back."""
    yes = asked().approved("ben", "SUPERVISOR", at=NOW)
    assert (yes.state, yes.waits_for, yes.decided_by, yes.decided_at) == ("APPROVED", "NOBODY", "ben", NOW)
    back = asked().sent_back("Ask them.", "ben", "SUPERVISOR", at=NOW)
    assert (back.state, back.waits_for, back.words) == ("SENT_BACK", "ADVOCATE", "Ask them.")
    for one in (yes, back):
        with pytest.raises(ApprovalDecidedError):
            one.approved("cy", "SUPERVISOR", at=NOW)
        with pytest.raises(ApprovalDecidedError):
            one.sent_back("x", "cy", "SUPERVISOR", at=NOW)


def test_no_plan_is_approved_over_a_no():
    """Before it is approved and afterwards; what they said before stays."""
    with pytest.raises(SurvivorSaidNoError):
        asked(said=(YES, NO)).approved("ben", "SUPERVISOR", at=NOW)
    for one in (asked(), asked().approved("ben", "SUPERVISOR", at=NOW)):
        refused = one.stated(NO)
        assert (refused.state, refused.waits_for, refused.said) == ("TAKEN_BACK", "NOBODY", (YES, NO))
        with pytest.raises(ApprovalDecidedError):
            refused.stated(YES)
    with pytest.raises(ApprovalDecidedError):
        asked("CLOSURE").stated(YES)


def test_what_they_said_is_bounded():
    """Nobody fills a document with it."""
    with pytest.raises(ApprovalDecidedError):
        asked(said=(YES,) * 50).stated(YES)
    assert asked(said=(YES,) * 50).stated(NO).state == "TAKEN_BACK"


def test_what_ended_at_once_is_looked_at_and_no_more():
    """Looked at afterwards, or spoken about."""
    ended = asked("CLOSURE", state="TO_REVIEW")
    assert ended.approved("ben", "SUPERVISOR", at=NOW).state == "REVIEWED"
    assert ended.sent_back("Why?", "ben", "SUPERVISOR", at=NOW).state == "SENT_BACK"
    with pytest.raises(NothingToSettleError):
        ended.settled(at=NOW)


@pytest.mark.parametrize("state", STATES)
def test_what_waits_is_taken_back_and_what_was_sent_back_is_read(state):
    """Once; everything else stays as it was decided."""
    waits = {"WAITING": "APPROVER", "TO_REVIEW": "APPROVER", "SENT_BACK": "ADVOCATE"}.get(state, "NOBODY")
    one = asked(state=state, waits_for=waits)
    if state not in ("WAITING", "SENT_BACK"):
        with pytest.raises(NothingToSettleError):
            one.settled(at=NOW)
        return
    settled = one.settled(at=NOW)
    assert (settled.state, settled.waits_for) == ("TAKEN_BACK" if state == "WAITING" else state, "NOBODY")
    with pytest.raises(NothingToSettleError):
        settled.settled(at=NOW)


@pytest.mark.parametrize(
    "said",
    [replace(YES, on=None), replace(YES, how=None), replace(YES, on=date(2026, 9, 2)), replace(NO, on=TODAY),
     replace(NO, agreement="NOT_ASKED_YET", how="WRITTEN")],
)  # fmt: skip
def test_when_and_how_stand_exactly_where_they_agreed(said):
    """And no day that is to come."""
    with pytest.raises(AgreementMisstatedError):
        said.check(TODAY)
    YES.check(TODAY)
    NO.check(TODAY)


@pytest.mark.parametrize(
    ("now", "carried_out", "expected"),
    [
        ([GOAL, STEP], set(), Changes()),
        ([GOAL], {STEP.key}, Changes()),
        ([GOAL], set(), Changes(gone=1)),
        ([GOAL, STEP, Part(part="NEED", id="s", says={})], set(), Changes(added=1)),
        ([GOAL, replace(STEP, says={"what": "Write"})], set(), Changes(rewritten=1)),
    ],
)
def test_carrying_a_plan_out_changes_nothing_of_it(now, carried_out, expected):
    """What is added, written anew or dropped does; a need with a step's id is another thing."""
    found = changes([GOAL, STEP], now, carried_out)
    assert found == expected
    assert found.any == (expected != Changes())


@pytest.mark.parametrize(
    ("reason", "needed", "role", "works", "waits"),
    [
        ("MOVED_OUT_OF_AREA", True, "IMSA", True, True),
        ("RECORD_CREATED_IN_ERROR", True, "IMSA", True, True),
        ("MOVED_OUT_OF_AREA", False, "IMSA", True, False),
        ("MOVED_OUT_OF_AREA", True, "SUPERVISOR", False, False),
        ("MOVED_OUT_OF_AREA", True, "SUPERVISOR", True, True),
        ("DECEASED", True, "IMSA", True, False),
        ("GOALS_MET_SURVIVOR_DECISION", True, "IMSA", True, False),
        ("SURVIVOR_ENDED_OTHER", True, "IMSA", True, False),
        ("RETURNED_TO_COUNTRY_OF_ORIGIN_VOLUNTARY", True, "IMSA", True, False),
    ],
)
def test_which_end_waits(reason, needed, role, works, waits):
    """A death and a person who wants to leave never do."""
    assert waits_for_approval(reason, needed=needed, role=role, works_with_them=works) == waits
