"""Statistics plans: which tables exist, at which declared levels, and what each must satisfy.

Promise: only what a plan names can ever be counted; every person falls in exactly one category of each
level of each table. A new table is a new plan, never for past periods. Shown by tests/unit/statistics/test_plans.py.
"""

import functools
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from importlib import resources
from typing import Any

import yaml

from shared.kernel.errors import InvalidInputError

FLOW = "FLOW"
YES, NO = "YES", "NO"


NOT_PUBLISHED_SENTENCE = (
    "Not published: at this size the figures could say something about single people. Nothing more is said about why."
)
"""The only reason ever given, the same for each cause: which check failed is itself a figure."""


class UnknownPlanError(InvalidInputError):
    """There is no such plan in this version."""

    code = "unknown-plan"

    def __init__(self) -> None:
        """Name what there is."""
        super().__init__("There is no such plan. This version has quarter-v1 for a quarter and year-v1 for a year.")


@dataclass(frozen=True, kw_only=True)
class Minimums:
    """The figures of decisions 5, which supersede every other.

    Attributes:
        hosts: Hosts in a cohort; fewer are never opened.
        people: People after opening; fewer are never published.
        cell_hosts: Contributing hosts of each shown category.
        max_share: Bound on one host's share of a category.
        threshold: Each shown category, rounded, is at least this.
        base: Counts are multiples of this.
        width: Least width of an outsider's interval for a cell.
    """

    hosts: int = 5
    people: int = 20
    cell_hosts: int = 3
    max_share: float = 0.8
    threshold: int = 10
    base: int = 5
    width: int = 4


@dataclass(frozen=True, kw_only=True)
class Category:
    """One row of a table."""

    code: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Level:
    """One declared coarseness of a table; 1 is the finest.

    Attributes:
        merges: For each category its level-1 categories; empty on level 1.
    """

    number: int
    title: str
    categories: tuple[Category, ...]
    merges: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Table:
    """One table of the United Kingdom.

    Attributes:
        source_fact: ``gender``, ``exploitation_types`` or ``region`` of a person, or ``nation`` or ``setting`` of
            the host.
        yes_if: For a yes/no table: the code that makes a person a yes; anything else, unknown too, is no.
        crossed_with: Further facts of a table of several dimensions.
        measure: ``FLOW``: each person in one period. The compiler refuses every other.
        folds: For a place or setting: which category stands for each code; filled by the compiler.
    """

    id: str
    title: str
    source_fact: str
    levels: tuple[Level, ...]
    yes_if: str | None = None
    crossed_with: tuple[str, ...] = ()
    measure: str = FLOW
    folds: Mapping[str, str] = field(default_factory=dict)

    def category_of(self, facts: Mapping[str, Any]) -> str:
        """Give the one level-1 category of a person."""
        value = facts[self.source_fact]
        if self.yes_if is not None:
            return YES if self.yes_if in value else NO
        value = self.folds.get(value, value)
        codes = [category.code for category in self.levels[0].categories]
        if value in codes:
            return str(value)
        # Only gender has values outside its first categories: they are the rest, by name.
        return codes[-1] if self.source_fact == "gender" else codes[1]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """A frozen set of tables with what protects them.

    Attributes:
        kind: ``QUARTER`` or ``YEAR``: the only kind of period that it may count.
        announced_on: When hosts, board and custodian were told of it.
        applies_from: The first day of the first period that it may count.
    """

    id: str
    version: int
    kind: str
    announced_on: date
    applies_from: date
    tables: tuple[Table, ...]
    minimums: Minimums = field(default_factory=Minimums)

    def categorise(self, facts: Mapping[str, Any]) -> dict[str, str]:
        """Give each table's level-1 category of one person.

        Args:
            facts: ``gender`` (code), ``exploitation_types`` (codes), ``region`` (level-1 region), and the
                host's ``nation`` and ``setting``.
        """
        return {table.id: table.category_of(facts) for table in self.tables}

    def hash(self) -> str:
        """SHA-256 over the whole plan, so that host, board and custodian know they mean the same."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True, default=date.isoformat).encode()).hexdigest()


@functools.cache
def load_plan(plan_id: str) -> Plan:
    """Load a shipped plan.

    Raises:
        UnknownPlanError: There is no such plan.
    """
    folder = resources.files(__package__).joinpath("data/plans")
    if plan_id not in {entry.name.removesuffix(".yaml") for entry in folder.iterdir()}:
        raise UnknownPlanError
    content = yaml.safe_load(folder.joinpath(f"{plan_id}.yaml").read_text(encoding="utf-8"))
    return Plan(
        id=content["id"],
        version=content["version"],
        kind=content["kind"],
        announced_on=content["announced_on"],
        applies_from=content["applies_from"],
        tables=tuple(_table(table) for table in content["tables"]),
    )


def _table(content: Mapping[str, Any]) -> Table:
    yes_if = content.get("yes_if")
    if yes_if is not None:
        categories = (Category(code=YES, label="Yes"), Category(code=NO, label="No or not known"))
        levels: tuple[Level, ...] = (Level(number=1, title="Answer", categories=categories),)
    else:
        levels = tuple(_level(number, level) for number, level in enumerate(content["levels"], 1))
    return Table(
        id=content["id"],
        title=content["title"],
        source_fact=content["fact"],
        levels=levels,
        yes_if=yes_if,
        crossed_with=tuple(content.get("crossed_with", ())),
        measure=content.get("measure", FLOW),
    )


def _level(number: int, content: Mapping[str, Any]) -> Level:
    return Level(
        number=number,
        title=content["title"],
        categories=tuple(Category(code=c, label=text) for c, text in content["categories"].items()),
        merges={code: tuple(parts) for code, parts in content.get("merges", {}).items()},
    )
