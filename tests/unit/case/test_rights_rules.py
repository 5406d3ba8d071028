"""What may happen to a rights case, and in which order."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from services.case.rights.decisions import Decision
from services.case.rights.errors import (
    AcknowledgedAlreadyError,
    ClockGoesError,
    ClockStandsError,
    DecisionIncompleteError,
    NoMoreTimeError,
    NotErasedYetError,
    NotToldError,
    ReceivedOnError,
    RightsCaseClosedError,
)
from services.case.rights.rules import CLOSED, RightsCase, check_received_on
from shared.codelists.working_days import bank_holidays

RECEIVED = date(2026, 10, 1)
AT = datetime(2026, 10, 2, 9, tzinfo=UTC)
MET = Decision(outcome="MET", told="IN_PERSON_PRIVATE")
REFUSED = Decision(outcome="REFUSED", refusals=("EXCESSIVE",), told="SAFE_CONTACT", ico_route_told=True)


def case(kind="ACCESS", **values):
    made = RightsCase(
        id="r", survivor_id="s", kind=kind, channel="IN_PERSON", received_on=RECEIVED, taken_by="a", taken_role="IMSA",
        taken_at=AT, nation="ENGLAND", calendar_version=1, due_on=date(2026, 11, 2), updated_at=AT,
        acknowledge_by=date(2026, 10, 31) if kind == "COMPLAINT" else None,
    )  # fmt: skip
    return replace(made, **values)


def test_a_clock_that_stands_goes_on_and_the_day_moves():
    """The days are added once each time that it stood."""
    stands = case().stopped("IDENTITY", date(2026, 10, 5))
    assert (stands.stopped_for, stands.due_on) == ("IDENTITY", date(2026, 11, 2))
    goes = stands.resumed(date(2026, 10, 9))
    assert (goes.stopped_for, goes.stopped_on, goes.stopped_days, goes.due_on) == (None, None, 4, date(2026, 11, 5))
    again = goes.stopped("CLARIFICATION", date(2026, 10, 20)).resumed(date(2026, 10, 21))
    assert (again.stopped_days, again.due_on) == (5, date(2026, 11, 6))
    with pytest.raises(ClockGoesError):
        again.resumed(date(2026, 10, 22))
    with pytest.raises(ClockStandsError):
        stands.stopped("CLARIFICATION", date(2026, 10, 6))


def test_silence_ends_nothing():
    """While the clock stands only the person themselves can end it."""
    stands = case().stopped("CLARIFICATION", date(2026, 10, 5))
    for decision in (MET, REFUSED, replace(REFUSED, outcome="PARTLY_MET")):
        with pytest.raises(ClockStandsError):
            stands.decided(decision, by="d", at=AT)
    taken_back = Decision(outcome="TAKEN_BACK", told="IN_PERSON_PRIVATE")
    assert stands.decided(taken_back, by="d", at=AT).state == CLOSED


def test_more_time_is_taken_once_and_in_the_first_month():
    """Three months from the start; never afterwards, and never twice."""
    longer = case().extended("COMPLEX", date(2026, 11, 2))
    assert longer.due_on == date(2027, 1, 4)
    with pytest.raises(NoMoreTimeError):
        longer.extended("COMPLEX", date(2026, 10, 5))
    with pytest.raises(NoMoreTimeError):
        case().extended("COMPLEX", date(2026, 11, 3))


@pytest.mark.parametrize("outcome", ["REFUSED", "PARTLY_MET"])
def test_a_no_says_why_and_where_to_go(outcome):
    """A reason in law, and the way to the ICO; the first thing missing is pointed at."""
    bare = Decision(outcome=outcome, told="SAFE_CONTACT")
    for decision, pointer in (
        (bare, "#/refusals"),
        (replace(bare, ico_route_told=True), "#/refusals"),
        (replace(bare, refusals=("EXCESSIVE",)), "#/ico_route_told"),
    ):
        with pytest.raises(DecisionIncompleteError) as caught:
            case().decided(decision, by="d", at=AT)
        assert caught.value.problems[0]["pointer"] == pointer
    whole = replace(bare, refusals=("EXCESSIVE",), ico_route_told=True)
    assert case().decided(whole, by="d", at=AT).refusals == ("EXCESSIVE",)


@pytest.mark.parametrize("outcome", ["MET", "TAKEN_BACK"])
def test_a_yes_has_no_reasons_against_it(outcome):
    """Else nobody could tell what was done."""
    with pytest.raises(DecisionIncompleteError):
        case().decided(replace(REFUSED, outcome=outcome), by="d", at=AT)


@pytest.mark.parametrize("outcome", ["MET", "PARTLY_MET"])
def test_nobody_is_noted_as_erased(outcome):
    """The erasure itself closes such a case; a refusal may be noted."""
    decision = MET if outcome == "MET" else replace(REFUSED, outcome=outcome)
    with pytest.raises(NotErasedYetError):
        case("ERASURE").decided(decision, by="d", at=AT)
    assert case("ERASURE").decided(REFUSED, by="d", at=AT).outcome == "REFUSED"


def test_what_has_ended_does_not_change():
    """Neither its clock nor its outcome."""
    ended = case().decided(MET, by="d", at=AT)
    assert (ended.closed_by, ended.closed_at, ended.acknowledged_at) == ("d", AT, AT)
    for change in (
        lambda: ended.decided(REFUSED, by="d", at=AT), lambda: ended.stopped("IDENTITY", RECEIVED),
        lambda: ended.resumed(RECEIVED), lambda: ended.extended("COMPLEX", RECEIVED), lambda: ended.acknowledged("SAFE_CONTACT", AT),
    ):  # fmt: skip
        with pytest.raises(RightsCaseClosedError):
            change()
    assert not ended.is_overdue(RECEIVED + timedelta(days=900))


def test_a_complaint_that_nobody_acknowledged_is_overdue_although_its_clock_stands():
    """The day after the thirtieth; who was told once is not told again."""
    complaint = case("COMPLAINT").stopped("CLARIFICATION", date(2026, 10, 5))
    assert not complaint.is_overdue(date(2026, 10, 31))
    assert complaint.is_overdue(date(2026, 11, 1))
    heard = complaint.acknowledged("SAFE_CONTACT", AT)
    assert not heard.is_overdue(date(2026, 11, 1))
    with pytest.raises(AcknowledgedAlreadyError):
        heard.acknowledged("SAFE_CONTACT", AT)


def test_it_is_overdue_from_the_day_after_the_last():
    """By the day that was written down, whatever a newer calendar says; and never while the clock stands."""
    written = case(due_on=date(2026, 11, 4))
    assert not written.is_overdue(date(2026, 11, 4))
    assert written.is_overdue(date(2026, 11, 5))
    assert not written.stopped("IDENTITY", date(2026, 10, 5)).is_overdue(date(2027, 11, 5))


def test_a_day_says_by_which_calendar_it_was_counted():
    """Also where it is counted anew: when the clock goes on, and when more time is taken."""
    older = case(calendar_version=0)
    goes_on = older.stopped("IDENTITY", date(2026, 10, 5)).resumed(date(2026, 10, 9))
    for counted in (goes_on, older.extended("COMPLEX", date(2026, 10, 9))):
        assert counted.calendar_version == bank_holidays().version


def test_whoever_has_no_safe_way_yet_was_not_told():
    """So nobody is acknowledged, and no no ends a case; what was done ends it, and no complaint counts as heard."""
    complaint = case("COMPLAINT")
    with pytest.raises(NotToldError):
        complaint.acknowledged("NOT_SAFE_YET", AT)
    for outcome in ("REFUSED", "PARTLY_MET"):
        with pytest.raises(NotToldError):
            complaint.decided(replace(REFUSED, outcome=outcome, told="NOT_SAFE_YET"), by="d", at=AT)
    ended = complaint.decided(replace(MET, told="NOT_SAFE_YET"), by="d", at=AT)
    assert (ended.state, ended.acknowledged_at) == (CLOSED, None)


@pytest.mark.parametrize("days", [1, -367])
def test_a_request_arrived_by_today_and_within_the_year(days):
    """Tomorrow and years ago are slips of the pen."""
    with pytest.raises(ReceivedOnError):
        check_received_on(RECEIVED + timedelta(days=days), RECEIVED)
    assert check_received_on(RECEIVED, RECEIVED) == RECEIVED
    assert check_received_on(RECEIVED - timedelta(days=366), RECEIVED)
