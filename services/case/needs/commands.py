"""What may be asked of needs and risks; how each is carried out stands in ``services.case.outcomes.keeping``."""

from typing import ClassVar

from services.case.needs.documents import NEED_KIND, RISK_KIND
from services.case.needs.rules import Need, Risk
from services.case.outcomes.keeping import CorrectKept, KeptKind, TakeKeptBack, WriteKept


class WeighNeed(WriteKept):
    """A need is weighed, for the first time or anew."""

    action: ClassVar[str] = "case:need:weigh"
    kind: ClassVar[KeptKind[Need]] = NEED_KIND


class CorrectNeed(CorrectKept):
    """It was written wrongly."""

    action: ClassVar[str] = "case:need:correct"
    kind: ClassVar[KeptKind[Need]] = NEED_KIND


class TakeNeedBack(TakeKeptBack):
    """It is not theirs."""

    action: ClassVar[str] = "case:need:take-back"
    kind: ClassVar[KeptKind[Need]] = NEED_KIND


class WeighRisk(WriteKept):
    """A risk is weighed, for the first time or anew."""

    action: ClassVar[str] = "case:risk:weigh"
    kind: ClassVar[KeptKind[Risk]] = RISK_KIND


class CorrectRisk(CorrectKept):
    """It was written wrongly."""

    action: ClassVar[str] = "case:risk:correct"
    kind: ClassVar[KeptKind[Risk]] = RISK_KIND


class TakeRiskBack(TakeKeptBack):
    """It is not theirs."""

    action: ClassVar[str] = "case:risk:take-back"
    kind: ClassVar[KeptKind[Risk]] = RISK_KIND
