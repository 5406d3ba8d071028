"""Approvals of a plan and of the end of support: plain rules, no database and no clock.

Promise: nobody approves what they asked for or their own work; a survivor's no to a plan ends its approval, before and
after it was given; what was decided stays; an end that the survivor wants, and a death, wait for nobody.
Shown by tests/unit/case/test_approval_rules.py. Source: ADR 0068.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime

from services.case.approvals.errors import (
    AgreementMisstatedError,
    ApprovalDecidedError,
    NothingToSettleError,
    OwnApprovalError,
    SurvivorSaidNoError,
)
from services.case.approvals.plan import Part
from services.case.survivors.rules import ADVOCATE

SUPERVISOR, SAFEGUARDING_LEAD, HOST_ADMIN = "SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN"
APPROVERS = (SUPERVISOR, SAFEGUARDING_LEAD)
PLAN, CLOSURE = "PLAN", "CLOSURE"
KINDS = (PLAN, CLOSURE)
WAITING, APPROVED, SENT_BACK, TAKEN_BACK = "WAITING", "APPROVED", "SENT_BACK", "TAKEN_BACK"
OVERTAKEN, TO_REVIEW, REVIEWED = "OVERTAKEN", "TO_REVIEW", "REVIEWED"
STATES = (WAITING, APPROVED, SENT_BACK, TAKEN_BACK, OVERTAKEN, TO_REVIEW, REVIEWED)
APPROVER, WHOEVER_ASKED, NOBODY = "APPROVER", "ADVOCATE", "NOBODY"
WAITS_FOR = (APPROVER, WHOEVER_ASKED, NOBODY)
AGREED, SAID_NO = "AGREED", "SAID_NO"
AT_ONCE = frozenset(
    {
        "DECEASED",
        "GOALS_MET_SURVIVOR_DECISION",
        "SURVIVOR_ENDED_OTHER",
        "RETURNED_TO_COUNTRY_OF_ORIGIN_VOLUNTARY",
    }
)
"""Closure reasons that wait for nobody: a death, and each by which the survivor decides."""
LONGEST = 2000
MOST_OF_EPISODE, MOST_SAID = 200, 50


@dataclass(frozen=True, kw_only=True)
class Said:
    """How the survivor stands to the plan.

    Attributes:
        agreement: A code of ``plan_agreement``.
        on: The day on which they agreed; None where they did not.
        how: A code of ``consent_method``, likewise.
        by: Who wrote it down.
    """

    agreement: str
    on: date | None = None
    how: str | None = None
    by: str
    at: datetime

    def check(self, today: date) -> None:
        """Refuse what nobody could rely on.

        Raises:
            AgreementMisstatedError: Day and way stand without a yes, or a yes without them; or it is a day to come.
        """
        for name, value in (("agreed_on", self.on), ("agreed_how", self.how)):
            if (value is not None) != (self.agreement == AGREED):
                raise AgreementMisstatedError(name, "Say when and how they agreed where they agreed, and only there.")
        if self.on is not None and self.on > today:
            raise AgreementMisstatedError("agreed_on", "This day has not come yet.")


@dataclass(frozen=True, kw_only=True)
class Approval:
    """One thing that was asked for, and what became of it.

    Attributes:
        waits_for: Whose turn it is: an approver's, the advocate's who reads what was sent back, or nobody's.
        asked_of: The role that is to decide.
        closure_reason: Of an end of support, why.
        said: Of a plan, how the survivor stands to it; the newest last, each earlier one stays.
        plan: Of a plan, exactly what is asked for.
        words: What whoever sent it back wrote.
    """

    id: str
    survivor_id: str
    episode_id: str
    kind: str
    state: str = WAITING
    waits_for: str = APPROVER
    asked_of: str = SUPERVISOR
    closure_reason: str | None = None
    said: tuple[Said, ...] = ()
    plan: tuple[Part, ...] = ()
    words: str | None = None
    asked_by: str
    asked_at: datetime
    decided_by: str | None = None
    decided_role: str | None = None
    decided_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    @property
    def agreement(self) -> Said | None:
        """How the survivor stands to the plan now; None of what is no plan."""
        return self.said[-1] if self.said else None

    @property
    def may_be_settled(self) -> bool:
        """Whether whoever works with the person can still do something about it."""
        return self.state == WAITING or self.waits_for == WHOEVER_ASKED

    def check_other(self, actor_id: str, works_with: Collection[str]) -> None:
        """Refuse who asked, and who works with the person.

        Raises:
            OwnApprovalError: It is their own.
        """
        if actor_id == self.asked_by or actor_id in works_with:
            raise OwnApprovalError

    def approved(self, by: str, role: str, *, at: datetime) -> "Approval":
        """Say yes; of an end that waited for nobody, that somebody looked at it.

        Raises:
            ApprovalDecidedError: It waits for no answer.
            SurvivorSaidNoError: The survivor does not want this plan.
        """
        self._check_waits()
        if self.agreement is not None and self.agreement.agreement == SAID_NO:
            raise SurvivorSaidNoError
        state = APPROVED if self.state == WAITING else REVIEWED
        return replace(
            self, state=state, waits_for=NOBODY, decided_by=by, decided_role=role, decided_at=at, updated_at=at
        )

    def sent_back(self, words: str, by: str, role: str, *, at: datetime) -> "Approval":
        """Say what is to be mended, or of an end that waited for nobody, what is to be spoken about.

        Raises:
            ApprovalDecidedError: It waits for no answer.
        """
        self._check_waits()
        return replace(
            self,
            state=SENT_BACK,
            waits_for=WHOEVER_ASKED,
            words=words,
            decided_by=by,
            decided_role=role,
            decided_at=at,
            updated_at=at,
        )

    def stated(self, said: Said) -> "Approval":
        """Write down how the survivor stands to the plan now; a no ends it, also when it was approved.

        Raises:
            ApprovalDecidedError: It is no plan that waits or was approved, or it was said as often as may be; a no
                always is.
        """
        says_no = said.agreement == SAID_NO
        if self.kind != PLAN or self.state not in (WAITING, APPROVED) or (len(self.said) >= MOST_SAID and not says_no):
            raise ApprovalDecidedError
        now = replace(self, said=(*self.said, said), updated_at=said.at)
        return now if not says_no else replace(now, state=TAKEN_BACK, waits_for=NOBODY)

    def settled(self, *, at: datetime) -> "Approval":
        """Take back what waits, or note that what was sent back was read.

        Raises:
            NothingToSettleError: There is neither.
        """
        if not self.may_be_settled:
            raise NothingToSettleError
        state = TAKEN_BACK if self.state == WAITING else self.state
        return replace(self, state=state, waits_for=NOBODY, updated_at=at)

    def _check_waits(self) -> None:
        if self.waits_for != APPROVER:
            raise ApprovalDecidedError


def waits_for_approval(reason: str, *, needed: bool, role: str, works_with_them: bool) -> bool:
    """Whether support does not end before somebody else approved.

    Args:
        reason: A code of ``closure_reason``.
        needed: Whether the host says so.
        role: Whose end it is; a supervisor decides alone about whom she does not work with.
        works_with_them: Whether they are an advocate of the person, or cover for one.
    """
    return needed and reason not in AT_ONCE and (role == ADVOCATE or (role == SUPERVISOR and works_with_them))
