"""``python -m deploy.attack``: what every attacker of the gate knows about real and generated years, printed.

True figures appear only where the published tables or invented people are their source.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from deploy.attack.sets import QUARTERS, YearOfHosts, folder, generated_year, real_year
from services.custodian.domain.protection import ProtectedRelease, protect
from services.custodian.gate.examine import examine
from services.custodian.gate.model import Candidate, Limits, ShownCell, ShownRelease, ShownTable, TrueCell, Verdict
from services.custodian.gate.outsider import intervals
from services.custodian.gate.simulation import Prior, posteriors
from services.custodian.release import decide, shown_release
from shared.codelists.plan import Plan, load_plan
from shared.contracts.vector import Opened, Slot

KEYS = 200
GENERATED_HOSTS, HISTORY = 46, 13


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One decision over one coin key."""

    release: ProtectedRelease
    shown: ShownRelease
    verdict: Verdict | None
    opened: Opened


def main() -> int:
    """Play everything and print it; it judges nothing."""
    plan = load_plan("year-v1")
    root = folder()
    if root is None:
        _say("No published tables lie beside the project (or at ALONGSIDE_REAL_DATA); generated hosts only.")
    history: list[ShownRelease] = []
    for quarter in QUARTERS if root is not None else ():
        year = real_year(root, quarter) if root is not None else None
        if year is not None:
            history.append(_real(plan, quarter, year, history).shown)
    _generated(plan)
    _planted_history(plan)
    _vacuous_rule(plan)
    return 0


def play(
    plan: Plan, year: YearOfHosts, key: int, *, opened: Opened | None = None, history: Sequence[ShownRelease] = ()
) -> Outcome:
    """Decide one year with the coin key of this number."""
    sums = opened or year.opened(plan)
    release, verdict = decide(
        sums,
        plan=plan,
        hosts=len(year.hosts),
        coin_key=key.to_bytes(32),
        period=year.period,
        covers=year.covers,
        history=history,
        public=year.public,
        attack=_examine_once,
    )
    return Outcome(release=release, shown=shown_release(release, plan, year.covers), verdict=verdict, opened=sums)


def _examine_once(candidate: Candidate, **world: Any) -> Verdict:
    """Examine each different release once: few roundings come out of many keys, and a verdict can be repeated."""
    key = (repr(candidate), repr(world["history"]), repr(world["public"]))
    if key not in _verdicts:
        _verdicts[key] = examine(candidate, **world)
    return _verdicts[key]


_verdicts: dict[tuple[str, ...], Verdict] = {}


def errors(outcome: Outcome) -> tuple[float, float]:
    """Give the mean error of a published count in people, and of a share in percentage points."""
    counts, shares = [], []
    people = outcome.release.people or 0
    for table in outcome.release.tables:
        for cell in table.cells:
            true = outcome.opened.counts[Slot(table.table, table.level, cell.category)]
            counts.append(abs(cell.value - true))
            shares.append(100 * abs(cell.value / people - true / outcome.opened.people))
    return _mean(counts), _mean(shares)


def _real(plan: Plan, quarter: str, year: YearOfHosts, history: Sequence[ShownRelease]) -> Outcome:
    _say(f"\n{quarter} as a year of the plan")
    _say(f"  opened: {year.people} people, {year.contributing} contributing hosts of {len(year.hosts)}")
    opened = year.opened(plan)
    outcomes = [play(plan, year, key, opened=opened, history=history) for key in range(KEYS)]
    _print_levels(plan, outcomes)
    first = outcomes[0]
    by_count = _mean(errors(o)[0] for o in outcomes)
    _say(
        f"  mean error of a count {by_count:.2f} people, of a share {_mean(errors(o)[1] for o in outcomes):.2f} points"
    )
    _print_gate(outcomes)
    return first


def _print_levels(plan: Plan, outcomes: Sequence[Outcome]) -> None:
    _say(f"  over {len(outcomes)} coin keys, how often each table comes out, by level (0 is not published)")
    for table in plan.tables:
        levels = Counter(outcome.release.levels.get(table.id, 0) for outcome in outcomes)
        shares = ", ".join(f"level {n}: {100 * levels[n] / len(outcomes):.0f} %" for n in sorted(levels))
        _say(f"    {table.id:<24} {shares}")


