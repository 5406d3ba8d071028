"""Contributions, tasks and counting: pure rules, no database and no clock.

Counting is one deterministic function of (contributions, plan, task): who is counted is decided by what
was effective and recorded at the seal, never by when the function runs.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from shared.codelists.periods import Period
from shared.codelists.plan import Plan

RELEASED, WITHHELD = "RELEASED", "WITHHELD"

AFTER_SEAL = "AFTER_THE_SEAL"
NOT_YET_EFFECTIVE = "NOT_YET_EFFECTIVE"
EXPIRED = "EXPIRED"
TRANSFER_IN = "TRANSFER_IN"
EXCLUDED = "EXCLUDED_BY_CASEWORKER"
SAME_PERSON = "COUNTED_IN_AN_EARLIER_EPISODE"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """The codes of one released episode; ``month`` is its referral month."""

    month: str
    gender: str
    exploitation_types: tuple[str, ...]
    region: str
    transfer_in: bool
    excluded: bool


@dataclass(frozen=True, kw_only=True)
class Version:
    """One state of a contribution as consent stated it.

    Attributes:
        quarter: Quarter of referral, the only thing kept of a withheld episode.
        facts: None when withheld.
        recorded_at: The later of the two recorded times; it must be no later than the seal.
        facts_recorded_at: When the facts were recorded; a later one than the signature makes it lapse.
        event_id: The consent event that stated it; the ledger of who was counted keeps it.
        sequence: Consent's own count of what it stated of the episode; a late one still has its place.
    """

    state: str
    quarter: str
    facts: Facts | None
    reason: str | None
    effective_from: datetime
    until: datetime | None
    recorded_at: datetime
    facts_recorded_at: datetime
    event_id: str | None = None
    sequence: int = 0


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One episode under its random id, with the versions that a seal may still need, as consent stated them."""

    id: str
    person_id: str
    versions: tuple[Version, ...]

    def as_of(self, seal_at: datetime) -> Version | None:
        """Give the state recorded by the seal, or None when everything was recorded later."""
        known = [version for version in self.versions if version.recorded_at <= seal_at]
        return known[-1] if known else None

    def with_version(self, version: Version, open_seals: Iterable[datetime]) -> "Contribution":
        """Add a state in its place and drop every older one that no open seal needs.

        So a withdrawal deletes the facts at once, unless a seal before it has not been carried out. A state
        that was delayed on its way is not the newest, and may still be the one that stood at a seal.
        """
        versions = tuple(sorted((*self.versions, version), key=lambda one: one.sequence))
        needed = {id(versions[-1])}
        for seal_at in open_seals:
            at_seal = replace(self, versions=versions).as_of(seal_at)
            if at_seal is not None:
                needed.add(id(at_seal))
        return replace(self, versions=tuple(v for v in versions if id(v) in needed))

    def pruned(self, open_seals: Sequence[datetime]) -> "Contribution":
        """Drop the states that no open seal needs any more."""
        newest = self.versions[-1]
        return replace(self, versions=self.versions[:-1]).with_version(newest, open_seals)


@dataclass(frozen=True, kw_only=True)
class Task:
    """One period's task as the board opened it.

    Attributes:
        covers: The periods whose episodes are counted.
        nation: The host's own, as the roster has it.
        setting: Likewise.
    """

    id: str
    period: str
    covers: tuple[str, ...]
    plan_id: str
    plan_hash: str
    nation: str
    setting: str
    seal_at: datetime
    closes_at: datetime
    board_key: bytes
    custodian_key: bytes

    def holds(self, version: Version) -> bool:
        """Whether an episode belongs to a period that the task covers."""
        if version.facts is not None:
            return any(Period.parse(period).contains(version.facts.month) for period in self.covers)
        return version.quarter in self.quarters()

    def quarters(self) -> tuple[str, ...]:
        """Give the quarters that the task covers."""
        return tuple(quarter for period in self.covers for quarter in Period.parse(period).quarters())


@dataclass(frozen=True, kw_only=True)
class Tally:
    """What one host would send, and whom it leaves out.

    Attributes:
        counts: By table and level-1 category.
        left_out: People's episodes left out, by reason; for the host's own eyes, never sent.
        counted: For the host's own ledger: (contribution id, consent event id) of each person counted.
    """

    people: int
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]
    counted: tuple[tuple[str, str], ...] = field(repr=False, default=())

    def digest(self, task: Task) -> str:
        """SHA-256 over plan, figures and exclusions: what a data lead signs."""
        content = [task.id, task.plan_hash, self.people, self.counts, self.left_out]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def tally(contributions: Iterable[Contribution], plan: Plan, task: Task) -> Tally:
    """Count a period at its seal.

    Args:
        contributions: All that may belong to the period, in any order.
        plan: The task's compiled plan.
        task: Covered periods and seal.

    Source: decisions 4 and 5; an episode belongs to the period of its referral month, and a person
    counts once a table, by the earliest episode.
    """
    left_out: Counter[str] = Counter()
    eligible: list[tuple[str, str, Contribution, Version]] = []
    for contribution in contributions:
        version = contribution.as_of(task.seal_at)
        if version is None:
            if task.holds(contribution.versions[-1]):
                left_out[AFTER_SEAL] += 1
            continue
        if not task.holds(version):
            continue
        reason = _reason_left_out(version, task.seal_at)
        if reason is not None:
            left_out[reason] += 1
        elif version.facts is not None:
            eligible.append((version.facts.month, contribution.id, contribution, version))
    people: set[str] = set()
    counted: list[tuple[str, str]] = []
    counts = {table.id: dict.fromkeys((c.code for c in table.levels[0].categories), 0) for table in plan.tables}
    for _, _, contribution, version in sorted(eligible, key=lambda e: e[:2]):
        if contribution.person_id in people:
            left_out[SAME_PERSON] += 1
            continue
        people.add(contribution.person_id)
        counted.append((contribution.id, version.event_id or ""))
        for table_id, category in plan.categorise(_plain(version.facts, task)).items():
            counts[table_id][category] += 1
    return Tally(people=len(people), counts=counts, left_out=dict(sorted(left_out.items())), counted=tuple(counted))


def _reason_left_out(version: Version, seal_at: datetime) -> str | None:
    if version.facts is None:
        return version.reason or WITHHELD
    if version.facts.excluded:
        return EXCLUDED
    if version.facts.transfer_in:
        return TRANSFER_IN
    if version.effective_from > seal_at:
        return NOT_YET_EFFECTIVE
    if version.until is not None and version.until <= seal_at:
        return EXPIRED
    return None


def _plain(facts: Facts | None, task: Task) -> dict[str, object]:
    if facts is None:
        raise TypeError("a counted version has facts")
    return {
        "gender": facts.gender,
        "exploitation_types": facts.exploitation_types,
        "region": facts.region,
        "nation": task.nation,
        "setting": task.setting,
    }
