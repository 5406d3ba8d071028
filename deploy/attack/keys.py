"""One cohort under many coin keys: how often each table passes each rule, and how sure attackers become."""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from deploy.attack.cohorts import Cohort
from deploy.attack.measures import accuracy, certain_of_the_last_person, sureness
from services.custodian.gate.examine import examine
from services.custodian.gate.insiders import strongest
from services.custodian.gate.release import GateInput, GateReport, GateSettings, Rule
from services.custodian.gate.simulating import public_shares
from services.custodian.opening.deciding import Setting, as_seen
from services.custodian.protection.rules import ProtectedRelease, protect
from shared.contracts.vector import Opened

SMALL = 9
MEASURED = GateSettings(draws=10_000, least_effective=400)
"""Fewer draws than the gate itself takes: these beliefs are printed, not judged."""
HISTORY = (Rule.HISTORY_EXACT, Rule.HISTORY_WIDTH, Rule.HISTORY_NARROWED, Rule.HISTORY_CONTRADICTED)
RULES: dict[str, tuple[Rule, ...]] = {
    "outsider": (Rule.OUTSIDER_WIDTH,),
    "history": HISTORY,
    "one host": (Rule.HOST_EXACT, Rule.HOST_POSTERIOR),
    "two hosts": (Rule.PAIR_EXACT, Rule.PAIR_POSTERIOR),
    "replay": (Rule.SIMULATED_POSTERIOR,),
    "form": (Rule.MALFORMED, Rule.TOO_FEW_HOSTS, Rule.DOMINANT_HOST, Rule.BELOW_THRESHOLD, Rule.UNDECIDED),
}

Place = tuple[str, int]


@dataclass(kw_only=True)
class OverKeys:
    """What came of all keys.

    Attributes:
        shown: Keys with which the protector shows a table at a level.
        failed: Keys with which it then fails a group of rules.
        replays: By prior and shown cell, belief in the likeliest value; ``truths``, in the true one.
        insiders: Beliefs of insiders who hold the most that the opened blocks allow, by rest of 1 to 9.
        last_person: Certain cases and all, of one who knows everyone but one person.
    """

    keys: int
    shown: Counter[Place] = field(default_factory=Counter)
    failed: Counter[tuple[str, Place]] = field(default_factory=Counter)
    passed: int = 0
    exact_recoveries: int = 0
    least_width: int | None = None
    total_errors: list[float] = field(default_factory=list)
    share_errors: list[float] = field(default_factory=list)
    replays: dict[str, list[float]] = field(default_factory=lambda: {"flat": [], "public": []})
    truths: dict[str, list[float]] = field(default_factory=lambda: {"flat": [], "public": []})
    insiders: dict[str, list[float]] = field(default_factory=lambda: {"one host": [], "two hosts": []})
    last_person: tuple[int, int] = (0, 0)


def coin_keys(count: int) -> Iterator[bytes]:
    """Give coin keys, the same in every run."""
    return (hashlib.sha256(f"alongside attack {number}".encode()).digest() for number in range(count))


def run_keys(cohort: Cohort, setting: Setting, count: int, tick: Callable[[str], None]) -> OverKeys:
    """Round, attack and measure with each key; tells of each."""
    opened, found = cohort.opened(), OverKeys(keys=count)
    for number, key in enumerate(coin_keys(count), 1):
        release = protect(opened, plan=setting.plan, hosts=setting.hosts, coin_key=key, period=setting.period)
        given = input_of(release, setting, opened)
        _note(found, release, examine(given))
        errors = accuracy(release, opened)
        found.total_errors.append(errors.total_error)
        found.share_errors.append(errors.share_error)
        certain, cases = certain_of_the_last_person(release, opened, setting.plan.minimums.base)
        found.last_person = (found.last_person[0] + certain, found.last_person[1] + cases)
        given = replace(given, settings=MEASURED)
        nobody = {table.table: (0,) * len(table.cells) for table in given.candidate.shown}
        for prior, shares in (("flat", {}), ("public", public_shares(given))):
            sure = sureness(given, nobody, shares)
            found.replays[prior] += sure.greatest
            found.truths[prior] += sure.of_truth
        for together, name in ((1, "one host"), (2, "two hosts")):
            known = strongest(given, together)
            found.insiders[name] += sureness(given, known.own, {}, least=known.least, most=SMALL).greatest
        tick(f"key {number} of {count}")
    return found


def input_of(
    release: ProtectedRelease, setting: Setting, opened: Opened, settings: GateSettings | None = None
) -> GateInput:
    """Give the gate's input for a release."""
    return GateInput(
        candidate=as_seen(release, setting),
        opened=opened,
        history=setting.history,
        public=setting.public,
        settings=settings or setting.settings,
    )


def quantiles(values: list[float]) -> str:
    """Print the median, the 95th and 99th hundredth and the greatest."""
    if not values:
        return "none"
    half, most, nearly, top = np.quantile(values, [0.5, 0.95, 0.99, 1.0])
    return f"median {half:.2f}, 95 % {most:.2f}, 99 % {nearly:.2f}, greatest {top:.2f}, of {len(values)}"


def _note(found: OverKeys, release: ProtectedRelease, report: GateReport) -> None:
    found.passed += report.passed
    found.exact_recoveries += report.exact_recoveries
    if report.least_width is not None:
        known = report.least_width if found.least_width is None else found.least_width
        found.least_width = min(report.least_width, known)
    for place in release.levels.items():
        found.shown[place] += 1
        for group, rules in RULES.items():
            found.failed[group, place] += any(f.table == place[0] and f.rule in rules for f in report.findings)
