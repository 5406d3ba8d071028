"""Carries out an import: rows in chunks, each chunk one transaction, resumable after a kill at any point.

A row is known by an HMAC of its source and reference; an unchanged row changes nothing, a corrected one
changes only what changed. Nothing of the file is kept when it is done.
"""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from services.case.domain import ACTIVE, Episode
from services.case.errors import ImportTakenError
from services.case.imports.verdicts import ConsentStatement, Problem, Verdict
from services.case.store import EPISODES, IMPORTS, ROWS, SURVIVORS, TASKS, EpisodeStore, Sealer
from shared.contracts.case import ImportConsentStated, SafeguardingTaskOpened
from shared.kernel.ids import new_id
from shared.kernel.messages import AuditIntent
from shared.keys.survivor_keys import KeyDestroyedError, SurvivorKeys
from shared.outbox.committer import Answer, Command, Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.metric_names import IMPORT_DURATION, IMPORT_ROWS
from shared.telemetry.metrics import counter, histogram

CHUNK_ROWS = 500
PURPOSE = "AGGREGATE_STATISTICS"
CHILD_TASK = "POSSIBLE_CHILD_REFUSED"
MOST_PROBLEMS = 1_000
"""Problems that a report lists; of a file with more, the mapping is wrong, and a document holds 16 MB."""

