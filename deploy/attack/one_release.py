"""What becomes of one release, and of each table over many keys, printed."""

import time
from collections.abc import Callable

from deploy.attack.cohorts import Cohort
from deploy.attack.keys import RULES, OverKeys, coin_keys
from deploy.attack.measures import accuracy
from services.custodian.gate.intervals import forget_solved
from services.custodian.opening.deciding import Setting, decide
from shared.codelists.plan import Plan
from shared.contracts.vector import PEOPLE, Opened, Slot


def one_release(cohort: Cohort, setting: Setting, say: Callable[[str], None]) -> bool:
    """Decide with the first key and print it; whether it passed."""
    opened = cohort.opened()
    forget_solved()
    began = time.perf_counter()
    decided = decide(opened, setting, coin_key=next(coin_keys(1)))
    took = time.perf_counter() - began
    errors = accuracy(decided.release, opened)
    showing = sum(release.people is not None for release in setting.history)
    say(f"-- {len(cohort.people)} hosts, {len(setting.history)} earlier releases, {showing} with figures")
    say(f"people {opened.people}, contributing hosts {opened.hosts[PEOPLE]}; protector and gate {took:.1f} s")
    shown = ", ".join(f"{table} {level}" for table, level in decided.release.levels.items())
    say(f"shown at level: {shown or 'nothing'}")
    say(f"total error {100 * errors.total_error:.1f} %, mean error of a share {errors.share_error:.2f} points")
    for finding in sorted(set(decided.findings)):
        say(f"gate sent back: {finding.table} level {finding.level} for {finding.rule} (harmed: {finding.period})")
    if decided.report is None:
        say("gate: nothing may be published")
        return False
    say(
        f"gate: passed; exact recoveries over history {decided.report.exact_recoveries}, "
        f"least width {decided.report.least_width}"
    )
    return decided.report.passed


def print_tables(found: OverKeys, plan: Plan, opened: Opened, say: Callable[[str], None]) -> None:
    """Print how often each table passes each group of rules."""
    say(f"{'table and level':28} hosts share shown " + " ".join(f"{group:>9}" for group in RULES))
    minimums = plan.minimums
    for table in plan.tables:
        for level in table.levels:
            slots = [Slot(table.id, level.number, category.code) for category in level.categories]
            hosts = all(opened.hosts[slot] >= minimums.cell_hosts for slot in slots)
            share = all(opened.squares[s] <= (minimums.max_share * opened.counts[s]) ** 2 for s in slots)
            place = (table.id, level.number)
            passes = [found.shown[place] - found.failed[group, place] for group in RULES]
            cells = " ".join(f"{count if found.shown[place] else '-':>9}" for count in passes)
            words = f"{'yes' if hosts else 'no':>5} {'yes' if share else 'no':>5} {found.shown[place]:>5}"
            say(f"{table.id + ' ' + str(level.number):28} {words} {cells}")
