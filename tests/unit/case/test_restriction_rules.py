"""A restriction is lifted once, after the person was told or with a reason; what is opened closes after an hour."""

from datetime import UTC, date, datetime, timedelta

import pytest

from services.case.restrictions.errors import (
    LiftIncompleteError,
    NotOfThisCaseError,
    OpeningOverError,
    RestrictionLiftedError,
)
from services.case.restrictions.rules import LIFTED, OPEN_FOR, Lifting, Opening, Restriction, check_may_follow
from services.case.rights.decisions import Decision
from services.case.rights.errors import NotRestrictedYetError
from services.case.rights.rules import RightsCase

NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
TODAY = NOW.date() + timedelta(days=3)


def restriction():
    return Restriction(
        id="r", survivor_id="s", rights_case_id="c", ground="ACCURACY", begun_by="o", begun_at=NOW,
        told="IN_PERSON_PRIVATE", updated_at=NOW,
    )  # fmt: skip


def lift(one, **said):
    return one.lifted(Lifting(why="CHECKED", **said), by="o", now=NOW + timedelta(days=3), today=TODAY)


def case(kind, **values):
    return RightsCase(
        id="c", survivor_id="s", kind=kind, channel="IN_PERSON", received_on=NOW.date(), taken_by="a",
        taken_role="IMSA", taken_at=NOW, nation="WALES", calendar_version=1, due_on=TODAY, updated_at=NOW, **values,
    )  # fmt: skip


def test_it_is_lifted_once_and_after_the_person_was_told():
    """How and on which day stands with it."""
    lifted = lift(restriction(), told="SAFE_CONTACT", told_on=TODAY)
    assert (lifted.state, lifted.lift_told, lifted.told_on, lifted.untold) == (LIFTED, "SAFE_CONTACT", TODAY, None)
    with pytest.raises(RestrictionLiftedError):
        lift(lifted, told="SAFE_CONTACT", told_on=TODAY)


@pytest.mark.parametrize(
    ("said", "pointer"),
    [
        ({}, "#/told"),
        ({"told": "NOT_SAFE_YET"}, "#/told"),
        ({"told": "SAFE_CONTACT"}, "#/told_on"),
        ({"told": "SAFE_CONTACT", "told_on": TODAY + timedelta(days=1)}, "#/told_on"),
        ({"told": "SAFE_CONTACT", "told_on": date(2026, 8, 31)}, "#/told_on"),
        ({"told": "SAFE_CONTACT", "told_on": TODAY, "untold": "NO_SAFE_WAY"}, "#/untold"),
    ],
)
def test_whoever_was_not_told_stays_restricted(said, pointer):
    """Unless it is said why that is not safe; and not both at once."""
    with pytest.raises(LiftIncompleteError) as refused:
        lift(restriction(), **said)
    assert refused.value.problems[0]["pointer"] == pointer


@pytest.mark.parametrize("told", [None, "NOT_SAFE_YET"])
def test_it_is_said_why_telling_them_is_not_safe(told):
    """Then it may be lifted all the same."""
    assert lift(restriction(), told=told, untold="SOMEBODY_LISTENS").state == LIFTED


@pytest.mark.parametrize("kind", ["RESTRICTION", "RECTIFICATION", "OBJECTION"])
def test_it_follows_from_an_open_request(kind):
    """Whose clock goes."""
    check_may_follow(case(kind))
    for wrong in (case("ACCESS"), case(kind, state="CLOSED"), case(kind, stopped_on=TODAY, stopped_for="IDENTITY")):
        with pytest.raises(NotOfThisCaseError):
            check_may_follow(wrong)


@pytest.mark.parametrize(("outcome", "refusals"), [("MET", ()), ("PARTLY_MET", ("EXCESSIVE",))])
def test_that_the_use_is_restricted_is_never_merely_noted(outcome, refusals):
    """The restriction itself ends the case."""
    said = Decision(outcome=outcome, told="SAFE_CONTACT", refusals=refusals, ico_route_told=True)
    with pytest.raises(NotRestrictedYetError):
        case("RESTRICTION").decided(said, by="o", at=NOW)
    assert case("RESTRICTION").decided(said, by="o", at=NOW, done=True).outcome == outcome
    assert case("OBJECTION").decided(said, by="o", at=NOW).outcome == outcome


def test_what_is_opened_closes_after_an_hour_and_is_seen_once():
    """The officer who saw it first stays."""
    one = Opening(
        id="v", survivor_id="s", restriction_id="r", why="MISSING", actor_id="a", role="IMSA", opened_at=NOW,
        until=NOW + OPEN_FOR, updated_at=NOW,
    )  # fmt: skip
    one.check_open(NOW + OPEN_FOR - timedelta(seconds=1))
    with pytest.raises(OpeningOverError):
        one.check_open(NOW + OPEN_FOR)
    seen = one.seen("first", NOW)
    assert seen.seen("second", NOW + OPEN_FOR) is seen
