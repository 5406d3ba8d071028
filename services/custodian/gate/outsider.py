"""The outsider: knows every rounded value of this release and all earlier ones, and every rule.

Inside a release each interval must keep the plan's width. Over history none may be exact or narrower than
the setting, and no cell of an earlier release may become narrower through this one. Limit: two releases are
joined only as ``world.links`` says; why a table was shown coarser or not at all is not used against it.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from services.custodian.gate.intervals import ContradictionError, Interval, intervals, is_possible, joined_with
from services.custodian.gate.release import TOTAL, Finding, GateInput, GateRelease, GateSettings, Rule
from services.custodian.gate.world import Link, Row, Unknown, describe, links


class OverHistory(NamedTuple):
    """What came of the joint attack."""

    findings: list[Finding]
    exact_recoveries: int
    least_width: int | None


def attack_release(given: GateInput) -> list[Finding]:
    """Attack the candidate alone.

    Raises:
        SolverLimitError: Not decided.
    """
    limit = given.candidate.plan.minimums.width
    world = describe([given.candidate], given.public)
    try:
        found = intervals(world, (), limit=limit, time_limit_s=given.settings.time_limit_s)
    except ContradictionError:
        return [Finding(rule=Rule.MALFORMED, table=TOTAL, level=0, period=given.candidate.period)]
    narrow = [unknown for unknown, interval in found.items() if interval.width < limit]
    return _name(Rule.OUTSIDER_WIDTH, narrow, [given.candidate])


def attack_history(given: GateInput) -> OverHistory:
    """Attack all releases together, the candidate last.

    Raises:
        SolverLimitError: Not decided.
        ContradictionError: An earlier release fits no true table by itself.
    """
    settings = given.settings
    releases = [*given.history, given.candidate]
    newest = len(releases) - 1
    world = describe(releases, given.public)
    before_world = describe(given.history, given.public)
    before_rows, _ = _kept(given.history, given, settings)
    rows, contradicted = _kept(releases, given, settings)
    after = intervals(world, rows, limit=settings.history_width, time_limit_s=settings.time_limit_s)
    before = intervals(before_world, before_rows, limit=settings.history_width, time_limit_s=settings.time_limit_s)
    touched = joined_with(world, rows, [unknown for unknown in world.bounds if unknown.release == newest])
    judged = {unknown: after[unknown] for unknown in touched}
    findings = [
        *_name(Rule.HISTORY_EXACT, [u for u, i in judged.items() if i.width == 0], releases),
        *_name(Rule.HISTORY_WIDTH, [u for u, i in judged.items() if 0 < i.width < settings.history_width], releases),
        *_name(Rule.HISTORY_NARROWED, _narrowed(before, judged), releases),
        *(
            Finding(rule=Rule.HISTORY_CONTRADICTED, table=table, level=0, period=given.candidate.period)
            for link in contradicted
            for table in link.tables
        ),
    ]
    widths = [interval.width for interval in after.values()]
    return OverHistory(findings, sum(width == 0 for width in widths), min(widths, default=None))


def _narrowed(before: Mapping[Unknown, Interval], after: Mapping[Unknown, Interval]) -> list[Unknown]:
    """Give earlier tables' cells of which the candidate says more than was known.

    A total is left out: the other attackers are taken to know it exactly anyway.
    """
    return [u for u, i in after.items() if u.table != TOTAL and u in before and i.width < before[u].width]


def _kept(
    releases: Sequence[GateRelease], given: GateInput, settings: GateSettings
) -> tuple[tuple[Row, ...], list[Link]]:
    """Join the releases link by link; give the rows that can hold together, and what contradicts the candidate.

    A certain link of the candidate that does not fit means that one of the two releases is not what it seems.
    """
    world = describe(releases, given.public)
    kept: tuple[Row, ...] = ()
    contradicted = []
    for link in links(releases):
        if is_possible(world, (*kept, *link.rows), settings.time_limit_s):
            kept = (*kept, *link.rows)
        elif link.certain and releases[-1] is given.candidate and given.candidate.period in link.periods:
            contradicted.append(link)
    return kept, contradicted


def _name(rule: Rule, unknowns: Sequence[Unknown], releases: Sequence[GateRelease]) -> list[Finding]:
    places = {(u.table, u.level, releases[u.release].period) for u in unknowns}
    return [Finding(rule=rule, table=table, level=level, period=period) for table, level, period in sorted(places)]
