"""Everything is stopped in one transaction, and lifted by a person with a reason.

Promise: from the commit on no permission of that person stands, and none comes to stand, whoever says so: a file, words
that are registered later, or a form that was open. What could not be ended is listed and tried again. Shown by
tests/integration/consent/test_stops.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from pymongo.errors import PyMongoError

from services.consent.drafts.documents import DRAFTS
from services.consent.gate.documents import EPISODES, GateStore, episode_from
from services.consent.gate.stating import state_stopped
from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.ledger.keeping import entry_of, keep
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PersonStore
from services.consent.ledger.rules import STATISTICS, Consent
from services.consent.ledger.standing import DIRECT, EFFECTIVE, RECONFIRM, REQUESTED
from services.consent.permits.ending import end_permits_of
from services.consent.stops.documents import StopStore
from services.consent.stops.rules import SPEAK_WITHIN, Stop
from shared.contracts.consent import EverythingStopped
from shared.kernel.errors import TemporarilyUnavailableError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import Document, UnitOfWork
from shared.telemetry.logs import get_logger

MOST_ENDED = 200
"""Ledgers of one person that are looked through; far more than there are purposes and recipients."""
_CAN_END = frozenset({*EFFECTIVE, RECONFIRM, REQUESTED})
"""What permits, may come to permit, or asks."""

log = get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class StopEverything(DomainCommand):
    """Somebody said: stop everything. No reason is asked."""

    action: ClassVar[str] = "consent:stop:ask"
    stop_id: str
    survivor_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The survivor; it may stand already under another id."""
        return self.survivor_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


@dataclass(frozen=True, kw_only=True)
class LiftStop(DomainCommand):
    """Somebody spoke with the person in private.

    Attributes:
        why: A code of the list ``stop_lifted``.
    """

    action: ClassVar[str] = "consent:stop:lift"
    stop_id: str
    survivor_id: str
    why: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The stop."""
        return self.stop_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn is taken."""
        return frozenset({self.survivor_id})


def stop_everything(command: StopEverything, work: UnitOfWork) -> Answer:
    """End every permission of a person, and let none come to stand; where it stands already, look once more.

    Raises:
        SurvivorUnknownError: They were erased; nothing is left to stop.
    """
    people, store = PersonStore(work), StopStore(work)
    people.take_turn(command.survivor_id)
    stop = store.standing(command.survivor_id)
    if stop is None:
        stop = Stop(
            id=command.stop_id,
            survivor_id=command.survivor_id,
            asked_by=command.actor_id,
            asked_role=command.role,
            asked_at=work.now,
            due_at=work.now + SPEAK_WITHIN,
            updated_at=work.now,
        )
        store.add(stop)
        stop = store.get(stop.id)
        _say(work, stop, is_stopped=True)
    version = store.save(go_on(stop, work, actor_id=command.actor_id))
    return Answer(status=201, ids={"id": stop.id, "version": version})


def lift_stop(command: LiftStop, work: UnitOfWork) -> Answer:
    """Lift a stop; every permission that it ended stays ended.

    Raises:
        DocumentMissingError, SurvivorUnknownError, StopLiftedError, StopNotDoneError: Nothing changes.
    """
    PersonStore(work).take_turn(command.survivor_id)
    store = StopStore(work)
    lifted = store.get(command.stop_id).lifted(command.why, command.actor_id, work.now)
    version = store.save(lifted)
    _say(work, lifted, is_stopped=False)
    return Answer(status=200, ids={"id": lifted.id, "version": version})


def go_on(stop: Stop, work: UnitOfWork, *, actor_id: str) -> Stop:
    """End what still stands, in the person's turn; give the stop with what was ended and what was not."""
    theirs = {"survivor_id": stop.survivor_id}
    documents = work.find_where(CONSENTS, theirs, sort=[("_id", 1)], limit=MOST_ENDED + 1)
    # Nothing is left open in silence: whatever lies beyond the bound is listed.
    ended, waiting = [], [str(document["_id"]) for document in documents[MOST_ENDED:]]
    for document in documents[:MOST_ENDED]:
        try:
            before = consent_from(document)
            after = _ended(before, work.now, actor_id)
            if after is not None and after.purpose == STATISTICS:
                # Read before anything is written, since ending it states them anew.
                GateStore(work).of_survivors([stop.survivor_id])
        except (TemporarilyUnavailableError, PyMongoError):
            raise
        except Exception as error:  # noqa: BLE001  One ledger that cannot be read must not keep the others open.
            log.error("a permission could not be ended", error_class=type(error).__name__)  # noqa: TRY400
            waiting.append(str(document["_id"]))
            if document["_id"] == consent_key(stop.survivor_id, STATISTICS):
                _withhold(work, stop.survivor_id)
            continue
        if after is not None:
            keep(work, before, after, actor_id=actor_id)
            ended.append(before.id)
    # Also what was permitted under a yes that cannot be read.
    end_permits_of(work, stop.survivor_id)
    dropped = _drop_drafts(work, stop.survivor_id)
    return stop.went_on(ended=tuple(ended), waiting=tuple(waiting), dropped=dropped)


def _ended(consent: Consent, now: datetime, actor_id: str) -> Consent | None:
    return consent.withdrawn(entry_of(DIRECT, now, actor_id)) if consent.status in _CAN_END else None


def _withhold(work: UnitOfWork, survivor_id: str) -> None:
    """Take what was released out of the statistics, though the permission cannot be read: that counts as a no."""
    for document in work.find_where(EPISODES, {"survivor_id": survivor_id}, sort=[("_id", 1)]):
        try:
            episode = episode_from(document)
        except Exception as error:  # noqa: BLE001  One episode that cannot be read must not keep the others released.
            log.error("an episode could not be withheld", error_class=type(error).__name__)  # noqa: TRY400
            continue
        if episode.stated is None or episode.stated.get("reason") is None:
            state_stopped(work, episode)


def _drop_drafts(work: UnitOfWork, survivor_id: str) -> int:
    drafts: list[Document] = work.find_where(DRAFTS, {"survivor_id": survivor_id}, limit=MOST_ENDED)
    for draft in drafts:
        work.delete(DRAFTS, draft["_id"])
    return len(drafts)


def _say(work: UnitOfWork, stop: Stop, *, is_stopped: bool) -> None:
    sequence = PersonStore(work).note_stop(stop.survivor_id, stop.id if is_stopped else None)
    work.record(EverythingStopped(survivor_id=stop.survivor_id, is_stopped=is_stopped), sequence=sequence)
