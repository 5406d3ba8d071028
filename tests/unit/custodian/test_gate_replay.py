from itertools import product

import numpy as np
import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from services.custodian.gate.posterior import NoDrawsError, Sight, Total, believe, go_up, possible
from services.custodian.gate.release import GateSettings, PublicTable
from services.custodian.gate.simulating import Attack, Rule, attack_by_replay, beliefs_of, public_shares
from services.custodian.protection.rounding import AdditivityRow, Coin, NoRoundingError, round_jointly
from shared.contracts.vector import PEOPLE, Slot
from tests.unit.custodian.gate_cases import FAST, even, given, plan, release, rules, shown, table

AB = plan(table("T", ["A", "B"]))
BASE = 5


def round_by_trying(true, people, weights, weight_of_people):
    """The programme by brute force: of all directions that keep every table's sum, those of greatest weight.

    ``true``: tables of cells; weights: draws by cells of all tables. Gives, by draw, whether each goes up.
    """
    flat = [v for cells in true for v in cells]
    best = np.full(len(weights), -np.inf)
    answer = np.zeros((len(weights), len(flat) + 1), dtype=bool)
    for ups in product((0, 1), repeat=len(flat) + 1):
        values = [*flat, people]
        if any(up and v % BASE == 0 for up, v in zip(ups, values, strict=True)):
            continue
        rounded = [v // BASE + up for v, up in zip(values, ups, strict=True)]
        at = 0
        adds_up = True
        for cells in true:
            adds_up &= sum(rounded[at : at + len(cells)]) == rounded[-1]
            at += len(cells)
        if adds_up:
            gain = weights @ np.array(ups[:-1]) + weight_of_people * ups[-1]
            better = gain > best
            best[better] = gain[better]
            answer[better] = np.array(ups, dtype=bool)
    return answer


def posterior_by_trying(rounded, people, rounded_people, prior, random, draws=4_000):
    """Posterior of every cell: all true tables that fit, each with many coins, rounded by trying everything."""
    fitting = [
        [cells for cells in product(*(range(max(0, r - 4), r + 5) for r in of_table)) if sum(cells) == people]
        for of_table in rounded
    ]
    beliefs = [[{} for _ in of_table] for of_table in rounded]
    total = 0.0
    for true in product(*fitting):
        flat = np.array([v for cells in true for v in cells])
        weights = (flat % BASE) / BASE - random.random((draws, len(flat)))
        of_people = (people % BASE) / BASE - random.random(draws)
        answer = round_by_trying(true, people, weights, of_people)
        shown_up = np.array(
            [
                *(r > v for of, cells in zip(rounded, true, strict=True) for r, v in zip(of, cells, strict=True)),
                rounded_people > people,
            ]
        )
        mass = (answer == shown_up).all(axis=1).mean() * prior(true)
        total += mass
        for of_table, cells in zip(beliefs, true, strict=True):
            for belief, value in zip(of_table, cells, strict=True):
                belief[value] = belief.get(value, 0.0) + mass
    return [[{v: m / total for v, m in belief.items()} for belief in of_table] for of_table in beliefs]


CASES = [
    # Two tables of two cells; then a table of three cells beside one of two; the last total is an exact multiple.
    (((10, 15), (10, 15)), 23, 25),
    (((10, 10), (5, 15)), 22, 20),
    (((5, 5, 15), (10, 15)), 26, 25),
    (((10, 15), (15, 10)), 25, 25),
]


class TestBelief:
    @pytest.mark.parametrize(("rounded", "people", "rounded_people"), CASES)
    @pytest.mark.parametrize("shares", [None, (0.2, 0.8)], ids=["flat", "public"])
    def test_is_that_of_trying_every_table_and_coin(self, rounded, people, rounded_people, shares):
        """The simulated posterior of each cell is the brute-force one, within sampling error."""
        from math import lgamma, log

        def prior(true):
            if shares is None:
                return 1.0
            logs = sum(
                v * log(p) - lgamma(v + 1)
                for cells in true
                if len(cells) == 2
                for v, p in zip(cells, shares, strict=True)
            )
            return float(np.exp(logs + 60))

        random = np.random.default_rng(1)
        expected = posterior_by_trying(rounded, people, rounded_people, prior, random)
        sights = {
            str(n): Sight(rounded=cells, own=(0,) * len(cells), shares=shares if len(cells) == 2 else None)
            for n, cells in enumerate(rounded)
        }
        total = Total(people=people, rounded=rounded_people, base=BASE)
        found = believe(sights, total, draws=200_000, random=random)
        for n, of_table in enumerate(expected):
            for cell, belief in enumerate(of_table):
                for value, chance in belief.items():
                    assert found[str(n)].cells[cell].get(value, 0.0) == pytest.approx(chance, abs=0.02)

    def test_an_insiders_own_people_bound_the_cell_from_below(self):
        """Who holds 9 of a cell that shows 10 gives no belief to fewer."""
        sights = {"T": Sight(rounded=(10, 15), own=(9, 0))}
        total = Total(people=23, rounded=25, base=BASE)
        found = believe(sights, total, draws=5_000, random=np.random.default_rng(2))["T"]
        assert min(found.cells[0]) == 9
        assert sum(found.cells[0].values()) == pytest.approx(1)

    def test_figures_that_no_coin_gives(self):
        """Where nothing true fits, there is no belief, and that is said."""
        sights = {"T": Sight(rounded=(10, 15), own=(0, 0))}
        with pytest.raises(NoDrawsError):
            believe(sights, Total(people=60, rounded=60, base=BASE), draws=100, random=np.random.default_rng(3))

    def test_what_is_possible_with_the_total_known(self):
        """23 people shown as 25: 10 and 15 stand for 6 to 12 and 11 to 17."""
        assert possible(Sight(rounded=(10, 15), own=(0, 0)), 23, BASE) == [(6, 12), (11, 17)]


class FixedCoin(Coin):
    """A coin whose draws a test knows."""


@settings(max_examples=60, deadline=None)
@drawn(
    st.lists(st.lists(st.integers(0, 30), min_size=4, max_size=4), min_size=1, max_size=3),
    st.binary(min_size=32, max_size=32),
)
def test_the_replay_rounds_as_the_protector_does(tables, key):
    """Taking cells by weight within each table, and the total by what all gain, is the joint programme's answer."""
    people = sum(tables[0])
    tables = [[*cells[:3], people - sum(cells[:3])] for cells in tables]
    if any(min(cells) < 0 for cells in tables):
        return
    coin = Coin(key=key, period="2026")
    slots = [[Slot(f"T{n}", 1, str(c)) for c in range(4)] for n in range(len(tables))]
    values = {PEOPLE: people} | {
        s: v for of, cells in zip(slots, tables, strict=True) for s, v in zip(of, cells, strict=True)
    }
    rows = [AdditivityRow(total=PEOPLE, parts=tuple(of)) for of in slots]
    try:
        rounded = round_jointly(values, rows, coin=coin, base=BASE)
    except NoRoundingError:
        return
    answers = []
    for direction in (0, 1):
        gain = direction * coin.weight(PEOPLE, people, BASE) if direction == 0 or people % BASE else -np.inf
        ups = {PEOPLE: direction}
        for of, cells in zip(slots, tables, strict=True):
            weights = np.array([[coin.weight(s, v, BASE) for s, v in zip(of, cells, strict=True)]])
            may = np.array([[v % BASE > 0 for v in cells]])
            lacking = people // BASE + direction - sum(v // BASE for v in cells)
            [(chosen, own)] = go_up(weights, may, np.array([lacking]))
            gain += own[0]
            ups |= dict(zip(of, chosen[0], strict=True))
        answers.append((gain, ups))
    _, ups = max(answers, key=lambda answer: answer[0])
    assert {s: BASE * (v // BASE + int(ups[s])) for s, v in values.items()} == rounded


class TestVerdict:
    def test_a_planted_7_that_is_shown_as_10(self):
        """A true 6 to 9 can be shown as 10; with the total known, the attacker still has several values."""
        people = even(AB, {"T": {"A": 7, "B": 53}})
        candidate = release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))
        assert attack_by_replay(given(candidate, people)) == []
        own = {"T": (0, 0)}
        attack = Attack(rule=Rule.SIMULATED_POSTERIOR, own=own, judged={"T": (7, 53)}, shares={})
        belief = beliefs_of(given(candidate, people), attack, {"T"})["T"].cells[0]
        assert set(belief) == {6, 7, 8, 9, 10, 11, 12, 13, 14}

    def test_a_limit_on_certainty_that_the_7_breaks(self):
        """Twin: the same belief against a limit below it names the table."""
        people = even(AB, {"T": {"A": 7, "B": 53}})
        candidate = release(AB, 60, shown("T", 1, {"A": 10, "B": 50}))
        strict = GateSettings(draws=20_000, least_effective=500, certainty=0.1)
        assert rules(attack_by_replay(given(candidate, people, settings=strict))) == {("SIMULATED_POSTERIOR", "T")}

    def test_public_shares_can_make_an_attacker_sure(self):
        """A prior that all but excludes A believes in the least value that fits; the flat prior does not."""
        people = even(AB, {"T": {"A": 6, "B": 994}})
        candidate = release(AB, 1000, shown("T", 1, {"A": 10, "B": 990}))
        assert attack_by_replay(given(candidate, people)) == []
        public = PublicTable(period="2026", table="T", counts={"A": 0, "B": 10_000_000})
        found = attack_by_replay(given(candidate, people, public=(public,)))
        assert rules(found) == {("SIMULATED_POSTERIOR", "T")}

    def test_no_share_is_nothing(self):
        """A category that the public table has nobody in keeps a chance."""
        public = PublicTable(period="2026", table="T", counts={"B": 98})
        case = given(
            release(AB, 60, shown("T", 1, {"A": 10, "B": 50})), even(AB, {"T": {"A": 7, "B": 53}}), public=(public,)
        )
        assert public_shares(case) == {"T": (0.01, 0.99)}

    def test_a_repeat_gives_the_same_belief(self):
        """The draws are seeded: a restart of the job comes to the same verdict."""
        people = even(AB, {"T": {"A": 7, "B": 53}})
        case = given(release(AB, 60, shown("T", 1, {"A": 10, "B": 50})), people)
        attack = Attack(rule=Rule.SIMULATED_POSTERIOR, own={"T": (0, 0)}, judged={"T": (7, 53)}, shares={})
        assert beliefs_of(case, attack, {"T"}) == beliefs_of(case, attack, {"T"})
        assert case.settings == FAST
