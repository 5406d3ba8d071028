"""What is opened in an emergency closes after an hour, is counted by the day, and is looked at by somebody else."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.case.emergencies.errors import (
    EmergencyOverError,
    EmergencyReviewedError,
    EmergencyTooOftenError,
    NotNamedError,
    OwnEmergencyError,
)
from services.case.emergencies.rules import WHYS, Emergency, Never, Tries, review_by, standing_for
from shared.codelists.lists import get

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TODAY = date(2026, 9, 1)


def emergency(**values):
    return Emergency(
        id="e", survivor_id="s", why="MISSING", words=None, actor_id="a", role="IMSA", opened_at=NOW,
        until=NOW + timedelta(hours=1), review_by=date(2026, 9, 4), updated_at=NOW, **values,
    )  # fmt: skip


def test_it_closes_when_the_hour_is_over():
    """To the second."""
    emergency().check_open(NOW + timedelta(seconds=3599))
    with pytest.raises(EmergencyOverError):
        emergency().check_open(NOW + timedelta(seconds=3600))


def test_nobody_reviews_what_they_opened_and_nobody_reviews_twice():
    """Also not in another role."""
    with pytest.raises(OwnEmergencyError):
        emergency().reviewed("RIGHT", by="a", role="SAFEGUARDING_LEAD", at=NOW)
    done = emergency().reviewed("WRONG", by="b", role="HOST_DPO", at=NOW)
    assert (done.state, done.outcome, done.reviewed_by) == ("REVIEWED", "WRONG", "b")
    with pytest.raises(EmergencyReviewedError):
        done.reviewed("RIGHT", by="c", role="HOST_DPO", at=NOW)


def test_it_is_late_after_its_last_day_and_once_reviewed_never():
    """The last day is still in time."""
    assert not emergency().is_overdue(date(2026, 9, 4))
    assert emergency().is_overdue(date(2026, 9, 5))
    done = emergency().reviewed("RIGHT", by="b", role="HOST_DPO", at=NOW)
    assert not done.is_overdue(date(2027, 1, 1))


@pytest.mark.parametrize(
    ("opened", "nation", "last"),
    [
        (date(2026, 9, 1), "ENGLAND", date(2026, 9, 4)),
        (date(2026, 9, 3), "ENGLAND", date(2026, 9, 8)),
        (date(2026, 9, 5), "ENGLAND", date(2026, 9, 9)),
        (date(2026, 12, 23), "WALES", date(2026, 12, 30)),
    ],
    ids=["in-a-week", "over-a-weekend", "on-a-saturday", "over-christmas"],
)
def test_a_review_has_three_working_days(opened, nation, last):
    """Of the host's nation; the day itself does not count."""
    assert review_by(opened, nation) == last


@pytest.mark.parametrize("counted", [{"opened": 3}, {"missed": 5}, {"opened": 9, "missed": 9}])
def test_who_had_as_many_as_there_are_today_is_refused(counted):
    """The next day counts anew."""
    tries = Tries(id="a", day=TODAY, **counted)
    with pytest.raises(EmergencyTooOftenError):
        tries.check(TODAY)
    tries.check(TODAY + timedelta(days=1))


def test_who_had_fewer_is_not():
    """Two openings and four misses leave one of each."""
    Tries(id="a", day=TODAY, opened=2, missed=4).check(TODAY)


def test_a_no_by_name_ends_once():
    """And says who ended it."""
    never = Never(
        id="n", survivor_id="s", staff_id="x", ground="KNOWS_THEM", named_by="b", named_role="IMSA", named_at=NOW,
        updated_at=NOW,
    )  # fmt: skip
    ended = never.ended(by="c", at=NOW)
    assert (ended.state, ended.ended_by) == ("ENDED", "c")
    with pytest.raises(NotNamedError):
        ended.ended(by="c", at=NOW)


def test_each_reason_is_one_of_the_list_and_audit_keeps_it():
    """All but the alarm of a visit, which has a way of its own."""
    assert set(WHYS) == set(get("vital_interest").codes) - {"VISIT_ALARM"}
    assert standing_for("CHILD_AT_RISK") == "EMERGENCY_CHILD_AT_RISK"
    with pytest.raises(ValueError, match="EMERGENCY_VISIT_ALARM"):
        standing_for("VISIT_ALARM")
