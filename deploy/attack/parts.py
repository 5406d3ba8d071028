"""The parts of ``make attack``: each runs by itself, prints what it found and says whether that is as required.

No part takes more than some two minutes of a core: what a kill or the end of the time costs is one part.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from deploy.attack.cohorts import QUARTERS, Cohort, invent_cohort, read_cohort, read_everyone, read_public
from deploy.attack.histories import released, setting_of, thirteen_periods
from deploy.attack.insiders import GROUPS, Exactness, run_beliefs, run_exactness
from deploy.attack.invented import forbidden_history, planted_history
from deploy.attack.keys import quantiles, run_keys
from deploy.attack.one_release import one_release, print_tables
from deploy.attack.planted import show_planted_seven
from deploy.attack.scale import Scale
from services.custodian.opening.deciding import Setting
from shared.codelists.plan import Plan, load_plan

HOSTS = 46
YEARS = dict(zip(QUARTERS, ("2023", "2024"), strict=True))
_ANSWERS = ("GENDER", "EXPLOITATION_LABOUR", "EXPLOITATION_SEXUAL", "EXPLOITATION_DOMESTIC", "EXPLOITATION_CRIMINAL")
MUST = {
    "2023q3": {**dict.fromkeys(_ANSWERS, 1), "EXPLOITATION_CRIMINAL": 0, "REGION_OF_NATIONALITY": 2},
    "2023q4": {**dict.fromkeys(_ANSWERS, 1), "REGION_OF_NATIONALITY": 2},
}
"""The level at which each table must come out with every key; 0 is not published."""


class Stage(NamedTuple):
    """What a part plays with.

    Attributes:
        say: Prints a line of what was found.
        tick: Told after every try what was tried; ends the run by raising, when its time is up.
    """

    scale: Scale
    say: Callable[[str], None]
    tick: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One of them.

    Attributes:
        run: Prints what it finds; whether everything was as required.
    """

    name: str
    run: Callable[[Stage], bool]


def parts(data: Path, scale: Scale) -> Iterator[Part]:
    """Give every part, in the order in which they are printed."""
    plan = load_plan("year-v1")
    for quarter in QUARTERS:
        case = _Case(data=data, quarter=quarter, plan=plan)
        yield Part(name=f"Table {quarter} of the Home Office as a year: one release", run=case.one)
        yield Part(name=f"Table {quarter}: over coin keys", run=case.over_keys)
        yield Part(name=f"Table {quarter}: real hosts and pairs that know the rules", run=case.rule_aware)
        for together, name in GROUPS.items():
            yield Part(name=f"Table {quarter}: every {name}", run=partial(case.beliefs, together))
        yield Part(name=f"Table {quarter}: with 13 earlier releases", run=case.with_history)
        yield Part(name=f"Every adult of table {quarter}", run=case.everyone)
    for hosts in scale.sizes:
        name = f"Plan {plan.id} over {scale.seeds} invented cohorts of {hosts} hosts, {scale.plan_keys} keys each"
        yield Part(name=name, run=partial(_judge_plan, data, plan, hosts))
    yield Part(
        name=f"{HOSTS} invented hosts: one release, without and with history", run=partial(_invented, data, plan)
    )
    yield Part(name=f"{HOSTS} invented hosts: a planted history", run=partial(_planted, data, plan))
    yield Part(name=f"{HOSTS} invented hosts: a history that every plan forbids", run=partial(_forbidden, data, plan))
    yield Part(name="The outsider's rule on true 1 to 9", run=_planted_seven)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """One published table, taken as a year of the plan."""

    data: Path
    quarter: str
    plan: Plan

    def one(self, stage: Stage) -> bool:
        cohort, setting = self._read()
        return one_release(cohort, setting, stage.say)

    def over_keys(self, stage: Stage) -> bool:
        scale, say, tick = stage
        cohort, setting = self._read()
        found = run_keys(cohort, setting, scale.keys, tick)
        say(f"-- over {scale.keys} coin keys; how often a table passes, of the keys with which the protector shows it")
        print_tables(found, setting.plan, cohort.opened(), say)
        say(f"whole releases that pass: {found.passed} of {scale.keys}")
        say(f"exact recoveries over history {found.exact_recoveries}, least width {found.least_width}")
        totals, shares = found.total_errors, found.share_errors
        say(f"total error: mean {100 * sum(totals) / len(totals):.1f} %, greatest {100 * max(totals):.1f} %")
        say(f"error of a share: mean {sum(shares) / len(shares):.2f} points, worst release {max(shares):.2f}")
        for prior in ("flat", "public"):
            say(f"replay, {prior} prior, every shown cell: likeliest value {quantiles(found.replays[prior])}")
            say(f"replay, {prior} prior, every shown cell: true value {quantiles(found.truths[prior])}")
        for name, beliefs in found.insiders.items():
            say(f"{name} with the most they can hold, rests of 1 to 9: likeliest value {quantiles(beliefs)}")
        certain, cases = found.last_person
        say(f"who knows everyone but one person is certain of that person in {100 * certain / cases:.1f} % of cases")
        must = MUST[self.quarter]
        levels = {table: {level for name, level in found.shown if name == table} or {0} for table in must}
        return levels == {table: {level} for table, level in must.items()}

    def rule_aware(self, stage: Stage) -> bool:
        cohort, setting = self._read()
        return _rule_aware(cohort, setting, stage)

    def beliefs(self, together: int, stage: Stage) -> bool:
        scale, say, tick = stage
        cohort, setting = self._read()
        inside = run_beliefs(cohort, setting, scale.insider_keys, together=together, tick=tick)
        name = GROUPS[together]
        say(f"every {name}, {scale.insider_keys} keys: {inside.rests} rests of 1 to 9, {inside.exact} known exactly")
        for prior in ("flat", "public"):
            say(f"every {name}, {prior} prior: belief in the likeliest value {quantiles(inside.greatest[prior])}")
            say(f"every {name}, {prior} prior: belief in the true value {quantiles(inside.truths[prior])}")
        return inside.exact == 0

    def with_history(self, stage: Stage) -> bool:
        cohort, setting = self._read()
        history = thirteen_periods(cohort, int(setting.period), setting.history)
        return one_release(cohort, replace(setting, history=history), stage.say)

    def everyone(self, stage: Stage) -> bool:
        """Attack the published table as if every adult in it were counted: a harder cohort than the real one."""
        cohort = read_everyone(self.data, self.quarter, self.plan)
        stage.say(f"-- {len(cohort.people)} hosts")
        return _rule_aware(cohort, setting_of(cohort, YEARS[self.quarter]), stage)

    def _read(self) -> tuple[Cohort, Setting]:
        cohort, year = read_cohort(self.data, self.quarter, self.plan), YEARS[self.quarter]
        history = []
        for earlier in QUARTERS[: QUARTERS.index(self.quarter)]:
            before = read_cohort(self.data, earlier, self.plan)
            history.append(released(before, setting_of(before, YEARS[earlier])))
        public = read_public(self.data, self.quarter, self.plan, year)
        return cohort, replace(setting_of(cohort, year, history), public=public)


