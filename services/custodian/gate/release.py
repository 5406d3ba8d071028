"""What the gate is given and what it answers.

Promise: a report names tables, rules, levels and periods. It never holds a cell, rounded or true; its two
numbers, exact recoveries and least width, are about intervals. Shown by tests/unit/custodian/test_gate_report.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from shared.codelists.periods import Period
from shared.codelists.plan import Plan
from shared.contracts.custodian import ProtectedTable
from shared.contracts.vector import PEOPLE, Opened

TOTAL = PEOPLE.table
"""The name under which a report speaks of the total that all tables of a release share; its level is 0."""


class Rule(StrEnum):
    """What a table can fail; decisions 5 in the order of its words."""

    MALFORMED = "MALFORMED"
    TOO_FEW_PEOPLE = "TOO_FEW_PEOPLE"
    TOO_FEW_HOSTS = "TOO_FEW_HOSTS"
    DOMINANT_HOST = "DOMINANT_HOST"
    BELOW_THRESHOLD = "BELOW_THRESHOLD"
    OUTSIDER_WIDTH = "OUTSIDER_WIDTH"
    HISTORY_EXACT = "HISTORY_EXACT"
    HISTORY_WIDTH = "HISTORY_WIDTH"
    HISTORY_NARROWED = "HISTORY_NARROWED"
    HISTORY_CONTRADICTED = "HISTORY_CONTRADICTED"
    HOST_EXACT = "HOST_EXACT"
    HOST_POSTERIOR = "HOST_POSTERIOR"
    PAIR_EXACT = "PAIR_EXACT"
    PAIR_POSTERIOR = "PAIR_POSTERIOR"
    SIMULATED_POSTERIOR = "SIMULATED_POSTERIOR"
    UNDECIDED = "UNDECIDED"


@dataclass(frozen=True, kw_only=True)
class GateRelease:
    """One release as the world sees it.

    Attributes:
        plan: As compiled for its roster.
        covers: The periods whose people it counts; empty for ``period`` alone.
        hosts: Hosts in the cohort.
        people: The rounded total, or None where nothing was shown.
    """

    plan: Plan
    period: str
    covers: tuple[str, ...] = ()
    hosts: int
    people: int | None
    tables: tuple[ProtectedTable, ...]

    @property
    def shown(self) -> tuple[ProtectedTable, ...]:
        """The tables with figures."""
        return tuple(table for table in self.tables if table.cells)

    @property
    def quarters(self) -> frozenset[str]:
        """The quarters whose people it counts: two releases of the same quarters count the same people."""
        return frozenset(q for period in self.covers or (self.period,) for q in Period.parse(period).quarters())

    def parts_of(self, table: str, level: int) -> dict[str, frozenset[str]]:
        """Give each category of a level with the level-1 categories in it.

        Raises:
            KeyError: The plan has no such table or level.
        """
        levels = {one.number: one for t in self.plan.tables if t.id == table for one in t.levels}
        found = levels[level]
        return {c.code: frozenset(found.merges.get(c.code, (c.code,))) for c in found.categories}


@dataclass(frozen=True, kw_only=True)
class PublicTable:
    """A published table about the same kind of people, such as the Home Office's NRM referrals.

    Attributes:
        table: Table of our plan that it answers.
        counts: People by level-1 category.
        covers: Whether everyone whom a release of this period counts is known to stand in it. Only then is a
            count an upper bound. Survivors may come to a host in another quarter than to the NRM, or never
            enter it, so for a real release this is False and the table gives a prior only.
    """

    period: str
    table: str
    counts: Mapping[str, int]
    covers: bool = False


@dataclass(frozen=True, kw_only=True)
class GateSettings:
    """The gate's own figures; those of decisions 5 are defaults.

    Attributes:
        history_width: Least width of any cell over this release and all earlier ones.
        certainty: The most that any attacker may believe in one value of a small count.
        small: The greatest count that is small.
        draws: Monte Carlo draws for each table, at first.
        least_effective: Fewer effective draws decide nothing; the draws are then quadrupled, three times.
        time_limit_s: For one programme of the solver; real seconds.
    """

    history_width: int = 2
    certainty: float = 0.8
    small: int = 9
    draws: int = 40_000
    least_effective: int = 1_000
    seed: int = 5
    time_limit_s: float = 10.0


@dataclass(frozen=True, kw_only=True)
class GateInput:
    """Everything that the gate may know; ``opened`` holds true figures and stays in the job's memory."""

    candidate: GateRelease
    opened: Opened = field(repr=False)
    history: tuple[GateRelease, ...] = ()
    public: tuple[PublicTable, ...] = ()
    settings: GateSettings = field(default_factory=GateSettings)


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """A table that the candidate harms.

    Attributes:
        table: ``TOTAL`` for the total.
        level: At which the table was shown.
        period: Of the harmed release, which may be an earlier one.
    """

    rule: Rule
    table: str
    level: int
    period: str


@dataclass(frozen=True, kw_only=True)
class GateReport:
    """The verdict.

    Attributes:
        exact_recoveries: Cells of this release and all earlier ones that an outsider knows exactly.
        least_width: Of all their intervals; None where nothing was ever shown.
    """

    findings: tuple[Finding, ...]
    exact_recoveries: int
    least_width: int | None

    @property
    def passed(self) -> bool:
        """Whether the candidate may leave."""
        return not self.findings

    def named(self) -> frozenset[str]:
        """Give the tables with a finding, ``TOTAL`` included."""
        return frozenset(finding.table for finding in self.findings)
