"""Ratings and entitlements, one document each, and nobody can write over one.

Everything that is said is sealed: what somebody gained can say what status they have, and "safety from a trafficker:
not at all" is for nobody who has a copy of the database. No query asks for any of it (ADR 0059).
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
    Field(name="outcome", holds=Holds.CODE, sealed=True),
    Field(name="rating", holds=Holds.CODE, sealed=True),
    Field(name="rated_by", holds=Holds.CODE, sealed=True),
    Field(name="point", holds=Holds.CODE, sealed=True),
    Field(name="asked", holds=Holds.CODE, sealed=True),
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
