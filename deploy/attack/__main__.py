"""``python -m deploy.attack``: what is published of the real tables, and what the attackers get from it.

Ends with 1 if a table that must come out does not, one that must not does, or a release fails the gate.
"""

import sys
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from deploy.attack.cohorts import QUARTERS, Cohort, folder, invent_cohort, read_cohort, read_everyone, read_public
from deploy.attack.histories import (
    REGION,
    quarters_with_tables,
    released,
    setting_of,
    thirteen_periods,
    with_two_regions_moved,
)
from deploy.attack.insiders import GROUPS, Exactness, run_beliefs, run_exactness
from deploy.attack.keys import RULES, OverKeys, coin_keys, quantiles, run_keys
from deploy.attack.measures import accuracy
from deploy.attack.planted import show_planted_seven
from services.custodian.gate.intervals import forget_solved
from services.custodian.gate.release import PublicTable
from services.custodian.opening.deciding import Setting, as_seen, decide
from shared.codelists.plan import Plan, load_plan
from shared.contracts.vector import PEOPLE, Opened, Slot

KEYS, INSIDER_KEYS, FORBIDDEN_KEYS, PLAN_KEYS, HOSTS = 200, 20, 50, 5, 46
SIZES, SEEDS = (6, 8, 10, 15, 23, 46), (1, 2, 3, 4)
YEARS = dict(zip(QUARTERS, ("2023", "2024"), strict=True))
_ANSWERS = ("GENDER", "EXPLOITATION_LABOUR", "EXPLOITATION_SEXUAL", "EXPLOITATION_DOMESTIC", "EXPLOITATION_CRIMINAL")
MUST = {
    "2023q3": {**dict.fromkeys(_ANSWERS, 1), "EXPLOITATION_CRIMINAL": 0, "REGION_OF_NATIONALITY": 2},
    "2023q4": {**dict.fromkeys(_ANSWERS, 1), "REGION_OF_NATIONALITY": 2},
}
"""The level at which each table must come out with every key; 0 is not published."""


def main() -> int:
    """Run every part and print it."""
    data = folder()
    if data is None:
        say("The real tables do not lie beside the project; set ALONGSIDE_REAL_DATA to their folder.")
        return 1
    plan = load_plan("year-v1")
    sound = []
    cohorts = {quarter: read_cohort(data, quarter, plan) for quarter in QUARTERS}
    first = setting_of(cohorts[QUARTERS[0]], YEARS[QUARTERS[0]])
    histories = {QUARTERS[0]: (), QUARTERS[1]: (released(cohorts[QUARTERS[0]], first),)}
    last = read_public(data, QUARTERS[1], plan, "2026")
    for quarter, cohort in cohorts.items():
        year = YEARS[quarter]
        public = read_public(data, quarter, plan, year)
        setting = replace(setting_of(cohort, year, histories[quarter]), public=public)
        say(f"\n== Table {quarter} of the Home Office as the year {year}")
        sound.append(_one_release(cohort, setting))
        sound.append(_over_keys(cohort, setting, MUST[quarter]))
        longer = replace(setting, history=thirteen_periods(cohort, int(year), histories[quarter]))
        sound.append(_one_release(cohort, longer))
        sound.append(_everyone(data, quarter, plan))
    sound.append(_judge_plan(plan, last))
    invented = invent_cohort("invented", plan, last, hosts=HOSTS, seed=HOSTS)
    say(f"\n== {HOSTS} invented hosts")
    # They are not among the people of the public table, so it is a prior only.
    shares = tuple(replace(table, covers=False) for table in last)
    setting = replace(setting_of(invented, "2026"), public=shares)
    sound.append(_one_release(invented, setting))
    sound.append(_one_release(invented, replace(setting, history=thirteen_periods(invented, 2026))))
    sound.append(_planted_history(invented, setting))
    _forbidden_history(invented, setting)
    show_planted_seven(say)
    say(f"\nEverything as required: {'yes' if all(sound) else 'NO'}")
    return 0 if all(sound) else 1


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _one_release(cohort: Cohort, setting: Setting) -> bool:
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


def _over_keys(cohort: Cohort, setting: Setting, must: dict[str, int]) -> bool:
    def progress(number: int) -> None:
        if number % 50 == 0:
            sys.stderr.write(f"{cohort.name}: key {number} of {KEYS}\n")

    found = run_keys(cohort, setting, KEYS, progress)
    say(f"-- over {KEYS} coin keys; how often a table passes, of the keys with which the protector shows it")
    _print_tables(found, setting.plan, cohort.opened())
    say(f"whole releases that pass: {found.passed} of {KEYS}")
    say(f"exact recoveries over history {found.exact_recoveries}, least width {found.least_width}")
    say(f"total error: mean {100 * _mean(found.total_errors):.1f} %, greatest {100 * max(found.total_errors):.1f} %")
    say(f"error of a share: mean {_mean(found.share_errors):.2f} points, worst release {max(found.share_errors):.2f}")
    for prior in ("flat", "public"):
        say(f"replay, {prior} prior, every shown cell: belief in the likeliest value {quantiles(found.replays[prior])}")
        say(f"replay, {prior} prior, every shown cell: belief in the true value {quantiles(found.truths[prior])}")
    for name, beliefs in found.insiders.items():
        say(f"{name} with the most they can hold, rests of 1 to 9: likeliest value {quantiles(beliefs)}")
    certain, cases = found.last_person
    say(f"who knows everyone but one person is certain of that person in {100 * certain / cases:.1f} % of cases")
    exact = _rule_aware(cohort, setting)
    for together, name in GROUPS.items():
        inside = run_beliefs(cohort, setting, INSIDER_KEYS, together=together)
        say(f"every {name}, {INSIDER_KEYS} keys: {inside.rests} rests of 1 to 9, {inside.exact} known exactly")
        for prior in ("flat", "public"):
            say(f"every {name}, {prior} prior: belief in the likeliest value {quantiles(inside.greatest[prior])}")
            say(f"every {name}, {prior} prior: belief in the true value {quantiles(inside.truths[prior])}")
        exact += inside.exact
    levels = {table: {level for name, level in found.shown if name == table} or {0} for table in must}
    return exact == 0 and levels == {table: {level} for table, level in must.items()}


