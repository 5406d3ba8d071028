"""The tasks that the board opened, what was signed and sealed of each, and what the board says of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.reporting.periods.errors import NoTaskError
from services.reporting.periods.rules import Figures
from services.reporting.periods.signature import SignedEpisode, SignedPreview
from services.reporting.periods.task import OPEN, KeptTask
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

TASKS, SIGN_OFFS, VECTORS = "tasks", "sign_offs", "vectors"
RELEASES, JUDGEMENTS = "releases", "judgements"


@dataclass(frozen=True, kw_only=True)
class SealedVector(Figures):
    """What was sealed of a period; it is what the report says, and is never counted anew.

    Attributes:
        id: Of the task.
        provenance: The commitment that went out; salt and ``counted`` open it.
        counted: (contribution id, consent event id) of each person counted.
    """

    id: str
    report_id: str
    sealed_at: datetime
    provenance_salt: bytes
    provenance: str
    counted: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """What the board says of this host's report; its id is the event's."""

    id: str
    task_id: str
    period: str
    outcome: str
    reason: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Release:
    """That the board published a release."""

    id: str
    period: str
    task_id: str


TASK = DocumentType(
    collection=TASKS,
    fields=(
        Field(name="id", holds=Holds.ID, shown=False),
        Field(name="period", holds=Holds.CODE),
        Field(name="covers", holds=Holds.CODE, shown=False, write=list, read=tuple),
        Field(name="plan_id", holds=Holds.CODE),
        Field(name="plan_hash", holds=Holds.HASH, shown=False),
        Field(name="nation", holds=Holds.CODE, shown=False),
        Field(name="setting", holds=Holds.CODE, shown=False),
        Field(name="seal_at", holds=Holds.INSTANT),
        Field(name="closes_at", holds=Holds.INSTANT),
        Field(name="board_key", holds=Holds.HASH, shown=False, read=bytes),
        Field(name="custodian_key", holds=Holds.HASH, shown=False, read=bytes),
        Field(name="terms", holds=Holds.CODE, shown=False),
        Field(name="task_hash", holds=Holds.HASH, shown=False),
        Field(name="state", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
    ),
    indexes=(IndexModel([("period", 1)]), IndexModel([("state", 1), ("seal_at", 1)])),
)
_FIGURES = (
    Field(name="people", holds=Holds.COUNT),
    Field(
        name="counts",
        holds=Holds.COUNT,
        write=lambda counts: {table: dict(cells) for table, cells in counts.items()},
    ),
    Field(name="left_out", holds=Holds.COUNT, write=dict),
)
SIGN_OFF = DocumentType(
    collection=SIGN_OFFS,
    fields=(
        Field(name="actor_id", holds=Holds.ID),
        Field(name="signed_at", holds=Holds.INSTANT),
        Field(name="task_signature", holds=Holds.HASH),
        Field(name="digest", holds=Holds.HASH),
        # Signatures of before ADR 0020 have neither of these; the second goes once nothing can lapse any more.
        Field(name="complete_through", holds=Holds.INSTANT, sparse=True),
        Field(
            name="episodes",
            holds=Holds.ID,
            write=lambda episodes: [asdict(episode) for episode in episodes],
            read=lambda stored: tuple(SignedEpisode(**episode) for episode in stored),
            sparse=True,
        ),
        *_FIGURES,
    ),
)
VECTOR = DocumentType(
    collection=VECTORS,
    fields=(
        Field(name="report_id", holds=Holds.ID),
        Field(name="sealed_at", holds=Holds.INSTANT),
        Field(name="provenance_salt", holds=Holds.HASH, read=bytes),
        Field(name="provenance", holds=Holds.HASH),
        Field(
            name="counted",
            holds=Holds.ID,
            write=lambda counted: [{"contribution_id": one, "consent_event_id": event} for one, event in counted],
            read=lambda stored: tuple((row["contribution_id"], row["consent_event_id"]) for row in stored),
            missing=(),
        ),
        *_FIGURES,
    ),
)
RELEASE = DocumentType(
    collection=RELEASES,
    fields=(Field(name="period", holds=Holds.CODE), Field(name="task_id", holds=Holds.ID)),
)
JUDGEMENT = DocumentType(
    collection=JUDGEMENTS,
    fields=(
        Field(name="task_id", holds=Holds.ID),
        Field(name="period", holds=Holds.CODE),
        Field(name="outcome", holds=Holds.CODE),
        Field(name="reason", holds=Holds.CODE),
        Field(name="at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("task_id", 1), ("at", 1)]),),
)
TYPES = (TASK, SIGN_OFF, VECTOR, RELEASE, JUDGEMENT)


class TaskStore:
    """The tasks that the board opened for this host."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, task: KeptTask) -> None:
        """Keep a task; one that is known stays as it is."""
        if self._work.find(TASKS, task.id) is None:
            self._work.insert(TASKS, TASK.document(task))

    def find(self, task_id: str) -> KeptTask | None:
        """Give a task, or None."""
        document = self._work.find(TASKS, task_id)
        return task_from(document) if document is not None else None

    def get(self, period: str) -> KeptTask:
        """Give the newest task for a period.

        Raises:
            NoTaskError: There is none.
        """
        found = self._work.find_where(TASKS, {"period": period}, sort=[("seal_at", -1)], limit=1)
        if not found:
            raise NoTaskError(period)
        return task_from(found[0])

    def open_seals(self) -> list[datetime]:
        """Give the seal instants that are still to be carried out."""
        return [t["seal_at"] for t in self._work.find_where(TASKS, {"state": OPEN})]

    def end(self, task: KeptTask, state: str, reason: str | None) -> None:
        """Note that a task was carried out, or not sent and why; its terms stay to the letter."""
        self._work.replace(TASKS, TASK.changed(self._work.get(TASKS, task.id), state=state, reason=reason))


