"""A task: what board, custodian and every contributing host agree on before anything is counted.

Promise: ``TaskTerms.hash`` names everything that decides what is counted, by whom, until when and under which
keys; it stands in every later message and in the associated data of every share, seed and sum. The functions
below give the exact bytes of each signature, each for one purpose, so that none passes for another.
Shown by tests/integration/statistics/test_signed_path.py.
"""

import functools
import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import msgspec

from shared.codelists.periods import Period as CalendarPeriod
from shared.codelists.plan import Plan, load_plan
from shared.codelists.plan_compiler import Place, compile_plan
from shared.contracts.fields import Code, Hash, Id, Instant, Period

PURPOSE = "AGGREGATE_STATISTICS"
POLICY_VERSION = "2026-12"
"""The version of the rules in decisions 5 that every party of a new task follows."""

UNBOUND_POLICIES = frozenset({"2026-11"})
"""Versions whose reports carry no commitments and whose messages are not signed whole. A task that began under one ends
under it; none begins under it: the custodian serves ``POLICY_VERSION`` alone."""
KNOWN_POLICIES = UNBOUND_POLICIES | {POLICY_VERSION}

SHARE, SEED = "SHARE", "SEED"


@dataclass(frozen=True, kw_only=True)
class RosterHost:
    """One host that may contribute, as board and custodian know it.

    Attributes:
        signing_key: The public Ed25519 key of the host's data lead.
    """

    host: Code
    nation: Code
    setting: Code
    signing_key: Hash


@dataclass(frozen=True, kw_only=True)
class TaskDraft:
    """What the board proposes.

    Attributes:
        covers: The periods whose episodes are counted: the task's own, after any whose task was never opened.
        plan_hash: Of the compiled plan, its minimums included.
        board_key: The board's HPKE public key for this task (X25519, 32 bytes).
    """

    task_id: Id
    period: Period
    covers: tuple[Period, ...]
    purpose: Code
    policy_version: Code
    plan_id: Code
    plan_hash: Hash
    roster: tuple[RosterHost, ...]
    seal_at: Instant
    closes_at: Instant
    board_key: Hash

    def hash(self) -> str:
        """SHA-256 over the draft."""
        return _hash(asdict(self))

    def plan(self) -> Plan:
        """Compile the plan for this roster; the same object for the same roster.

        Raises:
            UnknownPlanError, PlanRefusedError: This version cannot count it.
        """
        return _compiled(self.plan_id, tuple((entry.nation, entry.setting) for entry in self.roster))

    def quarters(self) -> frozenset[str]:
        """Give every quarter whose episodes are counted."""
        return frozenset(quarter for period in self.covers for quarter in CalendarPeriod.parse(period).quarters())

    def repeats(self, other: "TaskDraft") -> bool:
        """Whether a person's value could enter a table of both tasks; one fact has one release."""
        return bool(self.plan().tables and other.plan().tables and self.quarters() & other.quarters())

    @property
    def is_bound(self) -> bool:
        """Whether reports carry commitments and a proof, and each message between servers is signed whole."""
        return self.policy_version not in UNBOUND_POLICIES

    @property
    def hosts(self) -> dict[str, RosterHost]:
        """The roster by host."""
        return {entry.host: entry for entry in self.roster}


@dataclass(frozen=True, kw_only=True)
class TaskTerms:
    """A draft with the custodian's keys: complete, and never changed.

    Attributes:
        custodian_key: The custodian's HPKE public key for this task.
        coin_key_hash: SHA-256 of the custodian's coin key, fixed before anyone sends: no second draw.
    """

    draft: TaskDraft
    custodian_key: Hash
    coin_key_hash: Hash

    def hash(self) -> str:
        """SHA-256 over everything."""
        return _hash(asdict(self))


def terms_to(terms: TaskTerms) -> dict[str, Any]:
    """Give terms as a document."""
    document = asdict(terms)
    document["draft"]["roster"] = list(document["draft"]["roster"])
    document["draft"]["covers"] = list(document["draft"]["covers"])
    return document


def terms_from(document: Mapping[str, Any]) -> TaskTerms:
    """Read terms from their document."""
    return msgspec.convert(document, TaskTerms)


def draft_message(draft_hash: str) -> bytes:
    """Give what the board signs when it proposes."""
    return _message("draft", draft_hash)


def task_message(task_hash: str) -> bytes:
    """Give what board, custodian and data leads sign when they agree to a task."""
    return _message("task", task_hash)


def report_message(half: str, *, task_hash: str, host: str, report_id: str, sealed: str) -> bytes:
    """Give what a host signs with one half of its report; ``half`` is ``SHARE`` or ``SEED``."""
    return _message(f"report-{half.lower()}", task_hash, host, report_id, hashlib.sha256(sealed.encode()).hexdigest())


def accepted_message(server: str, *, task_hash: str, report_ids: Iterable[str]) -> bytes:
    """Give what a server signs of the reports it accepted."""
    return _message(f"accepted-{server}", task_hash, _ids(report_ids))


def cohort_message(cohort_hash: str) -> bytes:
    """Give what both servers sign of the agreed cohort; the hash names its task."""
    return _message("cohort", cohort_hash)


def destroyed_message(server: str, *, task_hash: str, at: datetime) -> bytes:
    """Give what a server signs once every key of a task is destroyed."""
    return _message(f"destroyed-{server}", task_hash, at.isoformat())


@functools.lru_cache(maxsize=64)
def _compiled(plan_id: str, places: tuple[tuple[str, str], ...]) -> Plan:
    return compile_plan(load_plan(plan_id), [Place(nation=nation, setting=setting) for nation, setting in places])


def _message(purpose: str, *parts: str) -> bytes:
    return "|".join(("alongside", "v1", purpose, *parts)).encode()


def _ids(report_ids: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(report_ids)).encode()).hexdigest()


def _hash(content: object) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=_instant).encode()).hexdigest()


def _instant(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(type(value).__name__)
