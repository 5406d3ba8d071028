"""Insiders who know the rules of publication, by plain trying; shares no code with the product.

A shown cell has three contributing hosts at least, and the root of its hosts' squares is at most 0.8 of it. So
who holds much of a shown cell knows that others hold some. They know the exact total of people too.
"""

from itertools import combinations

BASE, CELL_HOSTS = 5, 3


def may_be_shown(cell):
    """Whether a cell, by host, keeps host minimum and share bound."""
    return sum(count > 0 for count in cell) >= CELL_HOSTS and 25 * sum(c * c for c in cell) <= 16 * sum(cell) ** 2


def least(own, others):
    """Give the least count of a shown cell of which some hosts hold ``own`` and ``others`` more hosts may hold some.

    Of all divisions of a rest, that over most hosts and as evenly as it goes keeps the rules most easily.
    """
    rest = 0
    while not may_be_shown((*own, *(rest // others + (n < rest % others) for n in range(others)))):
        rest += 1
    return sum(own) + rest


def intervals(release, total, held, others):
    """Give, by shown cell, the least and greatest true count that hosts with ``held`` cannot rule out.

    Args:
        release: A ``Published``.
        total: The exact number of people.
        held: By insider, people by (table, level, category).
        others: Hosts of the cohort beside them.
    """
    found = {}
    for table, shown in release.tables.items():
        cells = {(table, release.levels[table], category): value for category, value in shown.items()}
        low = {c: max(v - BASE + 1, least([own.get(c, 0) for own in held], others)) for c, v in cells.items()}
        high = {c: v + BASE - 1 for c, v in cells.items()}
        for cell in cells:
            found[cell] = (
                max(low[cell], total - sum(high.values()) + high[cell]),
                min(high[cell], total - sum(low.values()) + low[cell]),
            )
    return found


def exact_rests(truth, release, size):
    """Give what each host, or pair, with people in a shown cell is left one value of, though others hold some."""
    found = []
    for hosts in combinations(truth.hosts, size):
        held = [truth.by_host[host] for host in hosts]
        for cell, (low, high) in intervals(release, truth.total, held, len(truth.hosts) - size).items():
            rest = truth.cells[cell] - sum(own[cell] for own in held)
            assert low <= truth.cells[cell] <= high, "An attacker who rules out the truth shows nothing."
            if rest and low == high:
                found.append((hosts, cell, rest))
    return found
