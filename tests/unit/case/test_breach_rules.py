"""The 72 hours of a breach, its risk, and who is told before it is closed."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.case.breaches.errors import (
    BreachClosedError,
    BreachMisjudgedError,
    BreachNotDoneError,
    TooManyTouchedError,
)
from services.case.breaches.rules import MOST_TOUCHED, Breach, Report, Touched, check_aware_at
from shared.codelists.lists import get

FRIDAY = datetime(2026, 11, 6, 17, tzinfo=UTC)
DUE = FRIDAY + timedelta(hours=72)
FRESH = Breach(
    id="b", kind="OTHER", aware_at=FRIDAY, contents=("OTHER_DETAILS",), taken_by="a", taken_role="IMSA",
    taken_at=FRIDAY, ico_due_at=DUE, updated_at=FRIDAY,
)  # fmt: skip
REPORTED = replace(FRESH, report=Report(at=DUE))


def test_what_nobody_judged_counts_as_high():
    """And wants a report, until somebody judges that a risk is unlikely."""
    assert (FRESH.stands_at, FRESH.wants_report) == ("HIGH", True)
    judged = FRESH.judged("UNLIKELY", ("NUMBERS_AND_CODES",), by="d")
    assert (judged.stands_at, judged.wants_report) == ("UNLIKELY", False)
    assert judged.closed(("TAUGHT",), by="d", at=DUE).state == "CLOSED"


@pytest.mark.parametrize("content", ["WHERE_THEY_ARE", "CONTACT", "WHO_IS_A_SURVIVOR"])
@pytest.mark.parametrize("risk", ["UNLIKELY", "RISK"])
def test_where_somebody_is_or_who_is_a_high_risk_whoever_judges(content, risk):
    """Refused with a sentence; and what stands there from before counts as high."""
    with pytest.raises(BreachMisjudgedError):
        FRESH.judged(risk, (content,), by="d")
    assert replace(FRESH, risk=risk, contents=(content,)).stands_at == "HIGH"
    assert FRESH.judged("HIGH", (content,), by="d").stands_at == "HIGH"


def test_the_hours_are_clock_hours():
    """From Friday evening to Monday evening; a report one second later says why, and one in time does not."""
    assert FRESH.reported(Report(at=DUE), DUE).report == Report(at=DUE)
    late = DUE + timedelta(seconds=1)
    with pytest.raises(BreachMisjudgedError):
        FRESH.reported(Report(at=late), late)
    with pytest.raises(BreachMisjudgedError):
        FRESH.reported(Report(at=DUE, late="OTHER"), DUE)
    assert FRESH.reported(Report(at=late, late="OTHER"), late).report.late == "OTHER"


@pytest.mark.parametrize("hours", [-1, 73])
def test_the_ico_was_told_after_one_knew_and_by_now(hours):
    """Neither before nor in the future."""
    with pytest.raises(BreachMisjudgedError):
        FRESH.reported(Report(at=FRIDAY + timedelta(hours=hours), late="OTHER"), DUE)


def test_it_is_not_closed_before_the_ico_and_everybody_was_told():
    """Of a high risk; each by a safe way, or nobody can."""
    with pytest.raises(BreachNotDoneError):
        FRESH.closed(("TAUGHT",), by="d", at=DUE)
    touched = REPORTED.touching(["s", "t", "s"])
    assert [one.survivor_id for one in touched.touched] == ["s", "t"]
    with pytest.raises(BreachNotDoneError):
        touched.closed(("TAUGHT",), by="d", at=DUE)
    some = touched.told("s", "TOLD_IN_PRIVATE", DUE)
    with pytest.raises(BreachNotDoneError):
        some.closed(("TAUGHT",), by="d", at=DUE)
    everybody = some.told("t", "CANNOT_BE_TOLD", DUE)
    assert everybody.closed(("TAUGHT",), by="d", at=DUE).remedies == ("TAUGHT",)
    assert touched.judged("RISK", ("OTHER_DETAILS",), by="d").closed(("TAUGHT",), by="d", at=DUE).state == "CLOSED"


def test_every_way_to_tell_is_a_safe_one():
    """The list has no message to a telephone and no letter to an address."""
    assert set(get("breach_told").codes) == {
        "NOT_TOLD_YET", "TOLD_IN_PRIVATE", "TOLD_BY_SAFE_CONTACT", "CANNOT_BE_TOLD",
    }  # fmt: skip


def test_a_breach_names_so_many_people_and_tells_those_alone():
    """More of them are a second breach; who does not stand there is added first."""
    full = replace(FRESH, touched=tuple(Touched(survivor_id=str(n)) for n in range(MOST_TOUCHED)))
    with pytest.raises(TooManyTouchedError):
        full.touching(["one more"])
    assert full.touching(["0"]) == full
    with pytest.raises(BreachMisjudgedError):
        FRESH.told("s", "TOLD_IN_PRIVATE", DUE)


def test_what_is_closed_does_not_change():
    """What is found later is a new one."""
    closed = REPORTED.closed(("TAUGHT",), by="d", at=DUE)
    for change in (
        lambda: closed.judged("HIGH", ("CONTACT",), by="d"), lambda: closed.touching(["s"]),
        lambda: closed.told("s", "TOLD_IN_PRIVATE", DUE), lambda: closed.reported(Report(at=DUE), DUE),
        lambda: closed.closed(("TAUGHT",), by="d", at=DUE),
    ):  # fmt: skip
        with pytest.raises(BreachClosedError):
            change()
    assert not closed.wants_report


@pytest.mark.parametrize("days", [-1, 367])
def test_one_knew_by_now_and_within_the_year(days):
    """Anything else is a slip of the pen."""
    with pytest.raises(BreachMisjudgedError):
        check_aware_at(FRIDAY - timedelta(days=days), FRIDAY)
    assert check_aware_at(FRIDAY, FRIDAY) == FRIDAY
