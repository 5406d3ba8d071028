"""The attacker who replays the programme: knows objective, plan and exact total, everything but the coin key.

Judged by the greatest belief in any one value, true or not, for each small true count of this release: a
limit on certainty that does not depend on whether the attacker is right. For older releases the truth is
gone, and only intervals are left to judge (``outsider``).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import sqrt

import numpy as np

from services.custodian.gate.posterior import Belief, NoDrawsError, Sight, Total, believe
from services.custodian.gate.release import Finding, GateInput, Rule
from shared.contracts.custodian import ProtectedTable
from shared.contracts.vector import Slot

_MORE, _ROUNDS = 4, 4
# One in a thousand verdicts at the limit would let a release pass through sampling error alone.
_SURE_BY = 3.0


@dataclass(frozen=True, kw_only=True)
class Attack:
    """One attacker.

    Attributes:
        own: By table, what the attacker's hosts hold of each cell.
        least: By table, the smallest count that the attacker knows each cell to have; empty for ``own``.
        judged: By table, the count of each cell whose secrecy is judged if it is small.
        shares: By table, the prior's shares; a table that is not named has the flat prior.
    """

    rule: Rule
    own: Mapping[str, tuple[int, ...]]
    least: Mapping[str, tuple[int, ...]] = field(default_factory=dict)
    judged: Mapping[str, tuple[int, ...]]
    shares: Mapping[str, tuple[float, ...]]


def attack_by_replay(given: GateInput) -> list[Finding]:
    """Play the simulating attacker with the flat prior, and with the public shares where there are some.

    Raises:
        NoDrawsError: Undecided.
    """
    own = {table.table: (0,) * len(table.cells) for table in given.candidate.shown}
    judged = {
        table.table: tuple(given.opened.counts[Slot(table.table, table.level, c.category)] for c in table.cells)
        for table in given.candidate.shown
    }
    findings = []
    for shares in priors(given):
        findings += certain_tables(given, Attack(rule=Rule.SIMULATED_POSTERIOR, own=own, judged=judged, shares=shares))
    return findings


def priors(given: GateInput) -> tuple[dict[str, tuple[float, ...]], ...]:
    """Give the flat prior, and the public shares where there are some."""
    return ({}, public_shares(given)) if given.public else ({},)


def public_shares(given: GateInput) -> dict[str, tuple[float, ...]]:
    """Give each shown table's shares in the public tables; one person more in each, so that none is 0."""
    found = {}
    for table in given.candidate.shown:
        public = [one for one in given.public if one.table == table.table]
        if public:
            parts = given.candidate.parts_of(table.table, table.level)
            counts = [1 + sum(p.counts.get(c, 0) for p in public for c in parts[cell.category]) for cell in table.cells]
            found[table.table] = tuple(count / sum(counts) for count in counts)
    return found


def certain_tables(given: GateInput, attack: Attack) -> list[Finding]:
    """Give the tables in which the attacker is too sure of some small count.

    Raises:
        NoDrawsError: Undecided.
    """
    settings = given.settings
    shown = {table.table: table for table in given.candidate.shown}
    small = {
        name: [cell for cell, count in enumerate(attack.judged[name]) if 1 <= count <= settings.small] for name in shown
    }
    wanted = {name for name, cells in small.items() if cells}
    beliefs = beliefs_of(given, attack, wanted) if wanted else {}
    return [
        Finding(rule=attack.rule, table=name, level=shown[name].level, period=given.candidate.period)
        for name in sorted(wanted)
        if any(certainty(beliefs[name], cell) > settings.certainty for cell in small[name])
    ]


def beliefs_of(given: GateInput, attack: Attack, wanted: set[str]) -> dict[str, Belief]:
    """Simulate until each wanted table rests on enough draws.

    Raises:
        NoDrawsError: It never does.
    """
    settings, people = given.settings, given.candidate.people
    if people is None:
        return {}
    sights = {table.table: _sight(table, attack) for table in given.candidate.shown}
    for turn in range(_ROUNDS):
        try:
            found = believe(
                sights,
                Total(people=given.opened.people, rounded=people, base=given.candidate.plan.minimums.base),
                draws=settings.draws * _MORE**turn,
                random=np.random.default_rng(settings.seed),
            )
        except NoDrawsError:
            continue
        if all(found[name].effective >= settings.least_effective for name in wanted):
            return found
    raise NoDrawsError


def _sight(table: ProtectedTable, attack: Attack) -> Sight:
    return Sight(
        rounded=tuple(cell.value for cell in table.cells),
        own=attack.own[table.table],
        least=attack.least.get(table.table),
        shares=attack.shares.get(table.table),
    )


def certainty(belief: Belief, cell: int) -> float:
    """Give the belief in the value of a cell that is believed most, three standard errors of the simulation added."""
    # Shares of a sum can come to a little more than 1 together, and a root of less than nothing would end the job.
    greatest = min(1.0, max(belief.cells[cell].values()))
    return greatest + _SURE_BY * sqrt(greatest * (1 - greatest) / belief.effective)