_NO_LONGER_ADULT = frozenset({"POSSIBLE_CHILD", "HELD"})
_ERASED = Problem(
    column="reference",
    code="erased",
    sentence="This person was erased here, so the row is not taken. Take the record out of the export.",
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A verdict with the keys under which it is known again."""

    key: str
    content: str
    verdict: Verdict
    survivor_id: str
    episode_id: str


@dataclass(kw_only=True)
class ImportRun:
    """Carries out one import of one tenant."""

    committer: Committer
    keys: SurvivorKeys
    tenant: str
    import_id: str
    actor_id: str
    row_key: Callable[[str], str]
    hash_key: bytes

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
        rows = [self._row(verdict) for verdict in verdicts if verdict.reference]
        loose = [verdict for verdict in verdicts if not verdict.reference]
        known = self._known_survivors(rows)
        # Keys are made before the transaction: it may run again, and an unused key harms nobody.
        wanted = {known.get(row.key, row.survivor_id) for row in rows if row.verdict.kind == "ACCEPTED"}
        # A row that is no longer an adult's takes its earlier episode out of the statistics.
        wanted |= {known[row.key] for row in rows if row.verdict.kind in _NO_LONGER_ADULT and row.key in known}
        erased, keys = self._keys(wanted)
        sealer = Sealer(tenant=self.tenant, keys=keys)
        gone = [row.verdict for row in rows if known.get(row.key) in erased]
        rows = [row for row in rows if known.get(row.key) not in erased]

        fates: Counter[str] = Counter()

        def commit(work: UnitOfWork) -> Answer:
            outcome: Counter[str] = Counter()
            work.preload(ROWS, [row.key for row in rows])
            work.preload(
                EPISODES, [r["episode_id"] for row in rows if (r := work.find(ROWS, row.key)) and r["episode_id"]]
            )
            for row in rows:
                outcome[self._settle(row, work, sealer)] += 1
            outcome["QUARANTINED"] += len(loose) + len(gone)
            self._checkpoint(work, verdicts, outcome, done=done, erased={verdict.row for verdict in gone})
            fates.clear()  # It may run again.
            fates.update(outcome)
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
        return Row(
            key=self.row_key(verdict.reference),
            content=verdict.content_hash(self.hash_key),
            verdict=verdict,
            survivor_id=new_id(),
            episode_id=new_id(),
        )

    def _known_survivors(self, rows: Sequence[Row]) -> dict[str, str]:
        found: dict[str, str] = {}

        def look(work: UnitOfWork) -> Answer:
            work.preload(ROWS, [row.key for row in rows])
            for row in rows:
                stored = work.find(ROWS, row.key)
                if stored is not None and stored["survivor_id"]:
                    found[row.key] = stored["survivor_id"]
            return Answer(status=200)

        self.committer.execute(Command(run=look))
        return found

    def _settle(self, row: Row, work: UnitOfWork, sealer: Sealer) -> str:
        """Carry out one row; give what became of it."""
        stored = work.find(ROWS, row.key)
        if row.verdict.kind == "DUPLICATE" or (stored is not None and stored["content"] == row.content):
            return "UNCHANGED"
        kind = row.verdict.kind
        episode_id = stored["episode_id"] if stored is not None else None
        survivor_id = stored["survivor_id"] if stored is not None else None
        result = kind
        if kind == "ACCEPTED":
            survivor_id = survivor_id or row.survivor_id
            result = "CHANGED" if episode_id else "ACCEPTED"
            episode_id = self._accept(row, work, sealer, survivor_id, episode_id)
        elif kind == "POSSIBLE_CHILD":
            self._refuse_child(row, work)
        if kind in _NO_LONGER_ADULT and episode_id is not None:
            self._take_out(episode_id, work, sealer)
        statement = self._state_consent(row, work, stored, survivor_id) if kind == "ACCEPTED" else None
        work.save(
            ROWS,
            {
                "_id": row.key,
                "import_id": self.import_id,
                "row": row.verdict.row,
                "kind": kind,
                "content": row.content,
                "survivor_id": survivor_id,
                "episode_id": episode_id,
                "statement": statement or (stored or {}).get("statement"),
            },
        )
        work.audit(self._intent(work, f"case:import_row:{result.lower()}", episode_id or row.key[:32]))
        return result

    def _accept(self, row: Row, work: UnitOfWork, sealer: Sealer, survivor_id: str, episode_id: str | None) -> str:
        facts = row.verdict.facts
        if facts is None:
            raise TypeError("an accepted row has facts")
        store = EpisodeStore(work, sealer)
        episode = Episode(
            id=episode_id or row.episode_id,
            survivor_id=survivor_id,
            status=ACTIVE,
            referral_date=facts.referral_date,
            age_band=facts.age_band,
            gender=facts.gender,
            nationality=facts.nationality,
            region=facts.region,
            exploitation_types=facts.exploitation_types,
            nation=facts.nation,
            advocacy_area=facts.advocacy_area,
            advocate_id=None,
            facts_recorded_at=work.now,
        )
        if episode_id is not None:
            known = store.get(episode_id)
            corrected = known.corrected(episode)
            if corrected != known:
                store.save(corrected)
            return episode_id
        sealed = sealer.seal(survivor_id, {"reference": row.verdict.reference, "name": None, "safe_contact": None})
        work.insert(SURVIVORS, {"_id": survivor_id, "sealed": sealed, "updated_at": work.now})
        store.add(episode.opened())
        return episode.id

    def _take_out(self, episode_id: str, work: UnitOfWork, sealer: Sealer) -> None:
        """Count an episode no longer whose person may not be an adult; a caseworker may lift it."""
        store = EpisodeStore(work, sealer)
        episode = store.get(episode_id)
        if not episode.excluded:
            store.save(episode.flagged(excluded=True, recorded_at=work.now))

    def _state_consent(
        self, row: Row, work: UnitOfWork, stored: dict[str, Any] | None, survivor_id: str | None
    ) -> dict[str, Any]:
        consent = row.verdict.consent
        if consent is None or survivor_id is None:
            raise TypeError("an accepted row states something of consent")
        earlier = (stored or {}).get("statement")
        said = _plain(consent)
        if earlier is not None and earlier["said"] == said:
            return dict(earlier)
        statement: dict[str, Any] = {
            "id": earlier["id"] if earlier is not None else row.episode_id,
            "sequence": earlier["sequence"] + 1 if earlier is not None else 1,
            "said": said,
        }
        work.record(
            ImportConsentStated(
                statement_id=statement["id"],
                survivor_id=survivor_id,
                import_id=self.import_id,
                purpose=PURPOSE,
                stated_recorded_at=work.now,
                **said,
            ),
            sequence=statement["sequence"],
        )
        return statement

    def _refuse_child(self, row: Row, work: UnitOfWork) -> None:
        """Open an urgent task for the safeguarding lead; nothing is sent to anybody."""
        task_id = row.episode_id
        nation = row.verdict.nation or "NOT_KNOWN"
        work.insert(
            TASKS,
            {
                "_id": task_id,
                "kind": CHILD_TASK,
                "state": "OPEN",
                "urgent": True,
                "nation": nation,
                "import_id": self.import_id,
                "row": row.verdict.row,
                "opened_at": work.now,
                "updated_at": work.now,
            },
        )
        work.record(SafeguardingTaskOpened(task_id=task_id, kind=CHILD_TASK, nation=nation), sequence=1)

    def _checkpoint(
        self,
        work: UnitOfWork,
        verdicts: Sequence[Verdict],
        outcome: Counter[str],
        *,
        done: int,
        erased: Collection[int],
    ) -> None:
        """Note how far it is, in the rows' own transaction.

        Raises:
            ImportTakenError: Another process went on with it meanwhile; nothing of these rows is taken twice.
        """
        document = work.get(IMPORTS, self.import_id)
        if document["done"] != done:
            raise ImportTakenError
        counts: Counter[str] = Counter(document["counts"])
        counts.update(outcome)
        problems = [
            {"row": verdict.row, "column": p.column, "code": p.code, "sentence": p.sentence}
            for verdict in verdicts
            for p in ((_ERASED,) if verdict.row in erased else verdict.problems)
        ]
        listed = [*document["problems"], *problems][:MOST_PROBLEMS]
        omitted = len(document["problems"]) + len(problems) - len(listed)
        held = [verdict.row for verdict in verdicts if verdict.kind == "HELD"]
        work.replace(
            IMPORTS,
            {
                **document,
                "counts": dict(counts),
                "done": done + len(verdicts),
                "problems": listed,
                "problems_omitted": document.get("problems_omitted", 0) + omitted,
                "held_rows": [*document["held_rows"], *held],
            },
        )

    def _intent(self, work: UnitOfWork, action: str, object_id: str) -> AuditIntent:
        return AuditIntent(
            action=action, actor_id=self.actor_id, role="IMPORT", object_id=object_id, outcome="ALLOWED", at=work.now
        )


def _plain(consent: ConsentStatement) -> dict[str, Any]:
    return {
        "stated": consent.stated,
        "said_at": consent.said_at,
        "wording_code": consent.wording_code,
        "language": consent.language,
        "method": consent.method,
        "setting_private": consent.setting_private,
    }
