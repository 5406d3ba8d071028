"""Carries out an import: rows in chunks, each chunk one transaction, resumable after a kill at any point.

A row is known by an HMAC of its source and reference; an unchanged row changes nothing, a corrected one
changes only what changed. Nothing of the file is kept when it is done. Of a planned import a row is carried out only
if what it was judged against is still as the plan has it; else its no alone is (``test_import_commit.py``).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import TypeVar

from services.case.episodes.documents import EPISODES
from services.case.imports.ahead import ahead
from services.case.imports.changes import ChangeStore
from services.case.imports.documents import TURNS, ImportStore, ImportTurn, RowStore
from services.case.imports.errors import ImportTakenError
from services.case.imports.finding import Finder, Found, basis_of
from services.case.imports.rules.planned import PlannedRow
from services.case.imports.rules.settling import ERASED, Outcome, Row
from services.case.imports.rules.verdicts import POSSIBLE_CHILD, Verdict
from services.case.imports.settle import Settlement
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.kernel.errors import TemporarilyUnavailableError
from shared.keys.survivor_keys import KeyDestroyedError, SurvivorKeys
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import DuplicateIdError, UnitOfWork
from shared.telemetry.metric_names import IMPORT_DURATION, IMPORT_ROWS
from shared.telemetry.metrics import counter, histogram

T = TypeVar("T")

CHUNK_ROWS = 500
_MOST_TURNS = 20
"""Times that a chunk looks again because another import's chunk came in between."""


class _MovedOnError(TemporarilyUnavailableError):
    """Another chunk was carried out since this one looked who is known."""

    code = "import-moved-on"

    def __init__(self) -> None:
        super().__init__("Another import was carried out at the same moment. It goes on by itself.")


