"""What the job does with one import: carry out a file at once, plan it, or carry out a plan exactly.

Promise: a commit first looks at every row again. If one would do anything else than the plan tells, nothing is carried
out, and the new plan takes its place with the rows that changed. From then on a row whose person changes in that very
moment is left, but for its no. Shown by ``tests/integration/case/test_import_commit.py``.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from services.case.imports.absent import tell_of_the_absent
from services.case.imports.documents import IMPORTS, ImportStore
from services.case.imports.errors import ImportTakenError, SourceNeededError
from services.case.imports.finding import Finder
from services.case.imports.planning import CHUNK_ROWS, Planner
from services.case.imports.plans import FAULTY, PLAN, PlanStore
from services.case.imports.rehearsal import Rehearsal
from services.case.imports.rules.decoding import TooMuchAlikeError
from services.case.imports.rules.planned import PlannedRow
from services.case.imports.rules.progress import COMMITTING, CORRECT, DONE, PLANNING, REFUSED, UNDOING, WAITING, Import
from services.case.imports.rules.table import Table
from services.case.imports.rules.verdicts import judge_table
from services.case.imports.run import ImportRun
from services.case.imports.staged import find
from services.case.imports.undoing import Undoing
from services.case.imports.unheard import Unheard, tell
from services.case.imports.views import imports_of, sources_of
from services.case.strongroom.documents import strongroom_of
from shared.codelists.periods import LONDON
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

_GONE = "The uploaded file is no longer stored here. Upload it again."
_HEARD = "Nothing of the file was taken, but each no and each possible child in it was heard, whomever it names."
_UNHEARD = "Nobody's no in it is heard yet: send it in shorter parts today, or enter each no by hand."
_SHORTER = 5
"""By how much fewer rows a further attempt stores at once."""

End = Callable[[str, str, str | None, Callable[[Import, UnitOfWork], Import]], None]
"""Ends an import: its id, the state, why, and what else is told of it in that transaction."""


class Carrying:
    """Carries out what one import waits for."""

    def __init__(self, context: ServiceContext, end: End) -> None:
        """Take the case service's context, and what ends an import."""
        self._context = context
        self._strongroom = strongroom_of(context)
        self._hash_key = context.tenant_key.subkey("IMPORT_CONTENT")
        self._unheard = Unheard(context)
        self._end = end

    def carry_out(self, one: Import) -> None:
        """Do what comes next; a kill at any point is resumed by the next call."""
        if one.state not in (WAITING, PLANNING, COMMITTING):
            Undoing(self._context, one).run()
            return
        staged = find(self._strongroom, one.id)
        if staged is None:
            self._end(one.id, REFUSED, _GONE, _as_it_is)
            return
        table, rows = staged
        known = sources_of(self._context.client[self._context.database_name][IMPORTS])
        if one.source is None and len(known) > 1:
            self._end(one.id, REFUSED, str(SourceNeededError(known)), self._telling(table, None))
            return
        source = one.source or next(iter(known), table.profile)
        try:
            self._carry_out(one, table, rows, source, is_new=bool(known) and source not in known)
        except TooMuchAlikeError as error:
            # Found before anything of the file was carried out.
            only_children = one.state == PLANNING
            self._hear(one, table, source, only_children=only_children)
            why, told = (_UNHEARD, self._telling(table, source)) if only_children else (_HEARD, _as_it_is)
            self._end(one.id, REFUSED, f"{error} {why}", told)

    def unheard(self, one: Import) -> frozenset[str]:
        """Give the survivors for whom rows say no that were not carried out when an import stopped."""
        staged = find(self._strongroom, one.id) if one.state != UNDOING else None
        after = 0 if one.is_rehearsed else one.done
        return frozenset() if staged is None else self._unheard.of_table(staged[0], source=one.source, after=after)

    def _telling(self, table: Table, source: str | None) -> Callable[[Import, UnitOfWork], Import]:
        people = self._unheard.of_table(table, source=source)
        return lambda ended, work: tell(work, ended, people)

    def _hear(self, one: Import, table: Table, source: str, *, only_children: bool) -> None:
        """Let what protects people take effect of a refused file; of one to be looked at first, a child alone."""
        verdicts = judge_table(table, today=one.planned_day or self._today(), each_alone=True)
        self._run(one, source, None).hear(verdicts, only_children=only_children)

    def _carry_out(self, one: Import, table: Table, rows: int, source: str, *, is_new: bool) -> None:
        if one.state == WAITING:
            self._run(one, source, None).run(judge_table(table, today=self._today()), done=one.done)
        elif not self._plan_holds(one, table, rows, source, is_new=is_new):
            return
        else:
            # As the check left it, which counted on from the plan that was committed.
            one = self._read(one.id)
            plan = PlanStore(self._strongroom, one.id, one.plan_place)
            verdicts = judge_table(table, today=one.planned_day or date.max)
            self._run(one, source, plan).run(verdicts, done=one.done)
            tell_of_the_absent(self._context, one.id, plan.sum())
        self._end(one.id, DONE, None, lambda ended, _work: ended.carried_out(table, source=source, is_new=is_new))

    def _plan_holds(self, one: Import, table: Table, rows: int, source: str, *, is_new: bool) -> bool:
        """Plan a file, or look whether its committed plan still holds; whether it is to be carried out now."""
        if one.state == COMMITTING and one.checked:
            return True
        day = one.planned_day or self._today()
        self._save(one.id, lambda now: now.planning(of=rows, source=source, day=day))
        former = PlanStore(self._strongroom, one.id, one.plan_place)
        plan = PlanStore(self._strongroom, one.id, new_id())
        committing = one.state == COMMITTING
        summary = self._planner(one, source, day, plan, former if committing else None).plan(
            table, former.about().names, _options(one, source, day)
        )
        holds = committing and summary.hash == one.plan_hash

        def conclude(now: Import, work: UnitOfWork) -> Import:
            if now.held_by != one.held_by:
                raise ImportTakenError
            if holds:
                return now.found_true(place=plan.place)
            told = now.carried_out(table, source=source, is_new=is_new)
            return told.plan_ready(
                place=plan.place,
                plan_hash=summary.hash,
                counts=summary.counts,
                noes=summary.noes,
                changed=summary.changed,
                at=work.now,
            )

        self._save_at(one.id, conclude)
        # Nobody looks at it any more, nor at what a killed attempt left.
        self._strongroom.keep_part_only(one.id, plan.place, kinds=(PLAN, FAULTY))
        return holds

    def _today(self) -> date:
        return self._context.clock.now().astimezone(LONDON).date()

    def _planner(self, one: Import, source: str, day: date, plan: PlanStore, former: PlanStore | None) -> Planner:
        context = self._context
        database = context.client[context.database_name]
        return Planner(
            database=database,
            committer=context.committer,
            keys=context.survivor_keys,
            import_id=one.id,
            actor_id=one.actor_id,
            held_by=one.held_by,
            finder=self._finder(one, source),
            correcting=one.known_rows == CORRECT,
            day=day,
            rehearsal=Rehearsal(
                database=database, tenant_id=context.tenant_id, service=context.service, now=context.clock.now()
            ),
            plans=plan,
            sources_imports=None if one.is_part else imports_of(database[IMPORTS], source),
            former=former,
        )

    def _run(self, one: Import, source: str, plan: PlanStore | None) -> ImportRun:
        def rows_of(done: int) -> Mapping[int, PlannedRow]:
            return {} if plan is None else {row.row: row for row in plan.part(done // CHUNK_ROWS) or ()}

        return ImportRun(
            committer=self._context.committer,
            keys=self._context.survivor_keys,
            tenant=str(self._context.tenant_id),
            import_id=one.id,
            actor_id=one.committed_by or one.actor_id,
            finder=self._finder(one, source),
            correcting=one.known_rows == CORRECT,
            shorter=_SHORTER ** (one.tried.times - 1) if one.tried is not None else 1,
            planned=None if plan is None else rows_of,
        )

    def _finder(self, one: Import, source: str) -> Finder:
        return Finder.of(source, hash_key=self._hash_key, exact=one.exact_references)

    def _read(self, import_id: str) -> Import:
        found: list[Import] = []

        def read(work: UnitOfWork) -> Answer:
            found[:] = [ImportStore(work).get(import_id)]
            return Answer(status=200)

        self._context.committer.execute(Command(run=read))
        return found[0]

    def _save(self, import_id: str, change: Callable[[Import], Import]) -> None:
        self._save_at(import_id, lambda one, _work: change(one))

    def _save_at(self, import_id: str, change: Callable[[Import, UnitOfWork], Import]) -> None:
        def save(work: UnitOfWork) -> Answer:
            store = ImportStore(work)
            store.save(change(store.get(import_id), work))
            return Answer(status=200)

        self._context.committer.execute(Command(run=save, aggregates=frozenset({import_id})))


def _as_it_is(one: Import, _work: UnitOfWork) -> Import:
    return one


def _options(one: Import, source: str, day: date) -> dict[str, Any]:
    return {
        "source": source,
        "known_rows": one.known_rows,
        "exact_references": one.exact_references,
        "is_part": one.is_part,
        "day": day.isoformat(),
    }
