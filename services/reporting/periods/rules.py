"""Counting a period: pure rules, no database and no clock.

Counting is one deterministic function of (contributions, plan, task): who is counted is decided by what
was effective and recorded at the seal, never by when the function runs. Each person is counted once in all quarters
together, and once in all years together (ADR 0020; ``tests/unit/reporting/test_counted_once.py`` shows it).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from services.reporting.contributions.rules import (
    AFTER_SEAL,
    COUNTED_BEFORE,
    MOVED,
    SAME_PERSON,
    Contribution,
    Facts,
    Version,
)
from services.reporting.periods.task import Task
from shared.codelists.plan import Plan


@dataclass(frozen=True, kw_only=True)
class Figures:
    """A period's true numbers; they stay in this host.

    Attributes:
        counts: By table and level-1 category.
        left_out: People's episodes left out, by reason; for the host's own eyes, never sent.
    """

    people: int
    counts: Mapping[str, Mapping[str, int]]
    left_out: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Tally(Figures):
    """What one host would send, and whom it leaves out.

    Attributes:
        counted: For the host's own ledger: (contribution id, consent event id) of each person counted.
    """

    counted: tuple[tuple[str, str], ...] = field(repr=False, default=())

    def digest(self, task: Task) -> str:
        """SHA-256 over plan, figures and exclusions: what a data lead signs."""
        content = [task.id, task.plan_hash, self.people, self.counts, self.left_out]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Who is counted at a seal, and who is not.

    Attributes:
        counted: One episode of each person counted, the earliest, in the order of month and id.
        left_out: Episodes left out, by reason.
    """

    counted: tuple[tuple[Contribution, Version], ...]
    left_out: Mapping[str, int]


def select(
    contributions: Iterable[Contribution], task: Task, *, counted_before: Collection[str] = frozenset()
) -> Selection:
    """Decide who is counted in a period at its seal.

    Args:
        contributions: All that may belong to the period, in any order.
        task: Covered periods and seal.
        counted_before: Persons whom an earlier seal of the same kind of period counted, for a period that this task
            does not cover.

    Source: decisions 4, 5 and 8; an episode belongs to the period of its referral month as it stood at that
    period's seal, and a person counts once, by the earliest episode.
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
        # A person's own no is said first; only who would be counted is looked up in what was sealed before.
        reason = version.reason_left_out(task.seal_at) or _counted_elsewhere(contribution, task, counted_before)
        if reason is not None:
            left_out[reason] += 1
        elif version.facts is not None:
            eligible.append((version.facts.month, contribution.id, contribution, version))
    people: set[str] = set()
    counted: list[tuple[Contribution, Version]] = []
    for _, _, contribution, version in sorted(eligible, key=lambda e: e[:2]):
        if contribution.person_id in people:
            left_out[SAME_PERSON] += 1
            continue
        people.add(contribution.person_id)
        counted.append((contribution, version))
    return Selection(counted=tuple(counted), left_out=dict(sorted(left_out.items())))


def _counted_elsewhere(contribution: Contribution, task: Task, counted_before: Collection[str]) -> str | None:
    if contribution.fixed_outside(task.covers):
        return MOVED
    return COUNTED_BEFORE if contribution.person_id in counted_before else None


def tally(
    contributions: Iterable[Contribution],
    plan: Plan,
    task: Task,
    *,
    counted_before: Collection[str] = frozenset(),
) -> Tally:
    """Count a period at its seal by the task's compiled plan; ``select`` says who counts."""
    selected = select(contributions, task, counted_before=counted_before)
    counts = {table.id: dict.fromkeys((c.code for c in table.levels[0].categories), 0) for table in plan.tables}
    for _, version in selected.counted:
        for table_id, category in plan.categorise(_plain(version.facts, task)).items():
            counts[table_id][category] += 1
    return Tally(
        people=len(selected.counted),
        counts=counts,
        left_out=selected.left_out,
        counted=tuple((contribution.id, version.event_id or "") for contribution, version in selected.counted),
    )


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
