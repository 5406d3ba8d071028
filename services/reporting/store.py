"""Reporting's documents, and the way between them and the domain's values."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from pymongo import IndexModel

from services.reporting.contributions import Contribution, Facts, Move, Version
from services.reporting.domain import Tally, Task
from services.reporting.errors import NoTaskError
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.task import TaskTerms, terms_from, terms_to
from shared.outbox.unit_of_work import UnitOfWork

CONTRIBUTIONS, TASKS, SIGN_OFFS, VECTORS = "contributions", "tasks", "sign_offs", "vectors"
RELEASES, JUDGEMENTS = "releases", "judgements"
COLLECTIONS = (CONTRIBUTIONS, TASKS, SIGN_OFFS, VECTORS, RELEASES, JUDGEMENTS)
INDEXES: dict[str, list[IndexModel]] = {
    CONTRIBUTIONS: [IndexModel([("quarters", 1)])],
    TASKS: [IndexModel([("period", 1)]), IndexModel([("state", 1), ("seal_at", 1)])],
    JUDGEMENTS: [IndexModel([("task_id", 1), ("at", 1)])],
}

OPEN, SEALED, NOT_SENT = "OPEN", "SEALED", "NOT_SENT"

Find = Callable[[str, Mapping[str, Any]], Iterable[Mapping[str, Any]]]
"""Finds documents of a collection by a query, in a transaction or outside."""


class ContributionStore:
    """Contributions under their random ids."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, contribution_id: str) -> Contribution | None:
        """Give a contribution, or None."""
        document = self._work.find(CONTRIBUTIONS, contribution_id)
        return contribution_from(document) if document is not None else None

    def save(self, contribution: Contribution) -> None:
        """Keep a contribution's newest state."""
        self._work.save(
            CONTRIBUTIONS,
            {
                "_id": contribution.id,
                "person_id": contribution.person_id,
                "quarters": list(contribution.quarters()),
                "versions": [_version_to(version) for version in contribution.versions],
                "moves": [asdict(move) for move in contribution.moves],
                "fixed": list(contribution.fixed),
            },
        )

    def of_quarters(self, quarters: Iterable[str]) -> list[Contribution]:
        """Give all contributions that stand or stood in one of these quarters."""
        found = self._work.find_where(CONTRIBUTIONS, {"quarters": {"$in": list(quarters)}})
        return [contribution_from(document) for document in found]

    def counted_before(self, task: Task) -> frozenset[str]:
        """Give the persons whom an earlier seal counted; see ``persons_counted_before``."""
        return persons_counted_before(self._work.find_where, task)


class TaskStore:
    """The tasks that the board opened for this host."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, task: Task, terms: TaskTerms) -> None:
        """Keep a task; one that is known stays as it is."""
        if self._work.find(TASKS, task.id) is None:
            document = {**asdict(task), "covers": list(task.covers), "terms": terms_to(terms)}
            document["task_hash"] = terms.hash()
            self._work.insert(TASKS, {"_id": task.id, **document, "state": OPEN, "reason": None})

    def get_document(self, period: str) -> dict[str, Any]:
        """Give the newest task's document for a period.

        Raises:
            NoTaskError: There is none.
        """
        found = self._work.find_where(TASKS, {"period": period}, sort=[("seal_at", -1)], limit=1)
        if not found:
            raise NoTaskError(period)
        return found[0]

    def open_seals(self) -> list[datetime]:
        """Give the seal instants that are still to be carried out."""
        return [t["seal_at"] for t in self._work.find_where(TASKS, {"state": OPEN})]

    def end(self, document: Mapping[str, Any], state: str, reason: str | None) -> None:
        """Note that a task was carried out, or not sent and why."""
        self._work.replace(TASKS, {**document, "state": state, "reason": reason})


def task_from(document: Mapping[str, Any]) -> Task:
    """Read a task's document."""
    names = ("id", "period", "plan_id", "plan_hash", "nation", "setting", "seal_at", "closes_at")
    values: dict[str, Any] = {name: document[name] for name in names}
    values["covers"] = tuple(document["covers"])
    values |= {name: bytes(document[name]) for name in ("board_key", "custodian_key")}
    return Task(**values)


def plan_of(document: Mapping[str, Any]) -> Plan:
    """Give the compiled plan of a task's document."""
    return terms_from(document["terms"]).draft.plan()


def contribution_from(document: Mapping[str, Any]) -> Contribution:
    """Read a contribution's document; one of an earlier version has no moves yet."""
    return Contribution(
        id=document["_id"],
        person_id=document["person_id"],
        versions=tuple(_version_from(version) for version in document["versions"]),
        moves=tuple(Move(**move) for move in document.get("moves", ())),
        fixed=tuple(document.get("fixed", ())),
    )


def persons_counted_before(find: Find, task: Task) -> frozenset[str]:
    """Give the persons whom a seal of the same kind of period counted, for a period that the task does not cover.

    Read from the ledgers of the sealed vectors, by the persons as they are known now: after a merge of two people
    what was counted of either was counted of both. A task that covers a period again covers it because nothing of it
    was ever opened; board and custodian signed that.
    """
    earlier = [
        document["_id"]
        for document in find(TASKS, {"state": SEALED, "_id": {"$ne": task.id}})
        if Period.parse(document["period"]).kind == task.kind and not set(document["covers"]) <= set(task.covers)
    ]
    ledgers = find(VECTORS, {"_id": {"$in": earlier}}) if earlier else ()
    ids = [row["contribution_id"] for ledger in ledgers for row in ledger.get("counted", ())]
    return frozenset(c["person_id"] for c in find(CONTRIBUTIONS, {"_id": {"$in": ids}})) if ids else frozenset()


def tally_to(tally: Tally) -> dict[str, Any]:
    """Give a tally as a document; it stays in this host's own database."""
    return {
        "people": tally.people,
        "counts": {table: dict(cells) for table, cells in tally.counts.items()},
        "left_out": dict(tally.left_out),
    }


def _version_to(version: Version) -> dict[str, Any]:
    document = asdict(version)
    if version.facts is not None:
        document["facts"]["exploitation_types"] = list(version.facts.exploitation_types)
    return document


def _version_from(document: Mapping[str, Any]) -> Version:
    facts = document["facts"]
    if facts is not None:
        facts = Facts(**{**facts, "exploitation_types": tuple(facts["exploitation_types"])})
    return Version(**{**document, "facts": facts})