def _print_gate(outcomes: Sequence[Outcome]) -> None:
    verdicts = [o.verdict for o in outcomes if o.verdict is not None]
    passed = sum(verdict.passed for verdict in verdicts)
    broken = Counter(f"{f.rule} ({f.table})" for verdict in verdicts for f in verdict.findings)
    _say(f"  gate: {passed} of {len(outcomes)} last verdicts pass; broken rules: {dict(broken) or 'none'}")
    widths = [v.least_width for v in verdicts if v.least_width is not None]
    exact = sum(verdict.exact for verdict in verdicts)
    _say(f"  over the history: {exact} exact recoveries, least interval width {min(widths, default=None)}")
    highest = sorted(v.highest_posterior for v in verdicts if v.highest_posterior is not None)
    if highest:
        middle = highest[len(highest) // 2]
        _say(f"  greatest certainty of a true 1-9 by any attacker: median {middle:.2f}, highest {highest[-1]:.2f}")
    else:
        _say("  no published cell leaves a true 1-9 to anybody")


def _generated(plan: Plan) -> None:
    _say(f"\n{GENERATED_HOSTS} generated hosts, {HISTORY} years of history")
    years = [generated_year(2030 + number, GENERATED_HOSTS, seed=1) for number in range(HISTORY)]
    history = [play(plan, year, number).shown for number, year in enumerate(years)]
    year = generated_year(2030 + HISTORY, GENERATED_HOSTS, seed=1)
    _say(f"  opened: {year.people} people, {year.contributing} contributing hosts")
    began = time.perf_counter()
    outcome = play(plan, year, 7, history=history)
    _say(f"  protector and gate over {HISTORY + 1} years: {time.perf_counter() - began:.1f} s")
    _print_levels(plan, [outcome])
    _print_gate([outcome])


def _planted_history(plan: Plan) -> None:
    """The same people published before, rounded otherwise and merged: the gate must go coarser."""
    _say("\nA planted history: the same people were published three times before, rounded otherwise and merged")
    year = _year_with_residues()
    opened = year.opened(plan)
    key = next(k for k in range(100_000) if _first_down(plan, year, opened, k))
    alone = play(plan, year, key, opened=opened)
    history = _narrowing(alone.shown)
    _say("  without it")
    _print_levels(plan, [alone])
    joined = play(plan, year, key, opened=opened, history=history)
    _say("  with it")
    _print_levels(plan, [joined])


def _year_with_residues() -> YearOfHosts:
    """Make 160 people whose regions stand just below a multiple of 5."""
    sizes = {"UK": 24, "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN": 29, "AFRICA": 34, "ASIA": 73}
    people = [
        {"gender": ("FEMALE", "MALE")[n % 2], "exploitation_types": ("LABOUR",) if n % 3 else ("SEXUAL",)}
        | {"region": region, "nation": "ENGLAND", "setting": "OTHER"}
        for region, size in sizes.items()
        for n in range(size)
    ]
    return YearOfHosts(period="2029", covers=("2029",), hosts={f"host{n}": people[n::8] for n in range(8)})


def _first_down(plan: Plan, year: YearOfHosts, opened: Opened, key: int) -> bool:
    release = protect(opened, plan=plan, hosts=len(year.hosts), coin_key=key.to_bytes(32), period=year.period)
    region = next(t for t in release.tables if t.table == "REGION_OF_NATIONALITY")
    return [cell.value for cell in region.cells[:3]] == [20, 30, 35]


def _narrowing(release: ShownRelease) -> list[ShownRelease]:
    """Publish the same people three times otherwise, so that one region is left one person wide.

    With x the true and r the shown count of the release: the first two say that the first region lies above r and
    the next two below; the last that together they lie above.
    """
    region = next(t for t in release.tables if t.id == "REGION_OF_NATIONALITY")
    first, second, third, asia = region.cells
    up = replace(first, value=first.value + 5)
    merged = ShownCell(
        category="REST",
        value=first.value + second.value + third.value + 5,
        parts=first.parts | second.parts | third.parts,
    )
    tables = (
        replace(region, cells=(up, replace(second, value=second.value - 5), third, asia)),
        replace(region, cells=(up, second, replace(third, value=third.value - 5), asia)),
        ShownTable(id=region.id, level=3, cells=(merged, replace(asia, value=asia.value - 5))),
    )
    return [replace(release, period=f"2029-before-{n}", tables=(table,)) for n, table in enumerate(tables)]


def _vacuous_rule(plan: Plan) -> None:
    """Say what the outsider's rule on small counts can mean, and show it where it means something."""
    _say("\nThe outsider's rule on true 1-9")
    _say("  A true 1-5 never rounds to 10, so no such cell is ever shown; only a true 6-9 that rounds up to 10 is.")
    del plan
    cells = (
        ShownCell(category="YES", value=10, parts=frozenset({"YES"})),
        ShownCell(category="NO", value=90, parts=frozenset({"NO"})),
    )
    release = ShownRelease(
        period="2031",
        quarters=frozenset({"2031"}),
        people=100,
        tables=(ShownTable(id="PLANTED", level=1, cells=cells),),
    )
    for true in (6, 7, 8, 9):
        people = 98
        truth = {
            ("PLANTED", "YES"): TrueCell(count=true, hosts=4, squares=true * 2),
            ("PLANTED", "NO"): TrueCell(count=people - true, hosts=9, squares=1_000),
        }
        candidate = Candidate(release=release, truth=truth, people=people)
        belief = posteriors(
            release, people=candidate.people, own={}, prior=Prior(name="flat"), limits=Limits(), seed=true
        )["PLANTED", "YES"]
        width = next(i.width for i in intervals([release], limits=Limits()) if i.category == "YES")
        _say(f"  planted {true}: interval width {width}, the simulating attacker gives it {belief.get(true, 0.0):.2f}")


def _mean(values: Iterable[float]) -> float:
    found = list(values)
    return sum(found) / len(found) if found else 0.0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
