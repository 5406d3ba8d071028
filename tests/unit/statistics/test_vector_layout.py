"""The vector: a slot for each declared category, three blocks, checks that see a vector which contradicts itself."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.codelists.plan import load_plan
from shared.contracts.vector import (
    BLOCKS,
    MAX_CELL,
    MAX_HOSTS,
    PEOPLE,
    BrokenLevelError,
    CountsRefusedError,
    Slot,
    VectorLayout,
    WrongLengthError,
)

YEAR = load_plan("year-v1")
LAYOUT = VectorLayout.of(YEAR)
REGIONS = ("UK", "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN", "AFRICA", "ASIA")


def counts_of(facts):
    """Count people given as (gender, types, region) by the plan's own categories."""
    counts = {table.id: {c.code: 0 for c in table.levels[0].categories} for table in YEAR.tables}
    for gender, types, region in facts:
        placed = YEAR.categorise({"gender": gender, "exploitation_types": types, "region": region})
        for table, category in placed.items():
            counts[table][category] += 1
    return counts


facts = st.lists(
    st.tuples(
        st.sampled_from(["FEMALE", "MALE", "OTHER", "NOT_SPECIFIED"]),
        st.sets(st.sampled_from(["LABOUR", "SEXUAL", "CRIMINAL", "DOMESTIC", "ORGAN_HARVESTING"])),
        st.sampled_from(REGIONS),
    ),
    max_size=25,
)


class TestLayout:
    def test_of_the_year(self):
        """People, 2 genders, 4 yes/no pairs, regions of 4, 3 and 2: 20 slots, three times."""
        assert LAYOUT.width == 1 + 2 + 4 * 2 + 4 + 3 + 2
        assert LAYOUT.length == BLOCKS * LAYOUT.width
        assert LAYOUT.slots[0] == PEOPLE

    def test_of_the_quarter(self):
        """A quarter has one slot, the people, and no check."""
        layout = VectorLayout.of(load_plan("quarter-v1"))
        assert (layout.slots, layout.check_count) == ((PEOPLE,), 0)
        vector = layout.build({}, 7)
        assert vector.tolist() == [7, 1, 49]
        assert layout.checks(vector).tolist() == []

    @pytest.mark.parametrize(
        "merges",
        [
            {"ASIA": ("ASIA",), "REST": ("UK", "AFRICA")},
            {"ASIA": ("ASIA", "UK"), "REST": ("UK", "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN", "AFRICA")},
            {"ASIA": ("ASIA",)},
            {"ASIA": ("ASIA",), "REST": ("UK", "EUROPE_AMERICAS_OCEANIA_OR_UNKNOWN", "AFRICA", "MARS")},
            {},
        ],
        ids=["one-missing", "one-twice", "a-category-without-parts", "one-unknown", "none"],
    )
    def test_a_level_that_is_no_partition_is_refused(self, merges):
        """Each finest category stands in exactly one category of each level."""
        region = next(t for t in YEAR.tables if t.id == "REGION_OF_NATIONALITY")
        broken = replace(region, levels=(*region.levels[:2], replace(region.levels[2], merges=merges)))
        with pytest.raises(BrokenLevelError, match="Level 3 of table REGION_OF_NATIONALITY"):
            VectorLayout.of(replace(YEAR, tables=(broken,)))

    def test_squares_of_the_largest_cohort_do_not_wrap(self):
        """As many hosts as are allowed, each with the largest cell, still fit 32 bits; one more would not."""
        assert MAX_HOSTS * MAX_CELL**2 < 2**32 <= (MAX_HOSTS + 1) * MAX_CELL**2


