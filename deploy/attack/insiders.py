"""Real hosts and pairs that know the rules, with the truth at hand: what is left to them, before the gate and after.

"Rest" is what all others hold of a cell. Whether some rest is exact is asked of every coin key; beliefs, which
take draws, of fewer. Limit: of a group's hosts each knows its own counts only, and the number of hosts.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from deploy.attack.cohorts import Cohort
from deploy.attack.keys import MEASURED, SMALL, Place, coin_keys, input_of
from deploy.attack.measures import sureness
from services.custodian.gate.allowed import least_allowed
from services.custodian.gate.posterior import Sight, possible
from services.custodian.gate.release import GateInput
from services.custodian.gate.simulating import priors
from services.custodian.opening.deciding import Setting, decide
from services.custodian.protection.rules import protect
from shared.contracts.vector import Opened, Slot

Cells = tuple[int, ...]
GROUPS = {1: "real host", 2: "real pair"}


@dataclass(kw_only=True)
class Exactness:
    """What came of all coin keys.

    Attributes:
        keys: How many.
        rounded: By group size, keys with which some group is left one value of a rest of 1 to 9 by what the
            protector alone makes; ``let_out``, by what leaves the gate.
        before: Keys with which the protector shows a table at a level; ``after``, with which the gate lets it out.
        sent_back: Keys with which the gate asked for something coarser, by rule.
    """

    keys: int = 0
    rounded: Counter[int] = field(default_factory=Counter)
    let_out: Counter[int] = field(default_factory=Counter)
    before: Counter[Place] = field(default_factory=Counter)
    after: Counter[Place] = field(default_factory=Counter)
    sent_back: Counter[str] = field(default_factory=Counter)

    def add(self, other: "Exactness") -> None:
        """Count another cohort's in."""
        self.keys += other.keys
        for name in ("rounded", "let_out", "before", "after", "sent_back"):
            getattr(self, name).update(getattr(other, name))


@dataclass(kw_only=True)
class Beliefs:
    """Every real host, or pair, with its true counts and the rules, against what leaves the gate with several keys.

    Attributes:
        rests: Rests of 1 to 9 that were judged.
        exact: Of them, those with one value left.
        greatest: By prior, belief in the value believed most, by rest; ``truths``, in the true one.
    """

    rests: int = 0
    exact: int = 0
    greatest: dict[str, list[float]] = field(default_factory=lambda: {"flat": [], "public": []})
    truths: dict[str, list[float]] = field(default_factory=lambda: {"flat": [], "public": []})


def run_exactness(cohort: Cohort, setting: Setting, count: int, tick: Callable[[str], None]) -> Exactness:
    """Ask every real host and pair, of each key's release before and after the gate, for a rest with one value."""
    opened, hosts, found = cohort.opened(), _contributing(cohort), Exactness(keys=count)
    for number, key in enumerate(coin_keys(count), 1):
        release = protect(opened, plan=setting.plan, hosts=setting.hosts, coin_key=key, period=setting.period)
        decided = decide(opened, setting, coin_key=key)
        found.before.update(release.levels.items())
        found.after.update(decided.release.levels.items())
        found.sent_back.update({finding.rule.value for finding in decided.findings})
        rounded, let_out = (input_of(one, setting, opened) for one in (release, decided.release))
        for together in GROUPS:
            found.rounded[together] += _some_rest_is_exact(rounded, hosts, together)
            found.let_out[together] += _some_rest_is_exact(let_out, hosts, together)
        tick(f"key {number} of {count} for {cohort.name}")
    return found


def run_beliefs(cohort: Cohort, setting: Setting, count: int, *, together: int, tick: Callable[[str], None]) -> Beliefs:
    """Play every group of ``together`` real hosts with what they truly hold."""
    opened, found = cohort.opened(), Beliefs()
    for number, key in enumerate(coin_keys(count), 1):
        given = input_of(decide(opened, setting, coin_key=key).release, setting, opened, MEASURED)
        for hosts in combinations(_contributing(cohort), together):
            own, least = _known_by(given, hosts)
            for small, exact in _rests(given, own, least):
                found.rests += small
                found.exact += small and exact
            for prior, shares in zip(("flat", "public"), priors(given), strict=False):
                sure = sureness(given, own, shares, least=least, most=SMALL)
                found.greatest[prior] += sure.greatest
                found.truths[prior] += sure.of_truth
        tick(f"key {number} of {count}")
    return found


def _contributing(cohort: Cohort) -> list[Opened]:
    return [cohort.of_host(host) for host, people in cohort.people.items() if people]


def _known_by(given: GateInput, hosts: Sequence[Opened]) -> tuple[dict[str, Cells], dict[str, Cells]]:
    """Give, by table, what these hosts hold of each cell, and the smallest count that the rules then allow it."""
    own, least = {}, {}
    others, minimums = given.candidate.hosts - len(hosts), given.candidate.plan.minimums
    for table in given.candidate.shown:
        held = [[host.counts[Slot(table.table, table.level, c.category)] for host in hosts] for c in table.cells]
        own[table.table] = tuple(sum(cell) for cell in held)
        least[table.table] = tuple(least_allowed(cell, others=others, minimums=minimums) for cell in held)
    return own, least


def _some_rest_is_exact(given: GateInput, hosts: Sequence[Opened], together: int) -> bool:
    groups = (_known_by(given, group) for group in combinations(hosts, together))
    return any(small and exact for own, least in groups for small, exact in _rests(given, own, least))


def _rests(given: GateInput, own: dict[str, Cells], least: dict[str, Cells]) -> Iterator[tuple[bool, bool]]:
    """Give, for each shown cell, whether its rest is 1 to 9, and whether it has one value left."""
    for table in given.candidate.shown:
        name = table.table
        sight = Sight(rounded=tuple(cell.value for cell in table.cells), own=own[name], least=least[name])
        reach = possible(sight, given.opened.people, given.candidate.plan.minimums.base)
        for cell, held, (low, high) in zip(table.cells, own[name], reach, strict=True):
            rest = given.opened.counts[Slot(name, table.level, cell.category)] - held
            yield 1 <= rest <= SMALL, low == high
