"""Checks what the custodian says may be shown, before the board keeps a figure of it.

The board believes the custodian's protection, and still keeps nothing that could not have come of it: only tables
and categories of the signed plan, only multiples of the rounding base at or above the threshold, only sums that
add up. Limit: a rounded figure that is false is not seen.
"""

from services.board.errors import TablesRefusedError
from shared.codelists.plan import Minimums, Plan, Table
from shared.contracts.custodian import ProtectedTable, TablesProtected

NOT_SHOWN = ("NOT_PUBLISHED", 0, ())


def check_tables(event: TablesProtected, plan: Plan, cohort_size: int) -> None:
    """Check one result against its plan.

    Raises:
        TablesRefusedError: Something in it is not of this plan, or no protected figure; nothing is kept.
    """
    minimums = plan.minimums
    if event.hosts != cohort_size:
        raise TablesRefusedError("the number of hosts is not the cohort's")
    if event.people is not None and not _is_protected(event.people, minimums):
        raise TablesRefusedError("the people are no protected figure")
    if [table.table for table in event.tables] != [table.id for table in plan.tables]:
        raise TablesRefusedError("the tables are not those of the plan")
    for declared, shown in zip(plan.tables, event.tables, strict=True):
        if (shown.status, shown.level, shown.cells) != NOT_SHOWN:
            _check_table(declared, shown, event.people, minimums)


def _check_table(declared: Table, shown: ProtectedTable, people: int | None, minimums: Minimums) -> None:
    levels = {level.number: level for level in declared.levels}
    if shown.level not in levels:
        raise TablesRefusedError("a table has a level that its plan does not declare")
    if [cell.category for cell in shown.cells] != [category.code for category in levels[shown.level].categories]:
        raise TablesRefusedError("a table's categories are not those of its level")
    if not all(_is_protected(cell.value, minimums) for cell in shown.cells):
        raise TablesRefusedError("a cell is no protected figure")
    if people is None or sum(cell.value for cell in shown.cells) != people:
        raise TablesRefusedError("a table does not add up to the people")


def _is_protected(value: int, minimums: Minimums) -> bool:
    return value % minimums.base == 0 and value >= minimums.threshold