def _rule_aware(cohort: Cohort, setting: Setting, stage: Stage) -> bool:
    """Print what hosts that know the rules get exactly; whether they get nothing after the gate."""
    scale, say, tick = stage
    found = run_exactness(cohort, setting, scale.keys, tick)
    for together, name in GROUPS.items():
        say(
            f"some {name} that knows the rules has a rest of 1 to 9 exactly: with {found.rounded[together]} of "
            f"{scale.keys} keys before the gate, with {found.let_out[together]} after it"
        )
    say(f"sent back by rule, of {scale.keys} keys: {_words(found.sent_back)}")
    return not found.let_out.total()


def _invented_shares(data: Path, plan: Plan, hosts: int, seed: int) -> tuple[Cohort, Setting]:
    """Invent a cohort with the public shares; its people are not in the public table, which is a prior only."""
    public = read_public(data, QUARTERS[-1], plan, "2026")
    cohort = invent_cohort(f"{hosts}/{seed}", plan, public, hosts=hosts, seed=seed)
    shares = tuple(replace(table, covers=False) for table in public)
    return cohort, replace(setting_of(cohort, "2026"), public=shares)


def _judge_plan(data: Path, plan: Plan, hosts: int, stage: Stage) -> bool:
    """Judge the plan before it is promised: what becomes of its tables over invented cohorts of one size."""
    scale, say, tick = stage
    found = Exactness()
    for seed in range(1, scale.seeds + 1):
        cohort, setting = _invented_shares(data, plan, hosts, seed)
        found.add(run_exactness(cohort, setting, scale.plan_keys, tick))
    wanted = found.keys * len(plan.tables)
    for name, shown in (("before", found.before), ("after", found.after)):
        finest = sum(number for (_, level), number in shown.items() if level == 1)
        coarser, missing = shown.total() - finest, wanted - shown.total()
        say(
            f"{hosts} hosts, {name} the gate: {finest} of {wanted} tables at level 1, {coarser} coarser, "
            f"{missing} not published"
        )
    say(
        f"{hosts} hosts: sent back by rule {_words(found.sent_back)}; keys with a rest exact to insiders: "
        f"{found.rounded.total()} before the gate, {found.let_out.total()} after"
    )
    return not found.let_out.total()


def _invented(data: Path, plan: Plan, stage: Stage) -> bool:
    cohort, setting = _invented_shares(data, plan, HOSTS, HOSTS)
    alone = one_release(cohort, setting, stage.say)
    stage.tick("without history")
    return one_release(cohort, replace(setting, history=thirteen_periods(cohort, 2026)), stage.say) and alone


def _planted(data: Path, plan: Plan, stage: Stage) -> bool:
    return planted_history(*_invented_shares(data, plan, HOSTS, HOSTS), stage.say)


def _forbidden(data: Path, plan: Plan, stage: Stage) -> bool:
    scale, say, tick = stage
    forbidden_history(*_invented_shares(data, plan, HOSTS, HOSTS), scale.forbidden_keys, say, tick)
    return True


def _planted_seven(stage: Stage) -> bool:
    show_planted_seven(stage.say)
    return True


def _words(rules: Counter[str]) -> str:
    return ", ".join(f"{rule} {count}" for rule, count in sorted(rules.items())) or "none"
