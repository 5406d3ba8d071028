"""Carries out an import: rows in chunks, each chunk one transaction, resumable after a kill at any point.

A row is known by an HMAC of its source and reference; an unchanged row changes nothing, a corrected one
changes only what changed. Nothing of the file is kept when it is done.
"""

import hashlib
import hmac
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.case.episodes.documents import EPISODES
from services.case.imports.documents import ImportStore, RowStore
from services.case.imports.errors import ImportTakenError
from services.case.imports.rules.references import plain_form, short_forms
from services.case.imports.rules.said import Problem
from services.case.imports.rules.settling import KnownRow, Outcome, Row
from services.case.imports.rules.verdicts import Verdict
from services.case.imports.settle import Settlement
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from shared.keys.survivor_keys import KeyDestroyedError, SurvivorKeys
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.metric_names import IMPORT_DURATION, IMPORT_ROWS
from shared.telemetry.metrics import counter, histogram

CHUNK_ROWS = 500

_ERASED = Problem(
    column="reference",
    code="erased",
    sentence="This person was erased here, so the row is not imported. Take the record out of the export.",
)


@dataclass(kw_only=True)
class ImportRun:
    """Carries out one import of one tenant.

    Attributes:
        row_key: Gives the key of a row of this source from its reference.
        correcting: Whether a known reference with another referral day, or another gender and nationality, is a
            correction; else it is a question.
        exact: Whether references that only look different are different people.
    """

    committer: Committer
    keys: SurvivorKeys
    tenant: str
    import_id: str
    actor_id: str
    row_key: Callable[[str], str]
    hash_key: bytes
    correcting: bool = False
    exact: bool = False

    def run(self, verdicts: Iterable[Verdict], *, done: int) -> None:
        """Carry out the verdicts from the checkpoint on.

        Args:
            verdicts: All rows, in order.
            done: Rows that an earlier run has committed.
        """
        rows = list(verdicts)[done:]
        for start in range(0, len(rows), CHUNK_ROWS):
            self._chunk(rows[start : start + CHUNK_ROWS], done + start)

    def _chunk(self, verdicts: Sequence[Verdict], done: int) -> None:
        rows = [self._row(verdict) for verdict in verdicts]
        known, twins = self._known(rows)
        # Keys are made before the transaction: it may run again, and an unused key harms nobody.
        wanted = {known.get(row.key, row.survivor_id) for row in rows if row.verdict.kind == "ACCEPTED"}
        # Every known person of the file may have to be taken out of the statistics.
        wanted |= set(known.values()) | {
            one.survivor_id for found in twins.values() for one in found if one.survivor_id
        }
        erased, keys = self._keys(wanted)
        sealer = Sealer(tenant=self.tenant, keys=keys)
        gone = {row.verdict.row for row in rows if known.get(row.key) in erased}

        fates: Counter[str] = Counter()

        def commit(work: UnitOfWork) -> Answer:
            store = RowStore(work)
            store.preload([row.key for row in rows])
            stored = [store.find(row.key) for row in rows]
            work.preload(EPISODES, [one.episode_id for one in stored if one is not None and one.episode_id])
            settlement = Settlement(
                work=work,
                sealer=sealer,
                import_id=self.import_id,
                actor_id=self.actor_id,
                correcting=self.correcting,
                twin_of=lambda row: self._twins_of(row, twins, settlement.made, work),
            )
            outcomes = [
                Outcome(kind="QUARANTINED", problems=(_ERASED,)) if row.verdict.row in gone else settlement.settle(row)
                for row in rows
            ]
            told = [(row.verdict.row, outcome) for row, outcome in zip(rows, outcomes, strict=True)]
            self._checkpoint(work, told, done=done)
            fates.clear()  # It may run again.
            fates.update(outcome.kind for outcome in outcomes)
            return Answer(status=200)

        began = time.monotonic()
        self.committer.execute(Command(run=commit, aggregates=frozenset({self.import_id})))
        histogram(IMPORT_DURATION).record(time.monotonic() - began)
        for outcome, rows_of_it in fates.items():
            counter(IMPORT_ROWS).add(rows_of_it, outcome=outcome)

    def _keys(self, wanted: set[str]) -> tuple[frozenset[str], dict[str, bytes]]:
        """Give who is erased, and the keys of the others."""
        try:
            return frozenset(), self.keys.get_or_create_many(wanted)
        except KeyDestroyedError as error:
            erased = frozenset(error.survivor_ids)
            return erased, self.keys.get_or_create_many(wanted - erased)

    def _row(self, verdict: Verdict) -> Row:
        looks: Collection[str] = () if verdict.shortened is None else (verdict.shortened,)
        twins: Collection[str] = ()
        if verdict.reference:
            looks = (plain_form(verdict.reference),)
            twins = (*looks, *short_forms(verdict.reference))
        return Row(
            key=self.row_key(verdict.reference or f"\x00loose:{verdict.loose_key}"),
            content=verdict.content_hash(self.hash_key),
            verdict=verdict,
            survivor_id=new_id(),
            episode_id=new_id(),
            twins=tuple(self._hash(form) for form in twins),
            looks=tuple(self._hash(form) for form in looks),
        )

    def _hash(self, form: str) -> str:
        # Under the row's own source: other systems' references are other people's.
        return hmac.new(self.hash_key, f"form:{self.row_key(form)}".encode(), hashlib.sha256).hexdigest()

    def _known(self, rows: Sequence[Row]) -> tuple[dict[str, str], dict[str, list[KnownRow]]]:
        """Give the survivors of known rows, and of the others who may be the same person under another reference."""
        found: dict[str, str] = {}
        twins: dict[str, list[KnownRow]] = {}

        def look(work: UnitOfWork) -> Answer:
            found.clear()
            twins.clear()
            store = RowStore(work)
            store.preload([row.key for row in rows])
            unknown = []
            for row in rows:
                stored = store.find(row.key)
                if stored is not None and stored.survivor_id:
                    found[row.key] = stored.survivor_id
                else:
                    unknown.append(row)
            forms = [] if self.exact else [form for row in unknown for form in row.looks]
            for twin in store.sharing(forms) if forms else ():
                for form in twin.twins or ():
                    twins.setdefault(form, []).append(twin)
            return Answer(status=200)

        self.committer.execute(Command(run=look))
        return found, twins

    def _twins_of(
        self,
        row: Row,
        twins: Mapping[str, Sequence[KnownRow]],
        made: Mapping[str, Sequence[str]],
        work: UnitOfWork,
    ) -> list[KnownRow]:
        """Give the rows of others who may be the same person, of earlier files and of this one."""
        if self.exact:
            return []
        store = RowStore(work)
        known = {twin.id: twin for form in row.looks for twin in twins.get(form, ())}
        for key in (key for form in row.looks for key in made.get(form, ())):
            new = store.find(key)
            if new is not None:
                known[key] = new
        return [one for key, one in known.items() if key != row.key and one.survivor_id]

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
