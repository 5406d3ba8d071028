"""A visit's alarm follows from the clock, and nothing that whoever is out presses ends it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.case.visits.errors import (
    NoAlarmError,
    OwnAlarmError,
    VisitEndedError,
    VisitMisplannedError,
    VisitTooLongError,
)
from services.case.visits.rules import (
    HELP,
    OVERDUE,
    SAFE_FOR,
    UNCLOSED_FOR,
    UNTAKEN_FOR,
    VISIT_KEPT,
    WORDS_KEPT,
    Visit,
)
from services.case.visits.times import check_times, first_due

GOES, WATCHES = "goes", "watches"
GO = datetime(2026, 9, 1, 13, tzinfo=UTC)
BACK = GO + timedelta(hours=2)
SECOND = timedelta(seconds=1)
PLANNED = Visit(
    id="v", survivor_id="s", goes_id=GOES, told="SUPERVISORS", from_at=GO, until_at=BACK, every_minutes=None, place="x",
    what_if=None, due_at=BACK, updated_at=GO,
)  # fmt: skip
LATE = BACK + SECOND


def test_silence_is_an_alarm_without_anybody_noting_it():
    """From the very instant on; noting it keeps since when, and twice is once."""
    assert PLANNED.stands_since(BACK - SECOND) is None
    assert (PLANNED.stands_since(BACK), PLANNED.kind(BACK)) == (BACK, OVERDUE)
    noted = PLANNED.noted(LATE)
    assert (noted.alarm_since, noted.escalated_at) == (BACK, None)
    assert noted.noted(LATE + SECOND) == noted
    assert PLANNED.noted(GO) == PLANNED


@pytest.mark.parametrize(
    "press",
    [
        lambda v: v.safe(LATE),
        lambda v: v.longer(60, LATE),
        lambda v: v.ended(LATE),
        lambda v: v.helped(LATE).safe(LATE),
    ],
)
def test_nothing_that_they_press_ends_an_alarm(press):
    """They may be made to press it; it stands as long as nobody else closed it."""
    pressed = press(PLANNED)
    assert pressed.stands_since(LATE + timedelta(days=9)) == BACK
    assert pressed.forget_at is None


def test_safe_holds_until_the_end_and_then_for_half_an_hour():
    """Never shorter than what was agreed, and never without an end."""
    early = PLANNED.safe(GO + SECOND)
    assert (early.safe_at, early.due_at) == (GO + SECOND, BACK)
    late = PLANNED.safe(BACK - SECOND)
    assert late.due_at == BACK - SECOND + SAFE_FOR
    assert late.stands_since(late.due_at) == late.due_at


def test_a_rhythm_asks_again_and_again():
    """Also before they go; the last word is due at the end."""
    often = replace(PLANNED, every_minutes=30, due_at=first_due(GO, BACK, 30))
    assert often.due_at == GO + timedelta(minutes=30)
    assert often.safe(GO + timedelta(minutes=20)).due_at == GO + timedelta(minutes=50)
    assert often.safe(GO - timedelta(days=1)).due_at == GO + timedelta(minutes=30)
    assert often.safe(BACK - timedelta(minutes=10)).due_at == BACK + timedelta(minutes=20)
    assert first_due(GO, GO + timedelta(minutes=10), 30) == GO + timedelta(minutes=10)


def test_longer_is_bounded():
    """By a day with all that is added."""
    visit = PLANNED
    for _ in range(11):
        visit = visit.longer(120, GO)
    assert (visit.until_at, visit.due_at) == (GO + timedelta(hours=24), GO + timedelta(hours=24))
    with pytest.raises(VisitTooLongError):
        visit.longer(15, GO)


def test_an_alarm_goes_to_more_people_once():
    """After 15 minutes in which nobody took it, or an hour in which nobody closed it."""
    noted = PLANNED.noted(LATE)
    assert not noted.is_escalated(BACK + UNTAKEN_FOR - SECOND)
    assert PLANNED.is_escalated(BACK + UNTAKEN_FOR)
    escalated = noted.noted(BACK + UNTAKEN_FOR)
    assert escalated.noted(BACK + UNCLOSED_FOR * 2).escalated_at == BACK + UNTAKEN_FOR
    taken = noted.taken(WATCHES, LATE)
    assert not taken.is_escalated(BACK + UNCLOSED_FOR - SECOND)
    assert taken.is_escalated(BACK + UNCLOSED_FOR)
    assert escalated.taken(WATCHES, BACK + UNCLOSED_FOR).is_escalated(BACK + UNCLOSED_FOR)


@pytest.mark.parametrize(
    ("told", "first", "then"),
    [
        ("SUPERVISORS", {"SUPERVISOR"}, {"SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN"}),
        (
            "SUPERVISORS_AND_SAFEGUARDING_LEAD",
            {"SUPERVISOR", "SAFEGUARDING_LEAD"},
            {"SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN"},
        ),
    ],
)
def test_who_hears_of_it(told, first, then):
    """Nobody before it stands, and never anybody else."""
    visit = replace(PLANNED, told=told)
    roles = ("SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN", "IMSA", "HOST_DPO", "HOST_DATA_LEAD", "HUB_TRIAGE")

    def hear(now):
        return {role for role in roles if visit.may_watch(role, now)}

    assert (hear(BACK - SECOND), hear(BACK), hear(BACK + UNTAKEN_FOR)) == (set(), first, then)


def test_help_is_told_to_everybody_at_once():
    """Also where it was over and an alarm stood; once is enough."""
    helped = PLANNED.helped(GO)
    assert (helped.kind(GO), helped.is_escalated(GO), helped.stands_since(GO)) == (HELP, True, GO)
    assert helped.helped(GO + SECOND) == helped
    assert PLANNED.ended(LATE).helped(LATE).kind(LATE) == HELP
    with pytest.raises(VisitEndedError):
        PLANNED.ended(GO).helped(GO)


def test_somebody_else_closes_it_with_what_was_found():
    """Never whoever it is about, and only while one stands."""
    for act in (lambda v, by: v.taken(by, LATE), lambda v, by: v.closed("SAFE_AND_BACK", by, LATE)):
        with pytest.raises(OwnAlarmError):
            act(PLANNED, GOES)
    with pytest.raises(NoAlarmError):
        PLANNED.taken(WATCHES, GO)
    closed = PLANNED.taken(WATCHES, LATE).closed("SAFE_AND_BACK", WATCHES, LATE)
    assert (closed.state, closed.found, closed.closed_by, closed.stands_since(LATE)) == (
        "ENDED",
        "SAFE_AND_BACK",
        WATCHES,
        None,
    )
    with pytest.raises(NoAlarmError):
        closed.closed("SAFE_AND_BACK", WATCHES, LATE)


def test_whoever_is_safe_and_stays_is_asked_again():
    """In half an hour, with an alarm like the first; whoever is back does not stay."""
    stays = PLANNED.helped(GO).taken(WATCHES, GO).closed("SAFE_AND_STAYS", WATCHES, GO)
    assert (stays.state, stays.kind(GO), stays.due_at) == ("OPEN", None, GO + SAFE_FOR)
    again = stays.noted(GO + SAFE_FOR)
    assert (again.alarm_since, again.escalated_at, again.taken_by, again.kind(GO + SAFE_FOR)) == (
        GO + SAFE_FOR, None, None, OVERDUE,
    )  # fmt: skip
    with pytest.raises(VisitMisplannedError):
        PLANNED.ended(LATE).closed("SAFE_AND_STAYS", WATCHES, LATE)


def test_what_is_over_says_no_more():
    """It is planned again; saying twice that it is over is once."""
    ended = PLANNED.ended(GO)
    for press in (lambda: ended.safe(GO), lambda: ended.longer(15, GO)):
        with pytest.raises(VisitEndedError):
            press()
    assert ended.ended(GO + SECOND) == ended
    assert ended.stands_since(LATE) is None


def test_the_place_is_forgotten_after_a_day_and_the_rest_after_thirty():
    """Counted from when all is over: the visit, and its alarm."""
    ended = PLANNED.ended(GO)
    assert ended.forgotten(GO + WORDS_KEPT - SECOND) == ended
    less = ended.forgotten(GO + WORDS_KEPT)
    assert (less.words_gone, less.forget_at) == (True, GO + VISIT_KEPT)
    assert less.forgotten(GO + VISIT_KEPT - SECOND) == less
    assert less.forgotten(GO + VISIT_KEPT) is None
    alarmed = PLANNED.ended(LATE)
    assert alarmed.forgotten(GO + VISIT_KEPT) == alarmed
    later = LATE + timedelta(days=2)
    assert alarmed.closed("SAFE_AND_BACK", WATCHES, later).forget_at == later + WORDS_KEPT
    assert PLANNED.forgotten(GO + VISIT_KEPT) == PLANNED


@pytest.mark.parametrize(
    ("from_at", "until_at"),
    [
        (GO - timedelta(hours=2, seconds=1), BACK), (GO + timedelta(days=31, seconds=1), GO + timedelta(days=31, hours=1)),
        (GO - timedelta(hours=1), GO), (GO, GO + timedelta(minutes=4)), (GO, GO - timedelta(hours=1)),
        (GO, GO + timedelta(hours=12, seconds=1)),
    ],
)  # fmt: skip
def test_times_in_which_nobody_goes_are_refused(from_at, until_at):
    """Long ago, far ahead, over already, too short, backwards, too long."""
    with pytest.raises(VisitMisplannedError):
        check_times(from_at, until_at, GO)
    check_times(GO, BACK, GO)
