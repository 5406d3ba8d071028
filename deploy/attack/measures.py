"""What a release costs in accuracy, and what is left to those who know nearly everyone."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from services.custodian.gate.release import GateInput, Rule
from services.custodian.gate.simulating import Attack, beliefs_of
from services.custodian.protection.rules import ProtectedRelease
from shared.contracts.vector import Opened, Slot

NOTHING_KNOWN: Mapping[str, tuple[int, ...]] = MappingProxyType({})


class Accuracy(NamedTuple):
    """Errors of one release.

    Attributes:
        total_error: Sum of the differences between shown and true cells, by sum of true cells.
        share_error: Mean difference of a cell's share of its total, in percentage points.
    """

    total_error: float
    share_error: float


class Sureness(NamedTuple):
    """How sure an attacker is of the judged cells of a release.

    Attributes:
        greatest: By cell, belief in the value that is believed most, true or not.
        of_truth: By cell, belief in the true value.
    """

    greatest: list[float]
    of_truth: list[float]


def accuracy(release: ProtectedRelease, opened: Opened) -> Accuracy:
    """Compare a release with the truth."""
    pairs = [
        (cell.value, opened.counts[Slot(table.table, table.level, cell.category)])
        for table in release.tables
        for cell in table.cells
    ]
    if not pairs or release.people is None:
        return Accuracy(0.0, 0.0)
    shares = [abs(shown / release.people - true / opened.people) for shown, true in pairs]
    error = sum(abs(shown - true) for shown, true in pairs) / sum(true for _, true in pairs)
    return Accuracy(error, 100 * sum(shares) / len(shares))


def sureness(
    given: GateInput,
    own: Mapping[str, tuple[int, ...]],
    shares: Mapping[str, tuple[float, ...]],
    *,
    least: Mapping[str, tuple[int, ...]] = NOTHING_KNOWN,
    most: int | None = None,
) -> Sureness:
    """Play an attacker who holds ``own`` of each cell and knows it to be ``least``; judge rests of 1 to ``most``.

    Raises:
        NoDrawsError: Too few draws gave the release.
    """
    true = {
        t.table: [given.opened.counts[Slot(t.table, t.level, c.category)] for c in t.cells]
        for t in given.candidate.shown
    }
    rests = {name: tuple(v - o for v, o in zip(true[name], own[name], strict=True)) for name in true}
    judged = {
        name: [n for n, rest in enumerate(of) if rest >= 1 and (most is None or rest <= most)]
        for name, of in rests.items()
    }
    wanted = {name for name, cells in judged.items() if cells}
    if not wanted:
        return Sureness([], [])
    attack = Attack(rule=Rule.SIMULATED_POSTERIOR, own=own, least=least, judged=rests, shares=shares)
    beliefs = beliefs_of(given, attack, wanted)
    cells = [(name, cell) for name in sorted(wanted) for cell in judged[name]]
    return Sureness(
        [max(beliefs[name].cells[cell].values()) for name, cell in cells],
        [beliefs[name].cells[cell].get(true[name][cell], 0.0) for name, cell in cells],
    )


def certain_of_the_last_person(release: ProtectedRelease, opened: Opened, base: int) -> tuple[int, int]:
    """Count, over tables and people, when knowing everyone else leaves one category for the last.

    Returns:
        Certain cases, and all.
    """
    certain = cases = 0
    for table in release.tables:
        true = [opened.counts[Slot(table.table, table.level, c.category)] for c in table.cells]
        shown = [cell.value for cell in table.cells]
        for mine, people in enumerate(true):
            others = [count - (n == mine) for n, count in enumerate(true)]
            cases += people
            certain += people * (sum(_fits(others, n, shown, base) for n in range(len(true))) == 1)
    return certain, cases


def _fits(others: Sequence[int], place: int, shown: Sequence[int], base: int) -> bool:
    counts = [count + (n == place) for n, count in enumerate(others)]
    return all(abs(count - value) < base for count, value in zip(counts, shown, strict=True))
