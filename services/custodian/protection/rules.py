"""Makes of an opened sum the one thing that may leave: rounded, thresholded tables, or nothing.

Order of rules: at each table the finest declared level all of whose categories have enough hosts and no
dominant one; then all chosen levels rounded in one programme; a table with a rounded category below the
threshold goes to its next coarser level, and all are rounded anew, until nothing changes. Each turn coarsens
a table, so it ends; the last programme is over exactly the cells that are shown. Limit: hiding is
presentation. Whether rounded values say too much is the gate's verdict, which may ask for coarser levels.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt

from services.custodian.protection.rounding import AdditivityRow, Coin, NoRoundingError, round_jointly
from shared.codelists.plan import Level, Minimums, Plan, Table
from shared.contracts.custodian import ProtectedCell, ProtectedTable
from shared.contracts.vector import PEOPLE, Opened, Slot


class Status(StrEnum):
    """How a table may be shown."""

    SHOWN = "SHOWN"
    SHOWN_COARSER = "SHOWN_COARSER"
    NOT_PUBLISHED = "NOT_PUBLISHED"


@dataclass(frozen=True, kw_only=True)
class ProtectedRelease:
    """What the world may see of one task; every number but ``hosts`` is a multiple of the rounding base.

    Attributes:
        hosts: Hosts in the cohort, those that sent zeros included.
        people: Rounded total shared by all tables, or None if it may not be shown.
        tables: In the plan's order; a table that is not published has level 0 and no cells.
    """

    plan_id: str
    period: str
    hosts: int
    people: int | None
    tables: tuple[ProtectedTable, ...]

    @property
    def levels(self) -> dict[str, int]:
        """Level shown, by table; tables that are not published are left out."""
        return {table.table: table.level for table in self.tables if table.level}


def protect(
    opened: Opened,
    *,
    plan: Plan,
    hosts: int,
    coin_key: bytes,
    period: str,
    finest: Mapping[str, int] | None = None,
) -> ProtectedRelease:
    """Decide and round what may be shown; the same bytes in give the same release.

    Args:
        opened: The cohort's sums.
        plan: With its minimums and declared levels.
        hosts: Hosts in the cohort.
        coin_key: 32 bytes of the task.
        period: The period's code.
        finest: By table, the finest level that the gate still allows; above the last level, none.

    Never raises for a figure: where no rounding is found, nothing is published.
    """
    coin = Coin(key=coin_key, period=period)
    start = dict(finest or {})
    try:
        rounded, chosen = _round_until_stable(opened, plan, coin, start)
    except NoRoundingError:
        rounded, chosen = {}, {}
    if not _people_may_be_shown(opened, rounded, hosts, plan.minimums):
        rounded, chosen = {}, {}
    return ProtectedRelease(
        plan_id=plan.id,
        period=period,
        hosts=hosts,
        people=rounded.get(PEOPLE),
        tables=tuple(_show(table, chosen.get(table.id), rounded) for table in plan.tables),
    )


def withheld(plan: Plan, *, hosts: int, period: str) -> ProtectedRelease:
    """Give a release of which nothing is published."""
    tables = tuple(_show(table, None, {}) for table in plan.tables)
    return ProtectedRelease(plan_id=plan.id, period=period, hosts=hosts, people=None, tables=tables)


def rows_of(chosen: Mapping[str, Level]) -> tuple[AdditivityRow, ...]:
    """Give the additions of a release: each shown level adds up to the one shared total."""
    return tuple(AdditivityRow(total=PEOPLE, parts=_slots(table_id, level)) for table_id, level in chosen.items())


def _round_until_stable(
    opened: Opened, plan: Plan, coin: Coin, start: dict[str, int]
) -> tuple[dict[Slot, int], dict[str, Level]]:
    minimums = plan.minimums
    while True:
        chosen = _choose(opened, plan, start)
        rows = rows_of(chosen)
        cells = (PEOPLE, *(part for row in rows for part in row.parts))
        values = {slot: opened.counts[slot] for slot in cells}
        rounded = round_jointly(values, rows, coin=coin, base=minimums.base)
        small = {
            table_id: level
            for table_id, level in chosen.items()
            if any(rounded[slot] < minimums.threshold for slot in _slots(table_id, level))
        }
        if not small:
            return rounded, chosen
        start.update({table_id: level.number + 1 for table_id, level in small.items()})


def _choose(opened: Opened, plan: Plan, start: Mapping[str, int]) -> dict[str, Level]:
    """Give the finest level that passes before rounding, by table; tables without one are left out."""
    chosen = {}
    for table in plan.tables:
        for level in sorted(table.levels, key=lambda one: one.number):
            if level.number >= start.get(table.id, 0) and all(
                _has_enough_hosts(opened, slot, plan.minimums) for slot in _slots(table.id, level)
            ):
                chosen[table.id] = level
                break
    return chosen


def _has_enough_hosts(opened: Opened, slot: Slot, minimums: Minimums) -> bool:
    count = opened.counts[slot]
    if opened.hosts[slot] < minimums.cell_hosts or count == 0:
        return False
    # No host's share is above sqrt(sum of squares)/sum, whichever host it is.
    return sqrt(opened.squares[slot]) / count <= minimums.max_share


def _people_may_be_shown(opened: Opened, rounded: Mapping[Slot, int], hosts: int, minimums: Minimums) -> bool:
    return (
        hosts >= minimums.hosts
        and opened.people >= minimums.people
        and rounded.get(PEOPLE, 0) >= minimums.threshold
        # Wherever a table passes this the total does too; it counts for a release without tables.
        and _has_enough_hosts(opened, PEOPLE, minimums)
    )


def _show(table: Table, level: Level | None, rounded: Mapping[Slot, int]) -> ProtectedTable:
    if level is None:
        return ProtectedTable(table=table.id, status=Status.NOT_PUBLISHED.value, level=0, cells=())
    coarser = level.number > min(one.number for one in table.levels)
    return ProtectedTable(
        table=table.id,
        status=(Status.SHOWN_COARSER if coarser else Status.SHOWN).value,
        level=level.number,
        cells=tuple(ProtectedCell(category=slot.category, value=rounded[slot]) for slot in _slots(table.id, level)),
    )


def _slots(table_id: str, level: Level) -> tuple[Slot, ...]:
    return tuple(Slot(table_id, level.number, category.code) for category in level.categories)
