"""Ratings and entitlements, one document each, and nobody can write over one.

An exact day is sealed; so is what somebody gained, since it can say what status they have. A rating stands as a code,
as it did while it was an entry of an episode (ADR 0059).
"""

from services.case.goals.documents import GOALS
from services.case.outcomes.keeping import KeptKind, kept_type, sealed_day
from services.case.outcomes.kept import check_day
from services.case.outcomes.rules import Entitlement, Rating
from shared.codelists.periods import london_day
from shared.outbox.documents import Field, Holds
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

RATINGS, ENTITLEMENTS = "outcome_ratings", "entitlements"
RATING = kept_type(
    RATINGS,
    Field(name="outcome", holds=Holds.CODE),
    Field(name="rating", holds=Holds.CODE),
    Field(name="rated_by", holds=Holds.CODE),
    Field(name="point", holds=Holds.CODE),
    Field(name="asked", holds=Holds.CODE),
    sealed_day("on"),
)
ENTITLEMENT = kept_type(
    ENTITLEMENTS,
    Field(name="entitlement", holds=Holds.CODE, sealed=True),
    sealed_day("on"),
    Field(name="goal_id", holds=Holds.ID),
)
TYPES = (RATING, ENTITLEMENT)


def _check_rating(one: Rating, work: UnitOfWork) -> None:
    check_day(one.on, london_day(work.now))


def _check_entitlement(one: Entitlement, work: UnitOfWork) -> None:
    check_day(one.on, london_day(work.now))
    if one.goal_id is not None and work.get(GOALS, one.goal_id)["survivor_id"] != one.survivor_id:
        # Another person's goal is not there, also for whoever may act on both.
        raise DocumentMissingError(GOALS)


RATING_KIND = KeptKind(stored=RATING, make=Rating, check=_check_rating)
ENTITLEMENT_KIND = KeptKind(stored=ENTITLEMENT, make=Entitlement, check=_check_entitlement)