def _rule_aware(cohort: Cohort, setting: Setting) -> int:
    """Print what hosts that know the rules get exactly; give with how many keys they still do after the gate."""
    found = run_exactness(cohort, setting, KEYS)
    for together, name in GROUPS.items():
        say(
            f"some {name} that knows the rules has a rest of 1 to 9 exactly: with {found.rounded[together]} of {KEYS} "
            f"keys before the gate, with {found.let_out[together]} after it"
        )
    say(f"sent back by rule, of {KEYS} keys: {_words(found.sent_back)}")
    return sum(found.let_out.values())


def _everyone(data: Path, quarter: str, plan: Plan) -> bool:
    """Attack the published table as if every adult in it were counted: a harder cohort than the real one."""
    cohort = read_everyone(data, quarter, plan)
    say(f"\n== Every adult of table {quarter} of the Home Office, {len(cohort.people)} hosts")
    return _rule_aware(cohort, setting_of(cohort, YEARS[quarter])) == 0


def _judge_plan(plan: Plan, public: tuple[PublicTable, ...]) -> bool:
    """Judge the plan before it is promised: what becomes of its tables over invented cohorts of every size."""
    say(f"\n== Plan {plan.id} over invented cohorts, {len(SEEDS)} of each size, {PLAN_KEYS} keys each")
    shares, sound = tuple(replace(table, covers=False) for table in public), True
    for hosts in SIZES:
        all_of_size = Exactness()
        for seed in SEEDS:
            cohort = invent_cohort(f"{hosts}/{seed}", plan, public, hosts=hosts, seed=seed)
            all_of_size.add(run_exactness(cohort, replace(setting_of(cohort, "2026"), public=shares), PLAN_KEYS))
        wanted = all_of_size.keys * len(plan.tables)
        for name, shown in (("before", all_of_size.before), ("after", all_of_size.after)):
            finest = sum(number for (_, level), number in shown.items() if level == 1)
            coarser = shown.total() - finest
            say(
                f"{hosts} hosts, {name} the gate: {finest} of {wanted} tables at level 1, {coarser} coarser, "
                f"{wanted - shown.total()} not published"
            )
        say(
            f"{hosts} hosts: sent back by rule {_words(all_of_size.sent_back)}; keys with a rest exact to insiders: "
            f"{all_of_size.rounded.total()} before the gate, {all_of_size.let_out.total()} after"
        )
        sound &= not all_of_size.let_out.total()
    return sound


def _words(rules: Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())) or "none"


def _print_tables(found: OverKeys, plan: Plan, opened: Opened) -> None:
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


def _planted_history(cohort: Cohort, setting: Setting) -> bool:
    """Plant a release of the same people with two regions rounded apart; the new one must go coarser."""
    say("-- planted: the same people's regions were shown before, the two smallest rounded the other way")
    alone = decide(cohort.opened(), setting, coin_key=next(coin_keys(1))).release
    planted = replace(setting, history=(with_two_regions_moved(as_seen(alone, setting)),))
    passed = _one_release(cohort, planted)
    joint = decide(cohort.opened(), planted, coin_key=next(coin_keys(1))).release.levels
    say(f"{REGION} went from level {alone.levels[REGION]} to {joint.get(REGION, 'not published')}")
    return passed and joint.get(REGION, 0) > alone.levels[REGION]


def _forbidden_history(cohort: Cohort, setting: Setting) -> None:
    """Measure why one fact goes into one release: quarters that show the year's own tables, then the year."""
    history = quarters_with_tables(cohort, int(setting.period))
    forbidden, sent_back, widths = replace(setting, history=history), 0, []
    for key in coin_keys(FORBIDDEN_KEYS):
        decided = decide(cohort.opened(), forbidden, coin_key=key)
        sent_back += any(finding.rule in RULES["history"] for finding in decided.findings)
        widths += [decided.report.least_width or 0] if decided.report else []
    say("-- forbidden by every plan: four quarters that showed the year's tables, and then the year")
    least = min(widths, default=0)
    say(f"sent back for history with {sent_back} of {FORBIDDEN_KEYS} keys; least width of what then passed {least}")


def _mean(values: list[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    sys.exit(main())