class SealStore:
    """What was signed and what was sealed of each task."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def signed(self, task_id: str) -> SignedPreview | None:
        """Give what was signed, or None."""
        return signed_from(self._work.find(SIGN_OFFS, task_id))

    def get_signed(self, task_id: str) -> SignedPreview:
        """Give what was signed.

        Raises:
            DocumentMissingError: Nobody signed.
        """
        signed = self.signed(task_id)
        if signed is None:
            raise DocumentMissingError(SIGN_OFFS)
        return signed

    def sign(self, signed: SignedPreview) -> None:
        """Keep a signature in the place of an earlier one."""
        self._work.save(SIGN_OFFS, SIGN_OFF.document(signed))

    def forget_signed(self, task_id: str) -> None:
        """Drop the list of episodes that a signature covered, once nothing can lapse any more."""
        document = self._work.find(SIGN_OFFS, task_id)
        if document is not None and "episodes" in document:
            self._work.replace(SIGN_OFFS, {name: value for name, value in document.items() if name != "episodes"})

    def sealed(self, task_id: str) -> SealedVector | None:
        """Give what was sealed, or None."""
        return sealed_from(self._work.find(VECTORS, task_id))

    def seal(self, vector: SealedVector) -> None:
        """Keep what was sealed, for ever."""
        self._work.insert(VECTORS, VECTOR.document(vector))


def task_from(document: Mapping[str, Any]) -> KeptTask:
    """Read a task's document."""
    return KeptTask(**TASK.values(document))


def signed_from(document: Mapping[str, Any] | None) -> SignedPreview | None:
    """Read what was signed of a task."""
    return SignedPreview(**_without_version(SIGN_OFF.values(document))) if document is not None else None


def sealed_from(document: Mapping[str, Any] | None) -> SealedVector | None:
    """Read what was sealed of a task."""
    return SealedVector(**_without_version(VECTOR.values(document))) if document is not None else None


def _without_version(values: dict[str, Any]) -> dict[str, Any]:
    del values["version"]
    return values
