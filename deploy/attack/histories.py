"""Earlier releases to set a new one against: as the plan makes them, and as it forbids."""

from collections.abc import Iterable
from dataclasses import replace

from deploy.attack.cohorts import Cohort, counted_by, into_quarters
from deploy.attack.keys import coin_keys
from services.custodian.gate.release import GateRelease
from services.custodian.opening.deciding import Setting, as_seen, decide
from shared.codelists.plan import load_plan

REGION = "REGION_OF_NATIONALITY"


def setting_of(cohort: Cohort, period: str, history: Iterable[GateRelease] = ()) -> Setting:
    """Give the setting of a cohort's release without public tables."""
    hosts = len(cohort.people)
    return Setting(plan=cohort.plan, period=period, covers=(period,), hosts=hosts, history=tuple(history))


def released(cohort: Cohort, setting: Setting) -> GateRelease:
    """Give the release of a cohort as the world sees it; another coin for each period."""
    key = next(coin_keys(1))
    decided = decide(cohort.opened(), setting, coin_key=key)
    return as_seen(decided.release, setting)


def thirteen_periods(cohort: Cohort, year: int, before: Iterable[GateRelease] = ()) -> tuple[GateRelease, ...]:
    """Give twelve quarters up to the year's end, people only as the plan has it, and the year before.

    The candidate's own four quarters hold the same people as it, so their totals are set against its total.
    """
    quarters = []
    for back in (2, 1, 0):
        for number, part in enumerate(into_quarters(cohort, seed=year - back), 1):
            bare = counted_by(part, load_plan("quarter-v1"))
            quarters.append(released(bare, setting_of(bare, f"{year - back}-Q{number}")))
    years = tuple(before) or (released(cohort, setting_of(cohort, str(year - 1))),)
    return (*years, *quarters)


def with_two_regions_moved(shown: GateRelease) -> GateRelease:
    """Give a release of the same people in which the two smallest regions lie one base up and one down.

    Each of the two releases keeps every rule by itself; together they leave four values for those regions.
    """
    table = next(one for one in shown.shown if one.table == REGION)
    smallest = sorted(table.cells, key=lambda cell: cell.value)[:2]
    moved = {smallest[0].category: shown.plan.minimums.base, smallest[1].category: -shown.plan.minimums.base}
    cells = tuple(replace(cell, value=cell.value + moved.get(cell.category, 0)) for cell in table.cells)
    return replace(shown, tables=(replace(table, cells=cells),))


def quarters_with_tables(cohort: Cohort, year: int) -> tuple[GateRelease, ...]:
    """Give four quarters that show the year's own tables: one fact in two releases, which the plan forbids."""
    parts = enumerate(into_quarters(cohort, seed=year), 1)
    return tuple(released(part, setting_of(part, f"{year}-Q{number}")) for number, part in parts)
