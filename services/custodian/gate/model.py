"""What the gate is shown, the limits it holds a release to, and what it says.

A release is what the world sees: rounded cells, each with the finest categories that it stands for.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

PEOPLE = "PEOPLE"
"""Stands for the total in findings: what harms through the total cannot be mended in one table."""

Progress = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Limits:
    """The figures of decisions 5.

    Attributes:
        base: Published counts are multiples of this; a true count lies within ``base - 1`` of its rounded one.
        people: A release counts at least this many.
        width: Least interval width of a published cell inside one release.
        history_width: Least width over the whole history.
        posterior: Greatest certainty of a true value from 1 to ``small``.
        small: Greatest count that is a person's rather than a group's.
        draws: Simulated keys for each possible truth.
    """

    base: int = 5
    people: int = 20
    width: int = 4
    history_width: int = 2
    posterior: float = 0.8
    small: int = 9
    draws: int = 2_000


@dataclass(frozen=True, kw_only=True)
class ShownCell:
    """One published cell.

    Attributes:
        value: Rounded count.
        parts: The finest categories that it stands for.
    """

    category: str
    value: int
    parts: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class ShownTable:
    """One published table; its cells cover every finest category once."""

    id: str
    level: int
    cells: tuple[ShownCell, ...]


@dataclass(frozen=True, kw_only=True)
class ShownRelease:
    """One release as anyone can read it.

    Attributes:
        period: Its name.
        quarters: The quarters whose people it counts.
        people: Rounded total, or None where it is not published.
    """

    period: str
    quarters: frozenset[str]
    people: int | None
    tables: tuple[ShownTable, ...]


@dataclass(frozen=True, kw_only=True)
class PublicCount:
    """A published count of a wider population, such as a row of the National Referral Mechanism's tables.

    The attacker assumes that every person counted here is in that population, so it bounds the cell; and its
    shares are the public prior.
    """

    quarters: frozenset[str]
    table: str
    category: str
    count: int


@dataclass(frozen=True, kw_only=True)
class TrueCell:
    """The opened sums of one cell.

    Attributes:
        count: People.
        hosts: Hosts that contribute.
        squares: Sum of the hosts' squared counts.
    """

    count: int = field(repr=False)
    hosts: int = field(repr=False)
    squares: int = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A release that waits for the verdict, with the truth behind it.

    Attributes:
        truth: By (table, category) of each shown cell.
        people: True total.
    """

    release: ShownRelease
    truth: Mapping[tuple[str, str], TrueCell] = field(repr=False)
    people: int = field(repr=False)


@dataclass(frozen=True, kw_only=True, order=True)
class Finding:
    """One rule that a release breaks.

    Attributes:
        rule: Its code.
        table: Table of the candidate that must be coarser, or ``PEOPLE`` for the whole release.
        harmed: Period of the release whose cell is harmed.
    """

    rule: str
    table: str
    harmed: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the gate says; no count of a cell is in it.

    Attributes:
        findings: Broken rules; none means that the release may leave.
        exact: Cells of the whole history, this release included, that an outsider recovers exactly.
        least_width: Least interval width over the whole history, or None where nothing is published.
        highest_posterior: Greatest certainty of a true 1 to 9 that any attacker reaches, or None where there is
            no such cell.
    """

    findings: tuple[Finding, ...]
    exact: int
    least_width: int | None
    highest_posterior: float | None

    @property
    def passed(self) -> bool:
        """Whether the release may leave."""
        return not self.findings
