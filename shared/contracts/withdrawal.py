"""How it is proven that a withdrawal was carried out: what consent asks, and what each service of the tenant answers.

Limit: nobody can join the questions. Each service is asked under a random id of its own; the statistics are asked about
contributions and never about a survivor, the others about a survivor and never about contributions. All are local: no
message about a withdrawal leaves the tenant. docs/decisions/0047-withdrawal-that-is-proven.md.
"""

from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Id, Instant, Period
from shared.kernel.messages import Event

DONE = "DONE"
"""The one answer that a service gives; a service that cannot say so yet says nothing, and is asked again."""
IN_NO_UNSEALED_VECTOR = "IN_NO_UNSEALED_VECTOR"
LATER_YES = "LATER_YES"
KEPT_FOR_SUPPORT_ONLY = "KEPT_FOR_SUPPORT_ONLY"
RECIPIENTS_ARE_TOLD = "RECIPIENTS_ARE_TOLD"
NO_YES_IS_SERVED = "NO_YES_IS_SERVED"


@dataclass(frozen=True, kw_only=True)
class WithdrawalAsked(Event):
    """A permission ended: is it carried out where you are? The same question may be asked again.

    Attributes:
        asked_of: The one service that is to answer.
        consent_sequence: Version of the consent that says so; an older state is not yet carried out.
    """

    event_type: ClassVar[str] = "alongside.consent.withdrawal_asked.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    asked_of: Code
    survivor_id: Id
    consent_id: Id
    consent_sequence: Count
    purpose: Code
    effective_at: Instant


@dataclass(frozen=True, kw_only=True)
class StatedContribution:
    """An episode's facts under their random id, and the statement that withheld them."""

    contribution_id: Id
    sequence: Count


@dataclass(frozen=True, kw_only=True)
class CountingWithdrawalAsked(Event):
    """The same for the statistics: are these contributions in no vector that is not sealed yet?"""

    event_type: ClassVar[str] = "alongside.consent.counting_withdrawal_asked.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    contributions: tuple[StatedContribution, ...]


@dataclass(frozen=True, kw_only=True)
class WithdrawalAnswered(Event):
    """Base of every service's answer.

    Attributes:
        answer: ``DONE``; a code that nobody knows answers nothing.
        finding: What the service found, a code of the list ``withdrawal_finding``.
    """

    subject_field: ClassVar[str] = "question_id"

    question_id: Id
    answer: Code
    finding: Code


@dataclass(frozen=True, kw_only=True)
class CaseAnswered(WithdrawalAnswered):
    """Case carried a withdrawal out."""

    event_type: ClassVar[str] = "alongside.case.withdrawal_answered.v1"
    source: ClassVar[str] = "case"


@dataclass(frozen=True, kw_only=True)
class IntegrationsAnswered(WithdrawalAnswered):
    """Integrations carried a withdrawal out."""

    event_type: ClassVar[str] = "alongside.integrations.withdrawal_answered.v1"
    source: ClassVar[str] = "integrations"


@dataclass(frozen=True, kw_only=True)
class ReportingAnswered(WithdrawalAnswered):
    """Reporting carried a withdrawal out.

    Attributes:
        sealed_periods: Periods in whose vectors, sealed before it was recorded, somebody was counted; these stay.
    """

    event_type: ClassVar[str] = "alongside.reporting.withdrawal_answered.v1"
    source: ClassVar[str] = "reporting"

    sealed_periods: tuple[Period, ...]


@dataclass(frozen=True, kw_only=True)
class WithdrawalProven(Event):
    """Everybody answered: a withdrawal is carried out, or refused where the law allows it. For integrators too."""

    event_type: ClassVar[str] = "alongside.consent.withdrawal_proven.v1"
    source: ClassVar[str] = "consent"
    subject_field: ClassVar[str] = "withdrawal_id"
    public_fields: ClassVar[tuple[str, ...]] = (
        "withdrawal_id", "consent_id", "survivor_id", "purpose", "effective_at", "proven_at",
    )  # fmt: skip
    public_since: ClassVar[str] = "0.3"

    withdrawal_id: Id
    consent_id: Id
    survivor_id: Id
    purpose: Code
    effective_at: Instant
    proven_at: Instant
