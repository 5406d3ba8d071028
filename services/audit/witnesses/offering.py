"""Offers the log to its witnesses, once a day at one fixed time, also when nothing happened.

Promise: filling up, signing, keeping and sending are one transaction that writes the log's head, so two at once or a
kill at whatever step leave one offer a day; nothing is offered of a log that contradicts what was signed before; a
witness that is away holds up neither the log nor the other one. Shown by tests/integration/audit/test_witnesses.py.
"""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from services.audit.checkpoints.signing import ClockBehindError, Signing
from services.audit.tree.appending import AT_ONCE, tile_id
from services.audit.tree.documents import HEAD, HEADS, TILES
from services.audit.tree.padding import fill, padded_size
from services.audit.witnesses.documents import DAY, DAYS, WITNESS, WITNESSES
from shared.contracts.witness import CheckpointOffered
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD, CUSTODIAN
from shared.outbox.commands import Answer, Command
from shared.outbox.documents import Document
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.transparency import tree
from shared.transparency.notes import VerifierKey, signatures_of
from shared.transparency.tiles import nodes

ASKED = (str(BOARD), str(CUSTODIAN))
AT = time(3)
"""In UTC, for every host the same: when one offers says nothing of it."""
PATIENCE = timedelta(hours=6)
"""What was not answered by then is late."""
_NEW: dict[str, Any] = {"size": 0, "seen_at": None}


def last_time(now: datetime) -> datetime:
    """Give the fixed time that was last."""
    at = datetime.combine(now.date(), AT, tzinfo=now.tzinfo)
    return at if at <= now else at - timedelta(days=1)


class Offering:
    """Offers one host's log."""

    def __init__(self, context: ServiceContext) -> None:
        """Take audit's context.

        Raises:
            LogKeyFileError: The log's key cannot be used.
            ConfigurationError: The credentials file names none.
        """
        self._context = context
        self._days = context.client[context.database_name][DAYS]
        self._signing = Signing(context)
        self._offered = ""

    def run(self) -> bool:
        """Offer what is due; give whether anything was.

        Raises:
            LogContradictedError: The log is not what was signed before.
            NoteRefusedError: What was signed before bears other signatures.
            TileDamagedError: The tree lacks what must be there.
            ClockBehindError: Something was signed as of a later time.
        """
        day = f"{last_time(self._context.clock.now()):%Y-%m-%d}"
        # Asked of the database once a day, however often this runs.
        if self._offered >= day or self._days.find_one({"_id": {"$gte": day}}, {"_id": 1}) is not None:
            self._offered = max(self._offered, day)
            return False
        self._signing.look()

        def offer(work: UnitOfWork) -> Answer:
            return self._offer(day, work)

        answer = self._context.committer.execute(Command(run=offer, aggregates=AT_ONCE))
        offered = self._days.find_one({"_id": day}, {"note": 1}) if answer.ids["offered"] else None
        if offered is not None:
            self._signing.keep_beside(offered["note"])
        return offered is not None

    def _offer(self, day: str, work: UnitOfWork) -> Answer:
        last = newest_day(work)
        if last is not None and last["_id"] >= day:
            return Answer(status=200, ids={"offered": False})
        held = int((work.find(HEADS, HEAD) or {}).get("size", 0))
        size = padded_size(held, last["size"] if last is not None else 0)
        fill(work, size - held, name=day)
        signed, note = self._signing.signed(size, _root(work, size), work.now)
        if not self._signing.keep(signed, note, work).ids["kept"]:
            raise ClockBehindError(signed.at)
        document = DAY.changed({"_id": day}, size=size, root=signed.root.hex(), at=signed.at, note=note)
        work.insert(DAYS, document)
        for witness in ASKED:
            known = work.find(WITNESSES, witness) or {"_id": witness, **_NEW}
            ask(work, known, document, before=int(known["size"]), keys=self._signing.public, again=0)
        return Answer(status=200, ids={"offered": True})


def newest_day(work: UnitOfWork) -> Document | None:
    """Give what was offered last."""
    found = work.find_where(DAYS, {}, sort=[("size", -1)], limit=1)
    return found[0] if found else None


def ask(
    work: UnitOfWork,
    witness: Document,
    day: Document,
    *,
    before: int,
    keys: tuple[VerifierKey, VerifierKey],
    again: int,
) -> None:
    """Send one day's checkpoint to one witness, with the proof that begins at ``before``."""
    plain, dated = signatures_of(day["note"], keys)
    offered = CheckpointOffered(
        offer_id=new_id(),
        witness=witness["_id"],
        size=day["size"],
        root=day["root"],
        at=day["at"],
        before=before,
        proof=tuple(one.hex() for one in _consistency(work, before, day["size"])),
        ed25519=plain.hex(),
        ml_dsa_44=dated.hex(),
        ed25519_key=keys[0].public.hex(),
        ml_dsa_44_key=keys[1].public.hex(),
    )
    # Within the day's patience, and of one that was late before still as late.
    due_at = min(witness.get("due_at") or work.now + PATIENCE, work.now + PATIENCE)
    values = {"offer_id": offered.offer_id, "day": day["_id"], "outcome": None, "again": again, "due_at": due_at}
    work.save(WITNESSES, WITNESS.changed(witness, **values))
    work.record(offered, sequence=int(work.get(WITNESSES, witness["_id"])["version"]))


def _consistency(work: UnitOfWork, before: int, size: int) -> Sequence[bytes]:
    return tree.consistency_proof(before, size, _nodes(work)) if before else ()


def _root(work: UnitOfWork, size: int) -> bytes:
    return tree.root(size, _nodes(work))


def _nodes(work: UnitOfWork) -> tree.Node:
    """Read tiles as this transaction sees them, with what it appended itself."""

    def load(level: int, index: int) -> bytes:
        found = (work.find(TILES, tile_id(level, index)) or {}).get("hashes")
        return bytes(found) if isinstance(found, bytes) else b""

    return nodes(load)
