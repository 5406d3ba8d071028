"""What may be asked of outcomes and entitlements; how each is carried out stands in ``keeping``."""

from typing import ClassVar

from services.case.outcomes.documents import ENTITLEMENT_KIND, RATING_KIND
from services.case.outcomes.keeping import CorrectKept, KeptKind, TakeKeptBack, WriteKept
from services.case.outcomes.rules import Entitlement, Rating


class RateOutcomes(WriteKept):
    """Somebody says how far outcomes are reached."""

    action: ClassVar[str] = "case:outcome:rate"
    kind: ClassVar[KeptKind[Rating]] = RATING_KIND


class CorrectRating(CorrectKept):
    """A rating was written wrongly."""

    action: ClassVar[str] = "case:outcome:correct"
    kind: ClassVar[KeptKind[Rating]] = RATING_KIND


class TakeRatingBack(TakeKeptBack):
    """Nobody said so."""

    action: ClassVar[str] = "case:outcome:take-back"
    kind: ClassVar[KeptKind[Rating]] = RATING_KIND


class RecordEntitlement(WriteKept):
    """The survivor gained a right or an entitlement."""

    action: ClassVar[str] = "case:entitlement:record"
    kind: ClassVar[KeptKind[Entitlement]] = ENTITLEMENT_KIND


class CorrectEntitlement(CorrectKept):
    """It was written wrongly."""

    action: ClassVar[str] = "case:entitlement:correct"
    kind: ClassVar[KeptKind[Entitlement]] = ENTITLEMENT_KIND


class TakeEntitlementBack(TakeKeptBack):
    """They did not gain it."""

    action: ClassVar[str] = "case:entitlement:take-back"
    kind: ClassVar[KeptKind[Entitlement]] = ENTITLEMENT_KIND
