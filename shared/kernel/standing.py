"""How whoever reads or writes stands to the person whom it is about, as the check that let them in found it.

Audit holds no caseload: a service that knows says it at that moment, in the intent itself
(docs/decisions/0066-unusual-access.md). Where nobody said it, it is not known, which is never taken for a good sign.
"""

from enum import StrEnum


class Standing(StrEnum):
    """A code of the intent."""

    ASSIGNED = "ASSIGNED"
    COVERING = "COVERING"
    ROLE = "ROLE"
    ASSIGNED_ENDED = "ASSIGNED_ENDED"
    COVERING_ENDED = "COVERING_ENDED"
    ROLE_ENDED = "ROLE_ENDED"
    # Emergency access (ADR 0073), by the reason that whoever opened gave: a code of the list ``vital_interest``.
    EMERGENCY_RISK_TO_LIFE = "EMERGENCY_RISK_TO_LIFE"
    EMERGENCY_MISSING = "EMERGENCY_MISSING"
    EMERGENCY_FOUND_BY_TRAFFICKER = "EMERGENCY_FOUND_BY_TRAFFICKER"
    EMERGENCY_MEDICAL_EMERGENCY = "EMERGENCY_MEDICAL_EMERGENCY"
    EMERGENCY_CHILD_AT_RISK = "EMERGENCY_CHILD_AT_RISK"
    EMERGENCY_SOMEBODY_ELSE_AT_RISK = "EMERGENCY_SOMEBODY_ELSE_AT_RISK"

    def once_ended(self) -> "Standing":
        """Say the same of somebody whose support has ended; an emergency is one all the same."""
        return _ENDED.get(self, self)

    @property
    def is_ended(self) -> bool:
        """Whether support had ended."""
        return self in _ENDED.values()


_ENDED = {
    Standing.ASSIGNED: Standing.ASSIGNED_ENDED,
    Standing.COVERING: Standing.COVERING_ENDED,
    Standing.ROLE: Standing.ROLE_ENDED,
}
