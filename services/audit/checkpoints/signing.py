"""Signs the log as it stands, each minute in which it grew, at 1,000 new leaves at once, and once a day at least.

Promise: nothing is signed that contradicts what was signed before, neither what the database says of that nor what the
file beside it says: a log that was cut, changed, or put back from an old copy is not signed any more, and doctor says
so at once. Of two processes that sign at once each goes on from what the other signed.
Shown by tests/integration/audit/test_checkpoints.py.
Limit: who can write the database, that file and the key file can sign another history; then it contradicts the
checkpoints that others kept.
"""

import contextlib
import os
import secrets
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

from pymongo import DESCENDING

from services.audit.checkpoints.documents import CHECKPOINTS, PUBLIC_KEYS
from services.audit.tree.appending import AT_ONCE
from services.audit.tree.documents import HEAD, HEAD_TYPE, HEADS
from services.audit.tree.reading import LogTree
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ConfigurationError, ServiceContext
from shared.transparency.log_key import LogKey
from shared.transparency.notes import Checkpoint, NoteRefusedError, VerifierKey, origin_of, read_checkpoint
from shared.transparency.tiles import TileDamagedError

MOST_UNSIGNED = 1_000
EVERY = timedelta(minutes=1)
AT_LEAST = timedelta(days=1)
LOOK_AGAIN = timedelta(hours=1)
"""After so long a log that stands still is held against what was signed once more."""
_NEWEST = (("at", DESCENDING), ("size", DESCENDING))


class LogContradictedError(RuleViolationError):
    """The log is not what was signed before: it was cut, changed, split, or put back from an old copy."""

    code = "audit-log-contradicted"

    def __init__(self, size: int, now: int, *, kept: str) -> None:
        """Say from where the log differs at the latest, and who knows better."""
        super().__init__(
            f"The audit log does not go on from what was signed before at {size:,} entries: it has {now:,} now, and "
            f"{kept} says otherwise. Somebody cut it, changed it or put an old copy back. It is not signed any more. "
            "Keep copies of the database and of that file, and read docs/runbooks/audit-log-contradicted.md."
        )


class ClockBehindError(RuleViolationError):
    """The last checkpoint is dated after now, so nothing can be signed."""

    code = "audit-clock-behind"

    def __init__(self, last: datetime) -> None:
        """Say as of when it was signed last."""
        super().__init__(
            f"The audit log was signed last as of {last:%Y-%m-%d %H:%M:%S} UTC, which lies ahead of this machine's "
            "clock. Nothing is signed as of a time before that. Set the clock right; if it was ahead then, read "
            "docs/runbooks/audit-log-contradicted.md."
        )


