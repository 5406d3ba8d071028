"""Needs and risks, one document each, and nobody can write over one.

Also their codes are sealed: a risk of self-harm beside an id is what nobody may read who has a copy of the database,
and no query asks for it (ADR 0059).
"""

from services.case.needs.rules import Need, Risk
from services.case.outcomes.keeping import KeptKind, kept_type, sealed_day
from services.case.outcomes.kept import check_day
from shared.codelists.periods import london_day
from shared.outbox.documents import Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

NEEDS, RISKS = "needs", "risks"
_OWN = (
    Field(name="about", holds=Holds.CODE, sealed=True),
    Field(name="level", holds=Holds.CODE, sealed=True),
    Field(name="view", holds=Holds.CODE, sealed=True),
    sealed_day("on"),
    Field(name="words", holds=Holds.STORY, sealed=True),
)
NEED, RISK = kept_type(NEEDS, *_OWN), kept_type(RISKS, *_OWN)
TYPES = (NEED, RISK)


def _check(one: Need, work: UnitOfWork) -> None:
    check_day(one.on, london_day(work.now))


NEED_KIND = KeptKind(stored=NEED, make=Need, check=_check)
RISK_KIND = KeptKind(stored=RISK, make=Risk, check=_check)
