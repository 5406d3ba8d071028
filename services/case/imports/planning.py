"""Makes a plan: every row of a file is settled in a rehearsal, and what it would do is written down, sealed.

Promise: a plan changes nobody's record and makes no key, but a possible child's urgent task is opened at once; a
commit that finds the records as they were does exactly what the plan tells. Memory does not grow with the file. Shown
by ``tests/integration/case/test_import_plan.py`` and ``tests/integration/case/test_import_commit.py``.
"""

import hashlib
import json
import secrets
from array import array
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from pymongo.database import Database

from services.case.episodes.documents import EPISODES
from services.case.imports.ahead import ahead
from services.case.imports.changes import changed_of
from services.case.imports.children import open_child_task
from services.case.imports.documents import ROWS, ImportStore, ImportTurn, RowStore
from services.case.imports.errors import ImportTakenError
from services.case.imports.errors_file import faulty_row
from services.case.imports.finding import Finder, Found, basis_of
from services.case.imports.looking import batches, first_look, forms_of, note_absent
from services.case.imports.plans import PlanStore
from services.case.imports.rehearsal import Place, Rehearsal
from services.case.imports.rules.decoding import TooMuchAlikeError
from services.case.imports.rules.planned import (
    HELD,
    MOST_LISTED,
    POSSIBLE_CHILD,
    REFUSED,
    PlannedRow,
    Summary,
    Summing,
    planned_row,
)
from services.case.imports.rules.repeats import Repeats
from services.case.imports.rules.settling import ERASED, KnownRow, Outcome, Row
from services.case.imports.rules.table import Line, Table
from services.case.imports.rules.verdicts import judge_table
from services.case.imports.settle import Settlement
from services.case.survivors.documents import SURVIVORS, SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.kernel.clock import real_now
from shared.keys.key_file import KEY_BYTES
from shared.keys.survivor_keys import SurvivorKeys
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork

CHUNK_ROWS = 500
_MOST_KEPT = 60_000
"""Documents of people whom a later row may be about, held in memory until the file's end."""
_CHECK = "Check the column of references: it has to name one person each."
_TO_MEND = frozenset({REFUSED, HELD, POSSIBLE_CHILD})


