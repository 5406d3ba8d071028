"""One host, or two that tell each other everything, against the rest of each cell.

The gate knows no single host's count. From the opened blocks it knows what one host or two can hold of a
cell at most, and plays an insider who holds that most in every cell at once: worse than any real one, who
cannot. The insider knows the exact total too. Source: decisions 5.
"""

from collections.abc import Mapping
from math import isqrt

from services.custodian.gate.posterior import Sight, possible
from services.custodian.gate.release import Finding, GateInput, Rule
from services.custodian.gate.simulating import Attack, certain_tables
from shared.contracts.custodian import ProtectedTable
from shared.contracts.vector import Slot


def most_of_one(hosts: int, count: int, squares: int) -> int:
    """Give the most that one of ``hosts`` contributing hosts can hold of a cell.

    The others hold one each at least, and no host's square is above the sum: count - max(hosts - 1,
    ceil(count - sqrt(squares))).
    """
    return min(count, count - hosts + 1, isqrt(squares))


def most_of_two(hosts: int, count: int, squares: int) -> int:
    """Give the most that two hosts can hold: count - max(hosts - 2, ceil(count - sqrt(2 squares)))."""
    return min(count, count - hosts + 2, isqrt(2 * squares))


def attack_as_host(given: GateInput) -> list[Finding]:
    """Play the single insider.

    Raises:
        NoDrawsError: Undecided.
    """
    return _attack(given, pair=False)


def attack_as_pair(given: GateInput) -> list[Finding]:
    """Play two that collude.

    Raises:
        NoDrawsError: Undecided.
    """
    return _attack(given, pair=True)


def _attack(given: GateInput, *, pair: bool) -> list[Finding]:
    exact, unsure = (Rule.PAIR_EXACT, Rule.PAIR_POSTERIOR) if pair else (Rule.HOST_EXACT, Rule.HOST_POSTERIOR)
    most = most_of_two if pair else most_of_one
    own: dict[str, tuple[int, ...]] = {}
    for table in given.candidate.shown:
        slots = _slots(table)
        blocks = ((given.opened.hosts[s], given.opened.counts[s], given.opened.squares[s]) for s in slots)
        own[table.table] = tuple(most(*block) for block in blocks)
    known = [table for table in given.candidate.shown if _has_exact_rest(table, own, given)]
    findings = [Finding(rule=exact, table=t.table, level=t.level, period=given.candidate.period) for t in known]
    # The rest of each cell is what is small here, not the cell.
    rests = _rests(given, own)
    return findings + certain_tables(given, Attack(rule=unsure, own=own, judged=rests, shares={}))


def _has_exact_rest(table: ProtectedTable, own: Mapping[str, tuple[int, ...]], given: GateInput) -> bool:
    sight = Sight(rounded=tuple(cell.value for cell in table.cells), own=own[table.table])
    reach = possible(sight, given.opened.people, given.candidate.plan.minimums.base)
    return any(low == high for low, high in reach)


def _rests(given: GateInput, own: Mapping[str, tuple[int, ...]]) -> dict[str, tuple[int, ...]]:
    return {
        table.table: tuple(
            given.opened.counts[slot] - held for slot, held in zip(_slots(table), own[table.table], strict=True)
        )
        for table in given.candidate.shown
    }


def _slots(table: ProtectedTable) -> list[Slot]:
    return [Slot(table.table, table.level, cell.category) for cell in table.cells]
