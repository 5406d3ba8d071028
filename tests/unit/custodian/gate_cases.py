"""Small plans, cohorts and releases for the gate's tests."""

from dataclasses import replace

import numpy as np

from services.custodian.gate.release import GateInput, GateRelease, GateSettings
from shared.codelists.plan import Category, Level, Minimums, Table, load_plan
from shared.contracts.custodian import ProtectedCell, ProtectedTable
from shared.contracts.vector import PEOPLE, Opened, Slot, VectorLayout

FAST = GateSettings(draws=20_000, least_effective=500)
YEAR = load_plan("year-v1")


def table(name, *levels):
    """A table of levels; a level is a list of categories, or a dict of category to level-1 parts."""
    made = []
    for number, level in enumerate(levels, 1):
        merges = {code: tuple(parts) for code, parts in level.items()} if isinstance(level, dict) else {}
        categories = tuple(Category(code=code, label=code) for code in level)
        made.append(Level(number=number, title=name, categories=categories, merges=merges))
    return Table(id=name, title=name, source_fact="gender", levels=tuple(made))


def plan(*tables, **minimums):
    """A plan of these tables; minimums as in decisions 5 unless named."""
    return replace(YEAR, id="planted", tables=tables, minimums=Minimums(**minimums))


def shown(name, level, cells):
    """One shown table."""
    found = tuple(ProtectedCell(category=code, value=value) for code, value in cells.items())
    return ProtectedTable(table=name, status="SHOWN", level=level, cells=found)


def release(of_plan, people, *tables, period="2026", hosts=7, covers=()):
    """A release as the world sees it."""
    return GateRelease(plan=of_plan, period=period, covers=covers, hosts=hosts, people=people, tables=tables)


def opened(of_plan, *hosts):
    """The opened blocks of hosts, each {table: {level-1 category: people}}."""
    layout = VectorLayout.of(of_plan)
    vectors = [layout.build(counts, sum(next(iter(counts.values())).values())) for counts in hosts]
    return layout.read(np.sum(vectors, axis=0, dtype=np.uint32))


def blocks(people, cells, hosts=7):
    """Opened blocks said outright: {(table, level, category): (hosts, count, sum of squares)}."""
    found = {Slot(*key): block for key, block in cells.items()}
    found[PEOPLE] = (hosts, people, people * people // hosts)
    return Opened(
        people=people,
        counts={slot: block[1] for slot, block in found.items()},
        hosts={slot: block[0] for slot, block in found.items()},
        squares={slot: block[2] for slot, block in found.items()},
    )


def even(of_plan, counts, hosts=7):
    """Opened blocks of {table: {level-1 category: people}} over hosts of like size."""
    parts = [{name: {} for name in counts} for _ in range(hosts)]
    for name, cells in counts.items():
        people = [code for code, count in cells.items() for _ in range(count)]
        for number, code in enumerate(people):
            own = parts[number % hosts][name]
            own[code] = own.get(code, 0) + 1
    return opened(of_plan, *parts)


def given(candidate, of_blocks, *history, **rest):
    """The gate's input."""
    return GateInput(candidate=candidate, opened=of_blocks, history=history, **{"settings": FAST, **rest})


def rules(findings):
    """Findings as (rule, table)."""
    return {(finding.rule.value, finding.table) for finding in findings}
