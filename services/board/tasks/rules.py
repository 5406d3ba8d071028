"""Checks what the custodian says may be shown, before the board keeps a figure of it; pure.

The board believes the custodian's protection, and still keeps nothing that could not have come of it: only tables
and categories of the signed plan, only multiples of the rounding base at or above the threshold, only sums that
add up. Limit: a rounded figure that is false is not seen.
"""

from services.board.tasks.errors import TablesRefusedError
from shared.codelists.plan import Minimums, Plan, Table
from shared.contracts.custodian import ProtectedTable, TablesProtected

NOT_SHOWN = ("NOT_PUBLISHED", 0, ())


def check_tables(event: TablesProtected, plan: Plan, cohort_size: int | None) -> None:
    """Check one result against its plan.

    Raises:
        TablesRefusedError: Something in it is not of this plan, or no protected figure; nothing is kept, and what it
            was is not said.
    """
    fits = (
        event.hosts == cohort_size
        and (event.people is None or _is_protected(event.people, plan.minimums))
        and [table.table for table in event.tables] == [table.id for table in plan.tables]
        and all(
            (shown.status, shown.level, shown.cells) == NOT_SHOWN
            or _is_of_plan(declared, shown, event.people, plan.minimums)
            for declared, shown in zip(plan.tables, event.tables, strict=True)
        )
    )
    if not fits:
        raise TablesRefusedError


def _is_of_plan(declared: Table, shown: ProtectedTable, people: int | None, minimums: Minimums) -> bool:
    levels = {level.number: level for level in declared.levels}
    return (
        shown.level in levels
        and shown.status == ("SHOWN" if shown.level == min(levels) else "SHOWN_COARSER")
        and [cell.category for cell in shown.cells] == [one.code for one in levels[shown.level].categories]
        and all(_is_protected(cell.value, minimums) for cell in shown.cells)
        and people is not None
        and sum(cell.value for cell in shown.cells) == people
    )


def _is_protected(value: int, minimums: Minimums) -> bool:
    return value % minimums.base == 0 and value >= minimums.threshold