class TestBuild:
    @given(facts)
    def test_every_level_counts_everyone_once(self, people):
        """Each level of each table adds up to the people; blocks two and three follow from the first."""
        vector = LAYOUT.build(counts_of(people), len(people))
        x, ones, squares = np.split(vector.astype(np.int64), BLOCKS)
        assert (ones == (x > 0)).all()
        assert (squares == x * x).all()
        levels = {}
        for slot, value in zip(LAYOUT.slots[1:], x[1:], strict=True):
            levels[slot.table, slot.level] = levels.get((slot.table, slot.level), 0) + value
        assert set(levels.values()) == {len(people)}
        assert not LAYOUT.checks(vector).any()

    def test_zeros_are_a_vector_too(self):
        """A host without anybody sends as many cells as any other."""
        vector = LAYOUT.build(counts_of([]), 0)
        assert vector.shape == (LAYOUT.length,)
        assert not vector.any()

    @pytest.mark.parametrize(
        ("change", "where"),
        [
            ({"GENDER": {"FEMALE": 3}}, "GENDER"),
            ({"GENDER": {"FEMALE": -1, "MALE_OR_OTHER_OR_NOT_STATED": 3}}, "GENDER"),
            ({"GENDER": {"FEMALE": 2, "MALE": 0}}, "GENDER"),
            ({"GENDER": {"FEMALE": 2.0}}, "GENDER"),
            ({"GENDER": {"FEMALE": True, "MALE_OR_OTHER_OR_NOT_STATED": 1}}, "GENDER"),
            ({"NATIONALITY": {"Albanian": 2}}, "tables"),
        ],
        ids=["does-not-add-up", "below-zero", "unknown-category", "no-whole-number", "a-flag", "unknown-table"],
    )
    def test_counts_that_do_not_fit_are_refused(self, change, where):
        """Nothing is built, and the message names the place and never the count."""
        counts = counts_of([("FEMALE", (), "UK")] * 2)
        with pytest.raises(CountsRefusedError) as caught:
            LAYOUT.build({**counts, **change}, 2)
        assert where in str(caught.value)

    def test_a_missing_table_is_refused(self):
        """A vector has all the plan's tables or is none."""
        counts = counts_of([])
        del counts["GENDER"]
        with pytest.raises(CountsRefusedError):
            LAYOUT.build(counts, 0)

    @pytest.mark.parametrize("people", [-1, MAX_CELL + 1, 2**32])
    def test_people_out_of_range_are_refused(self, people):
        """No cell of one host is above the bound that keeps squares from wrapping around."""
        with pytest.raises(CountsRefusedError):
            LAYOUT.build(counts_of([]), people)


class TestChecks:
    @given(facts, st.integers(1, LAYOUT.width - 1), st.integers(1, 2**32 - 1))
    def test_a_cell_of_the_first_block_that_was_changed_is_seen(self, people, cell, by):
        """Adding anything mod 2**32 to one category, negatives and wrap-around too, breaks a check."""
        vector = LAYOUT.build(counts_of(people), len(people))
        vector[cell : cell + 1] += np.uint32(by)
        assert LAYOUT.checks(vector).any()

    @given(facts, st.lists(st.integers(0, 2**32 - 1), min_size=LAYOUT.length, max_size=LAYOUT.length))
    def test_checks_of_two_shares_add_up_to_those_of_the_vector(self, people, mask):
        """The checks are linear mod 2**32, so that each server can compute its part alone."""
        vector, mask = LAYOUT.build(counts_of(people), len(people)), np.array(mask, dtype=np.uint32)
        assert not (LAYOUT.checks(vector - mask) + LAYOUT.checks(mask)).any()

    def test_there_are_as_many_as_declared(self):
        """One for each level and one for each merged category."""
        assert LAYOUT.checks(np.zeros(LAYOUT.length, dtype=np.uint32)).size == LAYOUT.check_count == 8 + 5

    @pytest.mark.parametrize("length", [0, LAYOUT.width, LAYOUT.length - 1, LAYOUT.length + 1])
    def test_another_length_is_refused(self, length):
        """A vector of another plan is neither checked nor read."""
        vector = np.zeros(length, dtype=np.uint32)
        for step in (LAYOUT.checks, LAYOUT.read):
            with pytest.raises(WrongLengthError, match=f"has {LAYOUT.length} cells, not {length}"):
                step(vector)


class TestRead:
    @given(st.lists(facts, min_size=1, max_size=4))
    def test_the_sum_of_vectors_gives_counts_hosts_and_squares(self, hosts):
        """What is read is the sum over hosts, the hosts that contribute and the sum of squares."""
        vectors = [LAYOUT.build(counts_of(people), len(people)) for people in hosts]
        opened = LAYOUT.read(np.sum(vectors, axis=0, dtype=np.uint32))
        female = Slot("GENDER", 1, "FEMALE")
        each = [sum(gender == "FEMALE" for gender, _, _ in people) for people in hosts]
        assert opened.people == sum(len(people) for people in hosts)
        assert opened.counts[female] == sum(each)
        assert opened.hosts[female] == sum(one > 0 for one in each)
        assert opened.squares[female] == sum(one * one for one in each)

    def test_true_figures_are_not_printed(self):
        """The opened sum's representation, as a log or a traceback would show it, has no figure."""
        opened = LAYOUT.read(LAYOUT.build(counts_of([("FEMALE", (), "UK")] * 173), 173))
        assert "173" not in repr(opened)
