"""Keyed controlled rounding: neighbours only, rows still add up, multiples stay, the key decides, nothing else does."""

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.custodian.protection.rounding import AdditivityRow, Coin, NoRoundingError, round_jointly
from shared.contracts.vector import PEOPLE, Slot

KEYS = st.binary(min_size=32, max_size=32)
COUNTS = st.lists(st.integers(0, 60), min_size=2, max_size=5)


def problem(tables):
    """Values and rows of one-way tables that share a total."""
    values = {PEOPLE: sum(tables[0])}
    rows = []
    for number, counts in enumerate(tables):
        slots = tuple(Slot(f"T{number}", 1, f"C{place}") for place in range(len(counts)))
        values.update(zip(slots, counts, strict=True))
        rows.append(AdditivityRow(total=PEOPLE, parts=slots))
    return values, rows


def rounded_by_hand(values, rows, coin, base=5):
    """The same by looking at every possible set of cells that go up."""
    movable = [slot for slot, value in values.items() if value % base]
    best = (None, None)
    for ups in itertools.product((0, 1), repeat=len(movable)):
        up = dict(zip(movable, ups, strict=True))
        found = {slot: base * (value // base + up.get(slot, 0)) for slot, value in values.items()}
        if all(sum(found[p] for p in row.parts) == found[row.total] for row in rows):
            gain = sum(coin.weight(slot, values[slot], base) for slot in movable if up[slot])
            if best[0] is None or gain > best[0]:
                best = gain, found
    return best[1]


class TestRounding:
    @given(COUNTS, KEYS)
    @settings(max_examples=60, deadline=None)
    def test_neighbours_only_and_rows_add_up(self, counts, key):
        """Each cell goes to the multiple just below or above, exact multiples stay, and parts make the total."""
        second = [sum(counts) // 2, sum(counts) - sum(counts) // 2]
        values, rows = problem([counts, second])
        rounded = round_jointly(values, rows, coin=Coin(key=key, period="2026"), base=5)
        for slot, value in values.items():
            assert rounded[slot] % 5 == 0
            assert abs(rounded[slot] - value) < 5
            assert value % 5 or rounded[slot] == value
        for row in rows:
            assert sum(rounded[part] for part in row.parts) == rounded[row.total]

    @given(st.lists(st.integers(0, 30), min_size=2, max_size=4), KEYS)
    @settings(max_examples=40, deadline=None)
    def test_the_solver_finds_the_best_of_all_roundings(self, counts, key):
        """The greatest sum of weights over every possible rounding, found by looking at all of them."""
        second = [sum(counts) // 3, sum(counts) - sum(counts) // 3]
        values, rows = problem([counts, second])
        coin = Coin(key=key, period="2026")
        assert round_jointly(values, rows, coin=coin, base=5) == rounded_by_hand(values, rows, coin)

    @given(COUNTS, KEYS)
    @settings(max_examples=30, deadline=None)
    def test_the_same_bytes_give_the_same_rounding(self, counts, key):
        """Whatever the order in which cells and rows are given."""
        values, rows = problem([counts, counts[::-1]])
        coin = Coin(key=key, period="2026")
        turned = dict(reversed(values.items()))
        assert round_jointly(values, rows, coin=coin, base=5) == round_jointly(turned, rows[::-1], coin=coin, base=5)

    def test_other_keys_and_periods_give_other_directions(self):
        """Over twenty keys, and over twenty periods, more than one rounding of the same counts comes out."""
        values, rows = problem([[12, 13, 17], [21, 21]])
        keys = [Coin(key=bytes([n]) * 32, period="2026") for n in range(20)]
        periods = [Coin(key=bytes(32), period=str(2026 + n)) for n in range(20)]
        for coins in (keys, periods):
            found = {tuple(round_jointly(values, rows, coin=coin, base=5).items()) for coin in coins}
            assert len(found) >= 4

    def test_a_lonely_cell_goes_up_with_the_chance_of_its_residue(self):
        """Unbiased: over 4,000 keys, a residue of 1 to 4 goes up in 20 to 80 of a hundred."""
        for residue in range(1, 5):
            slot = Slot("T", 1, "C")
            ups = sum(Coin(key=n.to_bytes(32), period="2026").weight(slot, 10 + residue, 5) > 0 for n in range(4_000))
            assert abs(ups / 4_000 - residue / 5) < 0.03

    def test_a_cell_without_rows_stands_alone(self):
        """A quarter's one number is rounded by itself."""
        coin = Coin(key=bytes(32), period="2026-Q3")
        assert round_jointly({PEOPLE: 37}, [], coin=coin, base=5)[PEOPLE] in (35, 40)
        assert round_jointly({PEOPLE: 40}, [], coin=coin, base=5)[PEOPLE] == 40

    def test_what_cannot_be_rounded_is_refused(self):
        """Rows that contradict each other have no rounding; the error has the size and no value."""
        slots = [Slot("T", 1, name) for name in "ABC"]
        rows = [AdditivityRow(total=slots[0], parts=tuple(slots[1:])), AdditivityRow(total=slots[1], parts=(slots[2],))]
        values = dict(zip(slots, (173, 11, 162), strict=True))
        with pytest.raises(NoRoundingError, match="3 cells and 2 rows") as caught:
            round_jointly(values, rows, coin=Coin(key=bytes(32), period="2026"), base=5)
        assert "173" not in str(caught.value)

    def test_the_coin_is_not_printed(self):
        """A log of the coin has no key."""
        coin = Coin(key=b"\xab" * 32, period="2026")
        assert "ab" * 8 not in repr(coin)
        assert "\\xab" not in repr(coin)
