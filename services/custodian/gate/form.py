"""Reads the release against the opened blocks, as a second pair of eyes on the protector.

Each figure is a multiple of the base, less than the base from the truth, in a category of the plan; tables
add up to the one total; hosts, shares, thresholds and people keep the plan's minimums.
"""

from collections.abc import Iterator

from services.custodian.gate.release import TOTAL, Finding, GateInput, Rule
from shared.contracts.custodian import ProtectedTable
from shared.contracts.vector import PEOPLE, Slot


def check_form(given: GateInput) -> list[Finding]:
    """Give what is wrong with the release's shape; attacks on such a release would mean nothing."""
    release = given.candidate
    found = [t for t in release.shown if not _is_well_formed(t, given)]
    bad_total = release.people is not None and not _may_stand_for(given, PEOPLE, release.people)
    if bad_total or (release.people is None and release.shown):
        return [_total(Rule.MALFORMED, given)]
    return [_finding(Rule.MALFORMED, table, given) for table in found]


def check_minimums(given: GateInput) -> list[Finding]:
    """Give what breaks the plan's minimums."""
    return list(_minimums(given))


def _minimums(given: GateInput) -> Iterator[Finding]:
    minimums, opened = given.candidate.plan.minimums, given.opened
    if opened.people < minimums.people:
        yield _total(Rule.TOO_FEW_PEOPLE, given)
    if given.candidate.hosts < minimums.hosts or opened.hosts[PEOPLE] < minimums.cell_hosts:
        yield _total(Rule.TOO_FEW_HOSTS, given)
    if opened.squares[PEOPLE] > (minimums.max_share * opened.people) ** 2:
        yield _total(Rule.DOMINANT_HOST, given)
    for table in given.candidate.shown:
        slots = [Slot(table.table, table.level, cell.category) for cell in table.cells]
        if any(opened.hosts[slot] < minimums.cell_hosts for slot in slots):
            yield _finding(Rule.TOO_FEW_HOSTS, table, given)
        # A host's own count squared is at most the sum of squares.
        if any(opened.squares[slot] > (minimums.max_share * opened.counts[slot]) ** 2 for slot in slots):
            yield _finding(Rule.DOMINANT_HOST, table, given)
        if any(cell.value < minimums.threshold for cell in table.cells):
            yield _finding(Rule.BELOW_THRESHOLD, table, given)


def _is_well_formed(table: ProtectedTable, given: GateInput) -> bool:
    try:
        categories = given.candidate.parts_of(table.table, table.level)
    except KeyError:
        return False
    return (
        [cell.category for cell in table.cells] == list(categories)
        and sum(cell.value for cell in table.cells) == given.candidate.people
        and all(_may_stand_for(given, Slot(table.table, table.level, c.category), c.value) for c in table.cells)
    )


def _may_stand_for(given: GateInput, slot: Slot, value: int) -> bool:
    base = given.candidate.plan.minimums.base
    return value % base == 0 and abs(value - given.opened.counts[slot]) < base


def _finding(rule: Rule, table: ProtectedTable, given: GateInput) -> Finding:
    return Finding(rule=rule, table=table.table, level=table.level, period=given.candidate.period)


def _total(rule: Rule, given: GateInput) -> Finding:
    return Finding(rule=rule, table=TOTAL, level=0, period=given.candidate.period)