@dataclass(kw_only=True)
class ImportRun:
    """Carries out one import of one tenant.

    Attributes:
        correcting: Whether a known reference with another referral day, or another gender and nationality, is a
            correction; else it is a question.
        shorter: By how much fewer rows go into one transaction, after attempts that did not get further: on a machine
            that is much too busy, a whole chunk is not stored in the time that a transaction has.
        planned: Gives the plan's rows of the chunk that begins after so many rows, by row; None for an import that
            was not planned, of which nothing is kept to undo it.
    """

    committer: Committer
    keys: SurvivorKeys
    tenant: str
    import_id: str
    actor_id: str
    finder: Finder
    correcting: bool = False
    shorter: int = 1
    planned: Callable[[int], Mapping[int, PlannedRow]] | None = None

    def run(self, verdicts: Iterable[Verdict], *, done: int) -> None:
        """Carry out the verdicts from the checkpoint on.

        Args:
            verdicts: All rows, in order.
            done: Rows that an earlier run has committed.
        """
        with closing(ahead(self._chunks(islice(verdicts, done, None), done))) as chunks:
            for rows in chunks:
                self._chunk(rows, done)
                done += len(rows)

    def hear(self, verdicts: Iterable[Verdict], *, only_children: bool = False) -> None:
        """Let what protects people take effect of a file that is refused; nothing else, and nothing a second time.

        Args:
            verdicts: All rows, each judged alone.
            only_children: The file was to be looked at first: only a possible child's task is opened.
        """
        telling = (one for one in verdicts if (one.kind == POSSIBLE_CHILD if only_children else one.protects))
        for rows in self._chunks(telling, 0):
            self._in_turn(partial(self._hear, rows, only_children=only_children))

    def _chunks(self, verdicts: Iterator[Verdict], done: int) -> Iterator[list[Row]]:
        most = max(1, CHUNK_ROWS // self.shorter)
        # No chunk has rows of two parts of the plan.
        while rows := [self.finder.row(one) for one in islice(verdicts, min(most, CHUNK_ROWS - done % CHUNK_ROWS))]:
            yield rows
            done += len(rows)

    def _chunk(self, rows: Sequence[Row], done: int) -> None:
        planned = self.planned(done) if self.planned is not None else None
        began = time.monotonic()
        fates = self._in_turn(partial(self._try, rows, planned, done))
        histogram(IMPORT_DURATION).record(time.monotonic() - began)
        for outcome, rows_of_it in fates.items():
            counter(IMPORT_ROWS).add(rows_of_it, outcome=outcome)

    def _in_turn(self, attempt: Callable[[], T]) -> T:
        for _ in range(_MOST_TURNS):
            try:
                return attempt()
            except _MovedOnError:
                continue
            except DuplicateIdError as error:
                # Two that take the very first turn of a host both insert its document.
                if error.collection != TURNS:
                    raise
        raise ImportTakenError

    def _try(self, rows: Sequence[Row], planned: Mapping[int, PlannedRow] | None, done: int) -> Counter[str]:
        turn, found = self._known(rows)
        # Keys are made before the transaction: it may run again, and an unused key harms nobody.
        wanted = {found.survivors.get(row.key, row.survivor_id) for row in rows if row.verdict.kind == "ACCEPTED"}
        # Every known person of the file may have to be taken out of the statistics.
        erased, keys = self._keys(wanted | found.people)
        fates: Counter[str] = Counter()

        def commit(work: UnitOfWork) -> Answer:
            settlement = self._settlement(work, rows, found, keys, turn)
            outcomes = list(self._outcomes(rows, planned, found, settlement, erased))
            told = [(row.verdict.row, outcome) for row, outcome in zip(rows, outcomes, strict=True)]
            self._checkpoint(work, told, done=done)
            fates.clear()  # It may run again.
            fates.update(outcome.kind for outcome in outcomes)
            return Answer(status=200)

        self.committer.execute(Command(run=commit, aggregates=frozenset({self.import_id})))
        return fates

    def _hear(self, rows: Sequence[Row], *, only_children: bool) -> None:
        turn, found = self._known(rows)
        erased, keys = self._keys(found.people)

        def commit(work: UnitOfWork) -> Answer:
            settlement = self._settlement(work, rows, found, keys, turn)
            hear = settlement.open_child_task if only_children else settlement.hear
            there = [row for row in rows if found.survivors.get(row.key) not in erased]
            imports = ImportStore(work)
            heard = imports.get(self.import_id).heard([(row.verdict.row, hear(row)) for row in there])
            imports.save(heard)
            return Answer(status=200)

        self.committer.execute(Command(run=commit, aggregates=frozenset({self.import_id})))

    def _settlement(
        self, work: UnitOfWork, rows: Sequence[Row], found: Found, keys: Mapping[str, bytes], turn: int
    ) -> Settlement:
        """Take the turn, and give what settles these rows.

        Raises:
            _MovedOnError: Another chunk came in between.
        """
        if not ImportTurn(work).take(turn):
            raise _MovedOnError
        store = RowStore(work)
        store.preload([row.key for row in rows])
        stored = [store.find(row.key) for row in rows]
        work.preload(EPISODES, [one.episode_id for one in stored if one is not None and one.episode_id])
        made: dict[str, list[str]] = {}
        return Settlement(
            work=work,
            sealer=Sealer(tenant=self.tenant, keys=keys),
            import_id=self.import_id,
            actor_id=self.actor_id,
            correcting=self.correcting,
            restricted=SurvivorStore(work).restricted(),
            twin_of=lambda row: self.finder.twins_of(row, found, made, work),
            made=made,
        )

    def _outcomes(
        self,
        rows: Sequence[Row],
        planned: Mapping[int, PlannedRow] | None,
        found: Found,
        settlement: Settlement,
        erased: frozenset[str],
    ) -> Iterator[Outcome]:
        work = settlement.work
        for row in rows:
            gone = found.survivors.get(row.key) in erased
            if planned is None:
                yield Outcome(kind="QUARANTINED", problems=(ERASED,)) if gone else settlement.settle(row)
                continue
            expected = planned.get(row.verdict.row)
            twins = settlement.twin_of(row)
            same = expected is not None and expected.basis == basis_of(row, work, twins, gone=gone)
            if gone:
                yield Outcome(kind="QUARANTINED", problems=(ERASED,))
            elif same:
                changes = ChangeStore(work)
                before = changes.before(row)
                outcome = settlement.settle(row)
                changes.note(self.import_id, row, before, outcome)
                yield outcome
            else:
                yield settlement.protect_alone(row)

    def _keys(self, wanted: set[str]) -> tuple[frozenset[str], dict[str, bytes]]:
        """Give who is erased, and the keys of the others."""
        try:
            return frozenset(), self.keys.get_or_create_many(wanted)
        except KeyDestroyedError as error:
            erased = frozenset(error.survivor_ids)
            return erased, self.keys.get_or_create_many(wanted - erased)

    def _known(self, rows: Sequence[Row]) -> tuple[int, Found]:
        """Give whose turn it is, and who is known of these rows or may be one of them."""
        seen: list[tuple[int, Found]] = []

        def look(work: UnitOfWork) -> Answer:
            seen.clear()
            seen.append((ImportTurn(work).at(), self.finder.known(rows, work)))
            return Answer(status=200)

        self.committer.execute(Command(run=look))
        return seen[0]

    def _checkpoint(self, work: UnitOfWork, outcomes: Sequence[tuple[int, Outcome]], *, done: int) -> None:
        """Note how far it is, in the rows' own transaction.

        Raises:
            ImportTakenError: Another process went on with it meanwhile; nothing of these rows is taken twice.
        """
        imports = ImportStore(work)
        before = imports.get(self.import_id)
        if before.done != done:
            raise ImportTakenError
        imports.save(before.went_on(outcomes))
