"""Where support stands, from referral to its end, and which step follows which: plain rules, no database and no clock.

Promise: only the listed steps are taken; a pause, a refusal of support and a reopening keep their reason; until support
has begun nothing of it is told to anybody outside this service. Shown by tests/unit/case/test_episode_states.py.
Source: ADR 0052; the states are those of the code list ``case_status``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from shared.kernel.errors import InvalidInputError, RuleViolationError

REFERRED, TRIAGED, WAITING_LIST, OFFERED = "REFERRED", "TRIAGED", "WAITING_LIST", "OFFERED"
ACTIVE, ON_HOLD, TRANSFER_PENDING, CLOSING = "ACTIVE", "ON_HOLD", "TRANSFER_PENDING", "CLOSING"
CLOSED, DECLINED, REOPENED = "CLOSED", "DECLINED", "REOPENED"
BEFORE = (REFERRED, TRIAGED, WAITING_LIST, OFFERED)
"""Support has not begun."""
ENDED = (CLOSED, DECLINED)
"""Nothing is written here any more; a contact that was written wrongly can still be corrected."""
BEGINS = (REFERRED, ACTIVE)
"""In which an episode may begin."""

_GOING_ON = (ON_HOLD, TRANSFER_PENDING, CLOSING, CLOSED)
STEPS: Mapping[str, tuple[str, ...]] = {
    REFERRED: (TRIAGED, DECLINED, CLOSED),
    TRIAGED: (OFFERED, WAITING_LIST, DECLINED, CLOSED),
    WAITING_LIST: (OFFERED, TRIAGED, DECLINED, CLOSED),
    OFFERED: (ACTIVE, WAITING_LIST, DECLINED, CLOSED),
    ACTIVE: _GOING_ON,
    REOPENED: _GOING_ON,
    ON_HOLD: (ACTIVE, CLOSING, CLOSED),
    TRANSFER_PENDING: (ACTIVE, CLOSED),
    CLOSING: (ACTIVE, CLOSED),
    CLOSED: (REOPENED,),
    DECLINED: (REFERRED,),
}
"""From each state, those that may follow."""
REASONS: Mapping[str, tuple[str, ...]] = {
    DECLINED: ("SURVIVOR_DECIDED", "NOT_ELIGIBLE", "NO_CAPACITY", "OTHER_SERVICE_SUITS_BETTER"),
    ON_HOLD: ("SURVIVOR_ASKED", "NO_CONTACT_FOR_NOW", "AWAY_OR_DETAINED", "HEALTH"),
    REOPENED: ("SURVIVOR_ASKED", "NEW_NEED", "CLOSED_IN_ERROR"),
}
"""States into which nobody comes without one of these reasons."""


class WrongStepError(RuleViolationError):
    """This state does not follow that one."""

    code = "wrong-step"

    def __init__(self, now: str, wanted: str) -> None:
        """Name both, and what may follow."""
        following = ", ".join(STEPS[now]) if now in STEPS else "nothing"
        super().__init__(f"{wanted} does not follow {now}. What may follow: {following}.")


class ReasonWantedError(InvalidInputError):
    """This step needs a reason of its list."""

    code = "reason-wanted"

    def __init__(self, wanted: str) -> None:
        """Name the list."""
        known = REASONS.get(wanted, ())
        sentence = f"Give one of these reasons: {', '.join(known)}." if known else "This step takes no reason."
        super().__init__(sentence, ({"pointer": "#/reason", "code": self.code, "detail": sentence},))


class TierWantedError(InvalidInputError):
    """Triage says the tier."""

    code = "tier-wanted"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Say the tier when you triage, and only then. Give a code of the list advocacy_tier."
        super().__init__(sentence, ({"pointer": "#/tier", "code": self.code, "detail": sentence},))


@dataclass(frozen=True, kw_only=True)
class Change:
    """One step from a state to the next, as history keeps it.

    Attributes:
        before: None for how the episode began.
        reason: Why, where the step needs a reason; of a closing, its closure reason.
        tier: What triage said; None elsewhere.
    """

    id: str
    episode_id: str
    survivor_id: str
    before: str | None
    after: str
    reason: str | None
    tier: str | None
    actor_id: str
    role: str
    recorded_at: datetime
    updated_at: datetime
    version: int = 0


def check_step(now: str, wanted: str, *, reason: str | None, tier: str | None) -> None:
    """Check that a state follows another, with what it needs; a closing's reason is judged where it closes.

    Raises:
        WrongStepError, ReasonWantedError, TierWantedError: It does not.
    """
    if wanted not in STEPS.get(now, ()):
        raise WrongStepError(now, wanted)
    if (reason not in REASONS[wanted]) if wanted in REASONS else (reason is not None and wanted != CLOSED):
        raise ReasonWantedError(wanted)
    if (tier is not None) != (wanted == TRIAGED):
        raise TierWantedError
