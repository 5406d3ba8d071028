"""The plan compiler: makes of a declared plan and a roster the plan that is counted, or says why it may not be.

Runs before any host sends. Promise: no vector ever has a slot for a place or setting that fewer than
``Minimums.hosts`` rostered hosts can fill, for two tables of one fact, for a stock or running total, or for a
table of more than three dimensions or 5,000 cells. Limit: it knows what a table declares, not what its words
mean; a fact that stands for a place under another name is for the people who agree to the plan.

Source: decisions 5.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from math import prod

from shared.codelists.lists import get
from shared.codelists.periods import QUARTER, Period
from shared.codelists.plan import FLOW, Category, Level, Plan, Table
from shared.kernel.errors import InvalidInputError

MAX_DIMENSIONS = 3
MAX_CELLS = 5_000
NOTICE = timedelta(days=28)
MAX_COVERED = 4
"""Periods that one task may cover: its own, and those before it of which nothing was ever opened."""
PLACES = {"nation": "nation", "setting": "organisation_setting"}
"""Facts of the host, not of a person, and the code list of each."""
REST = "REST"

_SIZES = {"gender": "gender", "region": "region_of_nationality", "exploitation_types": "exploitation_type", **PLACES}


class PlanRefusedError(InvalidInputError):
    """A plan breaks a rule of disclosure control; nothing is counted by it.

    Attributes:
        rule: A code, such as ``one-fact-one-table``.
        table: The table, or None for the plan as a whole.
    """

    code = "plan-refused"

    def __init__(self, plan_id: str, rule: str, why: str, *, table: str | None = None) -> None:
        """Name plan, table and rule."""
        where = f"Table {table} of plan {plan_id}" if table else f"Plan {plan_id}"
        super().__init__(f"{where} is refused: {why}")
        self.rule = rule
        self.table = table


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one rostered host is and what it is; codes of the lists nation and organisation_setting."""

    nation: str
    setting: str


def compile_plan(plan: Plan, roster: Iterable[Place]) -> Plan:
    """Check a plan and merge what too few hosts could fill.

    Args:
        plan: As declared.
        roster: One place for each rostered host.

    Returns:
        The plan that is counted; a table of which one category would be left is dropped.

    Raises:
        PlanRefusedError: A rule is broken; it says which and why.
    """
    _check_plan(plan)
    hosts = list(roster)
    tables = []
    for table in plan.tables:
        _check_table(plan, table)
        compiled = _merge_places(table, hosts, plan.minimums.hosts) if table.source_fact in PLACES else table
        if compiled is not None:
            tables.append(compiled)
    return replace(plan, tables=tuple(tables))


def check_timing(plan: Plan, period: str, period_starts_on: date) -> None:
    """Check that a plan may count a period: announced 28 days ahead, never for past periods.

    Raises:
        PlanRefusedError: It may not.
    """
    if plan.applies_from < plan.announced_on + NOTICE:
        raise PlanRefusedError(
            plan.id, "notice", f"it applies from less than {NOTICE.days} days after its announcement."
        )
    if period_starts_on < plan.applies_from:
        raise PlanRefusedError(
            plan.id,
            "past-period",
            f"it applies from {plan.applies_from.isoformat()}, after the start of {period}. "
            "A new table never counts a past period.",
        )


def check_fit(plan: Plan, period: str, covers: Sequence[str]) -> None:
    """Check that a plan, the kind of a period, and what its task covers fit; board, custodian and host ask the same.

    A quarter takes a quarter's plan, which has no dimension, and a year a year's. A task covers its own period, after
    the periods of the same kind right before it whose tasks were never opened.

    Raises:
        PlanRefusedError: They do not fit.
        InvalidPeriodError: One of them is no period.
    """
    own = Period.parse(period)
    if plan.kind != own.kind:
        raise PlanRefusedError(
            plan.id,
            "kind-of-period",
            f"it counts a {plan.kind.lower()}, and {period} is a {own.kind.lower()}. "
            "Take quarter-v1 for a quarter and year-v1 for a year.",
        )
    wanted = [own]
    while len(wanted) < min(len(covers), MAX_COVERED):
        wanted.insert(0, wanted[0].previous())
    if list(covers) != [str(one) for one in wanted]:
        raise PlanRefusedError(
            plan.id,
            "covers",
            f"a task for {period} covers that {own.kind.lower()}, after at most {MAX_COVERED - 1} right before it.",
        )


def _check_plan(plan: Plan) -> None:
    if plan.kind == QUARTER and plan.tables:
        raise PlanRefusedError(
            plan.id, "quarter-without-tables", "a quarter counts people only; each dimension belongs to the year."
        )
    if len({table.id for table in plan.tables}) < len(plan.tables):
        raise PlanRefusedError(plan.id, "one-name-one-table", "two tables have one id.")
    facts = Counter((table.source_fact, table.yes_if) for table in plan.tables)
    whole = {table.source_fact for table in plan.tables if table.yes_if is None}
    for table in plan.tables:
        if facts[table.source_fact, table.yes_if] > 1 or (table.yes_if is not None and table.source_fact in whole):
            raise PlanRefusedError(
                plan.id,
                "one-fact-one-table",
                "a person's value may enter one table of one period only, and another table counts the same fact.",
                table=table.id,
            )


def _check_table(plan: Plan, table: Table) -> None:
    if table.measure != FLOW:
        raise PlanRefusedError(
            plan.id,
            "no-stocks",
            "running totals and stocks narrow what was published before; declare a flow of the period.",
            table=table.id,
        )
    dimensions = (table.source_fact, *table.crossed_with)
    unknown = [fact for fact in dimensions if fact not in _SIZES]
    if unknown:
        raise PlanRefusedError(
            plan.id, "closed-code-list", "a dimension has no closed code list; free text is never one.", table=table.id
        )
    if len(dimensions) > MAX_DIMENSIONS:
        raise PlanRefusedError(
            plan.id, "three-dimensions", f"a cluster has at most {MAX_DIMENSIONS} dimensions.", table=table.id
        )
    cells = prod(len(get(_SIZES[fact]).codes) for fact in dimensions)
    if cells > MAX_CELLS:
        raise PlanRefusedError(
            plan.id, "five-thousand-cells", f"a cluster has at most {MAX_CELLS} cells.", table=table.id
        )
    if table.crossed_with:
        raise PlanRefusedError(
            plan.id,
            "one-way",
            "a year's tables are one-way; the one crossed table of the pilot's end is not part of this version.",
            table=table.id,
        )


def _merge_places(table: Table, hosts: list[Place], minimum: int) -> Table | None:
    """Fold each category that too few hosts can fill into the rest, until every category has enough."""
    filled = Counter(getattr(host, table.source_fact) for host in hosts)
    kept = [c for c in table.levels[0].categories if filled[c.code] >= minimum]
    rest = [c for c in table.levels[0].categories if filled[c.code] < minimum]
    # A rest that too few hosts fill would give them away by subtraction: it takes the smallest kept one with it.
    while rest and kept and sum(filled[c.code] for c in rest) < minimum:
        smallest = min(kept, key=lambda c: (filled[c.code], c.code))
        kept.remove(smallest)
        rest.append(smallest)
    if len(kept) + bool(rest) < 2:  # noqa: PLR2004  One category says nothing.
        return None
    categories = (*kept, *((Category(code=REST, label="Everywhere else"),) if rest else ()))
    folds: Mapping[str, str] = {c.code: REST for c in rest}
    level = Level(number=1, title=table.levels[0].title, categories=categories)
    return replace(table, levels=(level,), folds=folds)
