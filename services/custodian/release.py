"""From opened sums to the one thing that may leave: protected, attacked, and coarser until every attack fails.

Fail closed: an attack that was not played to its end, like one that succeeded everywhere, means that nothing
is published.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from services.custodian.domain.protection import ProtectedRelease, protect, withheld
from services.custodian.gate.examine import examine
from services.custodian.gate.model import (
    PEOPLE,
    Candidate,
    Limits,
    Progress,
    PublicCount,
    ShownCell,
    ShownRelease,
    ShownTable,
    TrueCell,
    Verdict,
)
from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.vector import PEOPLE as PEOPLE_SLOT
from shared.contracts.vector import Opened, Slot
from shared.telemetry.logs import get_logger

Attack = Callable[..., Verdict]

log = get_logger(__name__)


def decide(
    opened: Opened,
    *,
    plan: Plan,
    hosts: int,
    coin_key: bytes,
    period: str,
    covers: Sequence[str],
    history: Sequence[ShownRelease] = (),
    public: Iterable[PublicCount] = (),
    progress: Progress = lambda _line: None,
    attack: Attack = examine,
) -> tuple[ProtectedRelease, Verdict | None]:
    """Protect and attack in turns until a release passes.

    Args:
        opened: The cohort's sums.
        plan: The compiled plan.
        hosts: Hosts in the cohort.
        coin_key: 32 bytes of the task.
        period: The task's period.
        covers: The periods that are counted.
        history: Every release that left before.
        public: Published counts of a wider population.
        attack: Gives the verdict; the gate's own unless many like releases are attacked in turn.

    Returns:
        The release, and the gate's last verdict; None where an attack could not be played or nothing was to be
        attacked.
    """
    finest: dict[str, int] = {}
    bounds = list(public)
    while True:
        release = protect(opened, plan=plan, hosts=hosts, coin_key=coin_key, period=period, finest=finest)
        if release.people is None:
            return release, None
        shown = shown_release(release, plan, covers)
        limits = Limits(base=plan.minimums.base, people=plan.minimums.people, width=plan.minimums.width)
        candidate = Candidate(release=shown, truth=_truth(shown, opened), people=opened.counts[PEOPLE_SLOT])
        try:
            verdict = attack(candidate, history=history, public=bounds, limits=limits, progress=progress)
        except Exception as error:  # noqa: BLE001  Whatever went wrong: an attack not played is an attack not passed.
            log.warning("gate stuck", error_class=type(error).__name__)
            return withheld(plan, hosts=hosts, period=period), None
        if verdict.passed:
            return release, verdict
        for finding in verdict.findings:
            log.info("gate refused", reason=finding.rule, target=finding.table)
        if any(finding.table == PEOPLE for finding in verdict.findings):
            return withheld(plan, hosts=hosts, period=period), verdict
        for table in {finding.table for finding in verdict.findings}:
            finest[table] = release.levels[table] + 1


def shown_release(release: ProtectedRelease, plan: Plan, covers: Sequence[str]) -> ShownRelease:
    """Give a protected release as anyone could read it."""
    tables = {table.id: table for table in plan.tables}
    shown = []
    for table in release.tables:
        if not table.cells:
            continue
        merges = tables[table.table].levels[table.level - 1].merges
        cells = tuple(
            ShownCell(
                category=cell.category, value=cell.value, parts=frozenset(merges.get(cell.category, (cell.category,)))
            )
            for cell in table.cells
        )
        shown.append(ShownTable(id=table.table, level=table.level, cells=cells))
    return ShownRelease(period=release.period, quarters=_quarters(covers), people=release.people, tables=tuple(shown))


def history_to(release: ShownRelease) -> dict[str, Any]:
    """Give a shown release as the custodian keeps it: what left, and nothing else."""
    return {
        "period": release.period,
        "quarters": sorted(release.quarters),
        "people": release.people,
        "tables": [
            {
                "id": table.id,
                "level": table.level,
                "cells": [{"category": c.category, "value": c.value, "parts": sorted(c.parts)} for c in table.cells],
            }
            for table in release.tables
        ],
    }


def history_from(document: Mapping[str, Any]) -> ShownRelease:
    """Read a release of the history."""
    tables = tuple(
        ShownTable(
            id=table["id"],
            level=table["level"],
            cells=tuple(
                ShownCell(category=c["category"], value=c["value"], parts=frozenset(c["parts"])) for c in table["cells"]
            ),
        )
        for table in document["tables"]
    )
    return ShownRelease(
        period=document["period"],
        quarters=frozenset(document["quarters"]),
        people=document["people"],
        tables=tables,
    )


def _truth(shown: ShownRelease, opened: Opened) -> dict[tuple[str, str], TrueCell]:
    found = {}
    for table in shown.tables:
        for cell in table.cells:
            slot = Slot(table.id, table.level, cell.category)
            found[table.id, cell.category] = TrueCell(
                count=opened.counts[slot], hosts=opened.hosts[slot], squares=opened.squares[slot]
            )
    return found


def _quarters(covers: Sequence[str]) -> frozenset[str]:
    return frozenset(quarter for period in covers for quarter in Period.parse(period).quarters())