@dataclass(kw_only=True)
class Planner:
    """Plans one file.

    Attributes:
        held_by: Who makes it; whoever else begins one meanwhile goes on, and this one gives way.
        sources_imports: Ids of the earlier imports of the same source, among whose people the absent are looked for;
            None for a file that holds some records only.
        former: The plan to which the new one is compared; None for a file's first.
    """

    database: Database[dict[str, Any]]
    committer: Committer
    keys: SurvivorKeys
    import_id: str
    actor_id: str
    held_by: str | None
    finder: Finder
    correcting: bool
    day: date
    rehearsal: Rehearsal
    plans: PlanStore
    sources_imports: Sequence[str] | None
    former: PlanStore | None = None
    summary: Summary = field(default_factory=Summary)
    _made: dict[str, list[str]] = field(default_factory=dict)
    _new: set[str] = field(default_factory=set)
    _still_kept: set[Place] = field(default_factory=set)
    _keys: "array[int]" = field(default_factory=lambda: array("Q"))
    _key_of_nobody: bytes = field(default_factory=lambda: secrets.token_bytes(KEY_BYTES))

    def plan(self, table: Table, names: Mapping[str, str], options: Mapping[str, Any]) -> Summary:
        """Plan every row; the plan is kept when this returns.

        Args:
            table: The file's rows.
            names: What the file calls its columns, by field.
            options: What else decides what a row does; it is part of the hash.
        """
        repeats, self.summary.fill = first_look(table)
        self.summary.names = dict(names)
        summing = Summing(self.summary)
        told = hashlib.sha256(json.dumps(options, sort_keys=True).encode())
        with closing(ahead(self._chunks(table))) as chunks:
            for number, chunk in enumerate(chunks):
                rows = [row for row, _ in chunk]
                planned = self._chunk(rows, repeats)
                self.summary.parts.append({})
                for one, row in zip(planned, rows, strict=True):
                    summing.add(one, row.verdict.consent)
                    told.update(one.told())
                self._compare(number, planned)
                self.plans.keep_part(number, planned)
                beside = zip(chunk, planned, strict=True)
                to_mend = [faulty_row(at, table.fields, one.problems) for (_, at), one in beside if _is_to_mend(one)]
                self.plans.keep_faulty(number, to_mend)
                self._go_on(rows, planned)
        summing.close()
        if self.sources_imports is not None:
            note_absent(self.summary, self._keys, self.database, self.sources_imports)
        self.summary.hash = told.hexdigest()
        self.plans.keep_sum(self.summary)
        return self.summary

    def _chunks(self, table: Table) -> Iterator[list[tuple[Row, Line]]]:
        lines = iter(table.lines)
        for verdicts in batches(judge_table(table, today=self.day), CHUNK_ROWS):
            yield [(self.finder.row(verdict), next(lines)) for verdict in verdicts]

    def _chunk(self, rows: Sequence[Row], repeats: Repeats) -> list[PlannedRow]:
        work = self.rehearsal
        found = self.finder.known(rows, work)
        keys, erased = self._keys_of(found, rows)
        settlement = Settlement(
            work=work,
            sealer=Sealer(tenant=str(work.tenant_id), keys=keys),
            import_id=self.import_id,
            actor_id=self.actor_id,
            correcting=self.correcting,
            restricted=SurvivorStore(work).restricted(),
            twin_of=lambda row: self.finder.twins_of(row, found, self._made, work),
            made=self._made,
        )
        known = [RowStore(work).find(row.key) for row in rows]
        work.preload(EPISODES, [one.episode_id for one in known if one is not None and one.episode_id])
        planned, kept = [], set[Place]()
        for row in rows:
            self._keys.append(int(row.key[:16], 16))
            planned.append(self._row(row, found, settlement, gone=found.survivors.get(row.key) in erased))
            if repeats.may_repeat(forms_of(row.verdict.reference, row.verdict.shortened)):
                kept |= self._touched(row, found)
                self._new.add(row.survivor_id)
            else:
                for form in row.twins:
                    self._made.pop(form, None)
        work.forget_all_but(kept | self._still_kept)
        self._still_kept |= kept
        if len(self._still_kept) > _MOST_KEPT:
            raise TooMuchAlikeError("too many of its references are much like another one", _CHECK)
        return planned

    def _keys_of(self, found: Found, rows: Sequence[Row]) -> tuple[dict[str, bytes], frozenset[str]]:
        """Give the keys of who is known, one that is thrown away for who would be new, and who is erased."""
        known = found.people - self._new
        keys = self.keys.find_many(known)
        erased = frozenset(known - keys.keys())
        keys |= dict.fromkeys((*self._new, *(row.survivor_id for row in rows)), self._key_of_nobody)
        return keys, erased

    def _row(self, row: Row, found: Found, settlement: Settlement, *, gone: bool) -> PlannedRow:
        work, store = self.rehearsal, RowStore(self.rehearsal)
        before = store.find(row.key)
        basis = basis_of(row, work, self.finder.twins_of(row, found, self._made, work), gone=gone)
        episode = _episode(work, before)
        outcome = Outcome(kind="QUARANTINED", problems=(ERASED,)) if gone else settlement.settle(row)
        after = store.find(row.key)
        return planned_row(
            row.verdict.row,
            outcome,
            no=row.verdict.no is not None and row.verdict.kind != "DUPLICATE",
            consent=row.verdict.consent,
            earlier=before.statement if before is not None else None,
            changes=changed_of(settlement.sealer, before, after, episode, _episode(work, after)),
            basis=basis,
        )

    def _touched(self, row: Row, found: Found) -> set[Place]:
        work = self.rehearsal
        twins = self.finder.twins_of(row, found, self._made, work)
        known = [one for one in (RowStore(work).find(row.key), *twins) if one is not None]
        places = {(ROWS, row.key), *((ROWS, one.id) for one in known)}
        places |= {(EPISODES, one.episode_id) for one in known if one.episode_id}
        return places | {(SURVIVORS, one.survivor_id) for one in known if one.survivor_id}

    def _compare(self, number: int, planned: Sequence[PlannedRow]) -> None:
        if self.former is None:
            return
        before = {one.row: one.told() for one in self.former.part(number) or ()}
        changed = [one.row for one in planned if before.get(one.row) != one.told()]
        self.summary.changed += changed[: MOST_LISTED - len(self.summary.changed)]

    def _go_on(self, rows: Sequence[Row], planned: Sequence[PlannedRow]) -> None:
        """Note how far the plan is, and open the urgent task of each possible child at once."""
        children = [row for row, one in zip(rows, planned, strict=True) if one.will == POSSIBLE_CHILD]
        done = self.summary.rows

        def note(work: UnitOfWork) -> Answer:
            imports = ImportStore(work)
            one = imports.get(self.import_id)
            if one.done != done - len(planned) or one.held_by != self.held_by:
                raise ImportTakenError
            imports.save(one.at(done, real_now()))
            if children:
                ImportTurn(work).take(ImportTurn(work).at())
                store = RowStore(work)
                store.preload([row.key for row in children])
                for row in children:
                    known = store.find(row.key)
                    if known is None or row.content not in known.tasked:
                        open_child_task(work, row, import_id=self.import_id)
            return Answer(status=200)

        self.committer.execute(Command(run=note, aggregates=frozenset({self.import_id})))


def _is_to_mend(one: PlannedRow) -> bool:
    return one.will in _TO_MEND or bool(one.problems)


def _episode(work: UnitOfWork, known: KnownRow | None) -> dict[str, Any] | None:
    return work.find(EPISODES, known.episode_id) if known is not None and known.episode_id else None