class Signing:
    """Signs one tenant's log."""

    def __init__(self, context: ServiceContext) -> None:
        """Take audit's context.

        Raises:
            LogKeyFileError: The log's key cannot be used.
            ConfigurationError: The credentials file names none.
        """
        self._context = context
        self._database = context.client[context.database_name]
        self._tree = LogTree(self._database)
        self._key = LogKey.load(log_key_file(context))
        self._origin = origin_of(context.tenant_id)
        self._public = self._key.public(self._origin)
        self._beside = context.settings.data_dir / "audit-checkpoint"
        self._looked: tuple[int, datetime] | None = None

    def run(self) -> Checkpoint | None:
        """Sign if it is time; give what was signed.

        Raises:
            LogContradictedError: The log is not what was signed before.
            NoteRefusedError: What was signed before bears other signatures: checkpoints were altered, or the key was.
            TileDamagedError: The tree lacks what must be there.
            ClockBehindError: The last one is dated after now.
        """
        size, now = self._tree.size(), self._context.clock.now()
        if self._looked is not None and self._looked[0] == size and abs(now - self._looked[1]) < LOOK_AGAIN:
            return None
        try:
            signed = self._look()
        except (LogContradictedError, NoteRefusedError, TileDamagedError):
            # Also where nothing new waits for a signature: doctor must say it.
            self._context.committer.execute(Command(run=_call_overdue, aggregates=AT_ONCE))
            raise
        if signed is not None and signed.size == size:
            self._looked = (size, now)
        return signed

    def _look(self) -> Checkpoint | None:
        last, head = self.look()
        size, now = int(head.get("size", 0)), self._context.clock.now()
        if last is not None and not _is_time(size - last.size, now, last.at, due_at=head.get("due_at")):
            return None
        signed, note = self.signed(size, self._tree.root(size), now)
        kept = self._context.committer.execute(Command(run=partial(self.keep, signed, note), aggregates=AT_ONCE))
        if not kept.ids["kept"]:
            return None
        self.keep_beside(note)
        return signed

    def look(self) -> tuple[Checkpoint | None, dict[str, Any]]:
        """Hold the log against what was signed last; give that, and the head.

        Raises:
            LogContradictedError: It does not go on from there.
            NoteRefusedError: What was signed before bears other signatures.
            TileDamagedError: The tree lacks what must be there.
        """
        last, beside = self.last(), self._kept_beside()
        # After both: another process may sign meanwhile, and a log is never smaller than what was signed of it.
        head = self._database[HEADS].find_one({"_id": HEAD}) or {}
        size = int(head.get("size", 0))
        if last is not None:
            self._must_go_on(last, size, kept="the last checkpoint in the database")
        if beside is not None:
            self._must_go_on(beside, size, kept=f"the checkpoint in {self._beside}")
        return last, head

    @property
    def public(self) -> tuple[VerifierKey, VerifierKey]:
        """The log's public keys."""
        return self._public

    def signed(self, size: int, root: bytes, now: datetime) -> tuple[Checkpoint, str]:
        """Sign a tree as of now; give the checkpoint and its note."""
        checkpoint = Checkpoint(origin=self._origin, size=size, root=root, at=now.replace(microsecond=0))
        return checkpoint, self._key.sign(checkpoint)

    def keep_beside(self, note: str) -> None:
        """Write what was signed into the file beside the database."""
        _write(self._beside, note)

    def keep(self, signed: Checkpoint, note: str, work: UnitOfWork) -> Answer:
        """Keep what was signed, in a transaction; ``kept`` says whether nothing later was signed meanwhile."""
        (newest,) = work.find_where(CHECKPOINTS, {}, sort=_NEWEST, limit=1) or (None,)
        if newest is not None and (newest["size"] > signed.size or newest["at"] > signed.at):
            # Another process was faster: what is signed later may never say less.
            return Answer(status=200, ids={"kept": False})
        place = f"{signed.size:015d}-{int(signed.at.timestamp())}"
        if work.find(CHECKPOINTS, place) is None:
            work.insert(CHECKPOINTS, {"_id": place, "size": signed.size, "at": signed.at, "note": note})
        name = self._public[0].id.hex()
        if work.find(PUBLIC_KEYS, name) is None:
            work.insert(PUBLIC_KEYS, {"_id": name, "lines": [key.line for key in self._public]})
        head = work.find(HEADS, HEAD) or {"_id": HEAD}
        # Where everything is signed, whatever comes next says again by when it must be. Always written: two who sign
        # at once, or sign and append, meet here.
        due_at = None if head.get("size", 0) == signed.size else head.get("due_at")
        work.save(HEADS, HEAD_TYPE.changed(head, due_at=due_at))
        return Answer(status=200, ids={"kept": True})

    def last(self) -> Checkpoint | None:
        """Give the last checkpoint in the database.

        Raises:
            NoteRefusedError: It bears other signatures than this log's.
        """
        found = self._database[CHECKPOINTS].find_one(sort=_NEWEST)
        return read_checkpoint(found["note"], self._public) if found is not None else None

    def _kept_beside(self) -> Checkpoint | None:
        with contextlib.suppress(FileNotFoundError):
            return read_checkpoint(self._beside.read_text(encoding="utf-8", errors="replace"), self._public)
        return None

    def _must_go_on(self, earlier: Checkpoint, size: int, *, kept: str) -> None:
        if earlier.size > size or self._tree.root(earlier.size) != earlier.root:
            raise LogContradictedError(earlier.size, size, kept=kept)


def _is_time(new: int, now: datetime, last: datetime, *, due_at: datetime | None) -> bool:
    age = now - last
    if new > 0 and age < -EVERY:
        raise ClockBehindError(last)
    if age < timedelta(0):
        return False
    is_due = due_at is not None and due_at <= now
    return is_due or new >= MOST_UNSIGNED or (new > 0 and age >= EVERY) or age >= AT_LEAST


def _call_overdue(work: UnitOfWork) -> Answer:
    head = work.find(HEADS, HEAD) or {"_id": HEAD}
    due_at = head.get("due_at")
    if due_at is None or due_at > work.now:
        work.save(HEADS, HEAD_TYPE.changed(head, due_at=work.now))
    return Answer(status=200)


def log_key_file(context: ServiceContext) -> Path:
    """Give where the log's key lies.

    Raises:
        ConfigurationError: The credentials file names none.
    """
    named = context.settings.extra.get("log_key_file")
    if not named:
        raise ConfigurationError(
            f"The credentials file of audit of tenant {context.tenant_id} names no key of the log (extra.log_key_file)."
            " Run: alongside tenant add."
        )
    return Path(named)


def _write(path: Path, note: str) -> None:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with draft.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
