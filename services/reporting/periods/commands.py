"""What may be asked of reporting, each with what carries it out; each is one transaction."""

import secrets
from dataclasses import dataclass
from typing import ClassVar, Self

from services.reporting.contributions.documents import ContributionStore
from services.reporting.contributions.turns import progress_of_consent, take_turn
from services.reporting.periods import provenance
from services.reporting.periods.documents import SealedVector, SealStore, TaskStore
from services.reporting.periods.episodes import Episodes
from services.reporting.periods.errors import NotProvenYetError, NotTheTimeError, PreviewChangedError
from services.reporting.periods.readiness import check_ready, complete_through, may_be_signed
from services.reporting.periods.report import Report
from services.reporting.periods.signature import SignedPreview
from services.reporting.periods.task import NOT_SENT, SEALED, Task
from shared.codelists.periods import Period
from shared.contracts.task import task_message
from shared.kernel.ids import new_id
from shared.keys.sharing import new_seed
from shared.keys.signing import SigningKey
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

SIGNER = "HOST_DATA_LEAD"
"""Who may sign, and carry out a seal."""


@dataclass(frozen=True, kw_only=True)
class PeriodCommand(DomainCommand):
    """Base of what is done to a period: two of one period never share a transaction."""

    period: str

    @property
    def object_id(self) -> str:
        """The period."""
        return self.period

    @property
    def aggregates(self) -> frozenset[str]:
        """The period."""
        return frozenset({f"period:{self.period}"})


@dataclass(frozen=True, kw_only=True)
class SignOff(PeriodCommand):
    """A named data lead agrees that these figures may leave, in halves, at the seal.

    Attributes:
        digest: The preview's digest; it must still be the preview's when the command runs.
    """

    action: ClassVar[str] = "reporting:period:sign-off"

    digest: str
    actor_id: str


def sign_off(command: SignOff, work: UnitOfWork, *, key: SigningKey) -> Answer:
    """Sign a period's preview and its task, between the period's end and the seal.

    One act signs both: the preview inside this host, and the task's hash with the data lead's key, which board
    and custodian check on the report.

    Raises:
        NoTaskError, NotTheTimeError, NotProvenYetError, PreviewChangedError: Nothing is signed.
    """
    take_turn(work)
    task = TaskStore(work).get(command.period)
    ends_at = Period.parse(task.period).ends_at()
    if work.now < ends_at:
        raise NotTheTimeError(command.period, "the period has not ended yet. Sign it between its end and its seal")
    if work.now >= task.seal_at:
        raise NotTheTimeError(command.period, "its seal has passed. This host takes part again in the next period")
    progress = progress_of_consent(work)
    if not may_be_signed(progress, task, work.now):
        raise NotProvenYetError(command.period)
    episodes = Episodes.of(work.find_where, task)
    counted = episodes.tally()
    if counted.digest(task) != command.digest:
        raise PreviewChangedError(command.period)
    SealStore(work).sign(
        SignedPreview(
            id=task.id,
            actor_id=command.actor_id,
            signed_at=work.now,
            task_signature=key.sign(task_message(task.task_hash)),
            digest=command.digest,
            complete_through=complete_through(progress),
            episodes=episodes.signed(),
            people=counted.people,
            counts=counted.counts,
            left_out=counted.left_out,
        )
    )
    return Answer(status=201, ids={"id": task.id, "period": command.period, "digest": command.digest})


@dataclass(frozen=True, kw_only=True)
class SealPeriod(PeriodCommand):
    """Carry out the seal of a period now, if everything that it needs is there.

    Attributes:
        report_id: Random id of the report, made by the caller so that a repeat is the same report.
        seed: 32 random bytes, made by the caller likewise.
        blind: Seed of the commitments' blindings; 32 random bytes, made by the caller likewise.
        salt: Of the provenance commitment; 32 random bytes, made by the caller likewise.
    """

    action: ClassVar[str] = "reporting:period:seal"

    report_id: str
    seed: bytes
    blind: bytes
    salt: bytes

    @classmethod
    def draw(cls, period: str) -> Self:
        """Draw id, seeds and salt of a new report."""
        salt = secrets.token_bytes(provenance.SALT_BYTES)
        return cls(period=period, report_id=new_id(), seed=new_seed(), blind=new_seed(), salt=salt)


def seal_period(command: SealPeriod, work: UnitOfWork, *, key: SigningKey) -> Answer:
    """Seal a period: count, split, seal both halves, and state them once, in one transaction.

    Raises:
        NoTaskError: There is no such task.
        NotReadyToSealError: Unsigned, unproven, too early or late; nothing was sent.
    """
    take_turn(work)
    tasks, seals = TaskStore(work), SealStore(work)
    task = tasks.get(command.period)
    stored = seals.sealed(task.id)
    if stored is not None:
        return Answer(status=200, ids={"id": stored.report_id, "period": task.period, "state": SEALED})
    episodes = Episodes.of(work.find_where, task)
    signature = episodes.signature_state(seals.signed(task.id))
    check_ready(task, now=work.now, signature=signature, progress=progress_of_consent(work))
    counted = episodes.tally()
    committed = provenance.commitment(command.salt, counted.counted)
    seals.seal(
        SealedVector(
            id=task.id,
            report_id=command.report_id,
            sealed_at=work.now,
            provenance_salt=command.salt,
            provenance=committed,
            counted=counted.counted,
            people=counted.people,
            counts=counted.counts,
            left_out=counted.left_out,
        )
    )
    report = Report(
        id=command.report_id,
        host=str(work.tenant_id),
        seed=command.seed,
        blind=command.blind,
        provenance=committed,
        task_signature=seals.get_signed(task.id).task_signature,
    )
    for half, route in report.halves(task, counted, key):
        work.record(half, sequence=1, route=route)
    tasks.end(task, SEALED, None)
    _forget(work, task)
    return Answer(status=201, ids={"id": command.report_id, "period": task.period, "state": SEALED})


@dataclass(frozen=True, kw_only=True)
class GiveUp(PeriodCommand):
    """Note that a period closed without a report from here; the period clock alone asks it.

    Attributes:
        reason: What was missing.
    """

    action: ClassVar[str] = "reporting:period:give-up"

    reason: str


def give_up(command: GiveUp, work: UnitOfWork) -> Answer:
    """Note that a period closed without a report from here, and why; nothing is sent afterwards."""
    take_turn(work)
    tasks = TaskStore(work)
    task = tasks.get(command.period)
    if SealStore(work).sealed(task.id) is None and task.state != NOT_SENT:
        tasks.end(task, NOT_SENT, command.reason)
        _forget(work, task)
    return Answer(status=200, ids={"period": command.period, "state": NOT_SENT})


def _forget(work: UnitOfWork, task: Task) -> None:
    """Drop what only this task's signature and seal needed."""
    SealStore(work).forget_signed(task.id)
    store = ContributionStore(work)
    # The last quarter and its year have one seal instant: only what no open task needs goes.
    left = TaskStore(work).open_seals()
    for contribution in store.of_quarters(task.quarters()):
        pruned = contribution.pruned(left)
        if pruned != contribution:
            store.save(pruned)
