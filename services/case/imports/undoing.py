"""Undoes an import: what it made is noted as made in error, what it changed is as it was, what it said is taken back.

Promise: nothing is deleted, and a no wins. Whom the import made is closed as recorded in error and never counted; what
anybody changed since is left and listed, and so is whoever is restricted; whom it took out of the statistics as a
possible child, or because a no had a reference like theirs, stays out until a caseworker has looked. What it said of a
consent is noted in the ledger as recorded in error, and consent brings nobody back by it who said no. Each chunk is one
transaction, and what is undone is forgotten in it, so a kill at any point is resumed and nothing is undone twice.
Shown by ``tests/integration/case/test_import_undo.py``.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from services.case.approvals.documents import overtake
from services.case.episodes.documents import EPISODES, EpisodeStore, episode_from
from services.case.episodes.rules import STAYS, Episode
from services.case.imports.changes import Change, ChangeStore
from services.case.imports.documents import KNOWN_ROW, ImportStore, ImportTurn, RowStore
from services.case.imports.rules.progress import UNDOING, UNDONE, Import
from services.case.imports.rules.said import ConsentStatement
from services.case.imports.rules.settling import UNDONE_ROW, KnownRow, Statement
from services.case.imports.settle import PURPOSE
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.codelists.consent_words import NOT_STATED
from shared.contracts.case import ImportConsentStated
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

CHUNK_ROWS = 100
_NOTHING_SAID = ConsentStatement(
    stated=NOT_STATED, said_at=None, wording_code=None, language=None, method=None, setting_private=None
)


class Undoing:
    """Undoes one import."""

    def __init__(self, context: ServiceContext, one: Import) -> None:
        """Take the case service's context and the import."""
        self._context = context
        self._import_id = one.id
        self._actor_id = one.committed_by or one.actor_id

    def run(self) -> None:
        """Undo what is left of it, the last row first."""
        while self._chunk():
            pass

    def _chunk(self) -> bool:
        """Undo some rows in one transaction; whether there may be more."""
        more: list[bool] = []

        def undo(work: UnitOfWork) -> Answer:
            imports = ImportStore(work)
            one = imports.get(self._import_id)
            more[:] = [False]
            if one.state != UNDOING:
                return Answer(status=200)
            turn = ImportTurn(work)
            turn.take(turn.at())
            changes = ChangeStore(work)
            found = changes.next(one.id, CHUNK_ROWS)
            left = self._take_back(found, work)
            for change in found:
                changes.delete(change)
            one = one.took_back(undone=len(found) - len(left), left=left)
            more[:] = [len(found) == CHUNK_ROWS]
            imports.save(one if more[0] else one.ended(UNDONE, None, at=work.now))
            return Answer(status=200)

        self._context.committer.execute(Command(run=undo, aggregates=frozenset({self._import_id})))
        return more[0]

    def _take_back(self, found: Sequence[Change], work: UnitOfWork) -> list[int]:
        """Take back what can be, and give the rows that are left."""
        store = RowStore(work)
        store.preload([change.key for change in found])
        rows = {change.key: store.find(change.key) for change in found}
        people = {row.survivor_id for row in rows.values() if row is not None and row.survivor_id}
        work.preload(EPISODES, [change.episode_id for change in found if change.episode_id])
        work.preload(SURVIVORS, people)
        sealer = Sealer(tenant=str(self._context.tenant_id), keys=self._context.survivor_keys.find_many(people))
        left = []
        for change in found:
            row = rows[change.key]
            if row is None or not self._is_untouched(change, row, work, sealer):
                # What a later file said again of a row that made nobody is that file's, and no person was changed.
                if row is None or row.survivor_id is not None or change.episode_id is not None:
                    left.append(change.row)
                continue
            self._undo_row(change, row, work, sealer)
            work.audit(
                AuditIntent(
                    action="case:import_row:undone",
                    actor_id=self._actor_id,
                    role="IMPORT",
                    object_id=row.episode_id or row.id[:32],
                    outcome="ALLOWED",
                    at=work.now,
                )
            )
        return left

    @staticmethod
    def _is_untouched(change: Change, row: KnownRow, work: UnitOfWork, sealer: Sealer) -> bool:
        """Whether nobody wrote what the import left: no later file, no caseworker, no erasure."""
        if row.version != change.known_version:
            return False
        if change.episode_id is None or row.survivor_id is None:
            return True
        episode = work.find(EPISODES, change.episode_id)
        survivor = work.find(SURVIVORS, row.survivor_id)
        if episode is None or survivor is None or row.survivor_id not in sealer.keys:
            return False
        if SurvivorStore(work).is_restricted(row.survivor_id):
            return False
        # Whoever was assigned, or has an entry, is somebody with whom people work by now.
        is_new = change.episode_before is None
        is_worked_with = is_new and (bool(survivor.get("turn")) or bool(survivor.get("advocate_ids")))
        return episode["version"] == change.episode_version and not is_worked_with

    def _undo_row(self, change: Change, row: KnownRow, work: UnitOfWork, sealer: Sealer) -> None:
        before = None if change.known_before is None else KnownRow(**KNOWN_ROW.values(change.known_before))
        if row.survivor_id is not None and change.episode_id is not None:
            # Somebody may be adding an entry at this moment: one of the two comes after the other.
            SurvivorStore(work).take_turn(row.survivor_id)
            episodes = EpisodeStore(work, sealer)
            now = episodes.get(change.episode_id)
            after = _as_before(now, change.episode_before, work, sealer)
            if after is not now:
                episodes.save(after)
                if after.status != now.status:
                    overtake(work, now.id)
        earlier = before.statement if before is not None else None
        if row.statement is not None and row.statement != earlier and row.survivor_id is not None:
            row.statement = self._retract(row.statement, earlier, row.survivor_id, work)
        row.kind, row.content = (before.kind, before.content) if before is not None else (UNDONE_ROW, "")
        if row.survivor_id is not None and change.episode_before is None:
            # The same person stands behind this reference: a no that they said meanwhile is not lost.
            row.kind, row.content, row.twins = UNDONE_ROW, "", ()
        RowStore(work).save(row)

    def _retract(self, said: Statement, earlier: Statement | None, survivor_id: str, work: UnitOfWork) -> Statement:
        """State that what the import said was said in error, and what files had said before."""
        stands = earlier.said if earlier is not None else _NOTHING_SAID
        after = Statement(id=said.id, sequence=said.sequence + 1, said=stands)
        work.record(
            ImportConsentStated(
                statement_id=said.id,
                survivor_id=survivor_id,
                import_id=self._import_id,
                purpose=PURPOSE,
                stated_recorded_at=work.now,
                recorded_in_error=True,
                **stands.by_name(),
            ),
            sequence=after.sequence,
        )
        return after


def _as_before(now: Episode, was: Any, work: UnitOfWork, sealer: Sealer) -> Episode:
    """Give the episode as it stood before the import; what protects a person stays."""
    at = work.now
    if was is None:
        return now.taken_back(at=at)
    before = episode_from(was, sealer)
    left_out = tuple(sorted({*before.left_out, *(cause for cause in now.left_out if cause in STAYS)}))
    back = replace(before, version=now.version, left_out=left_out, facts_recorded_at=at, events=())
    if replace(back, facts_recorded_at=now.facts_recorded_at) == replace(now, events=()):
        return now
    return replace(back, events=(back.statistics_facts(),))
