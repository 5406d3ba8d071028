"""Other people's tables laid beside a release: rare nationalities, the public NRM table, and what a join adds."""

from collections import Counter
from dataclasses import replace

import pytest

from services.custodian.gate.release import PublicTable
from shared.codelists.lists import get
from shared.codelists.plan import YES, load_plan
from tests.attacks.lp_attacker import Knowledge, know_release
from tests.kit.truth import LAYOUT, LEVELS, PLAN, REGION, Truth, key_of, names, truths

KEYS = range(12)
HISTORY_WIDTH = 2
each_truth = pytest.mark.parametrize("truth", truths(), ids=names())
PUBLIC_FACTS = {"gender", "exploitation_types", "region"}


def public_cells(truth):
    return Counter(place for person in truth.public for place in person.places())


class TestRareNationalities:
    """A14."""

    def test_every_slot_is_of_a_closed_list(self):
        """Whatever a host writes down, a vector has slots for the plan's few categories and for nothing else."""
        assert {table.source_fact for table in PLAN.tables} == PUBLIC_FACTS
        regions = {slot.category for slot in LAYOUT.slots if (slot.table, slot.level) == (REGION, 1)}
        assert regions == set(get("region_of_nationality").codes) == set(LEVELS)
        yes_no = {slot.category for slot in LAYOUT.slots if slot.table.startswith("EXPLOITATION")}
        assert yes_no == {"YES", "NO"}
        assert {table.yes_if for table in PLAN.tables if table.yes_if} < set(get("exploitation_type").codes)
        assert load_plan("quarter-v1").tables == ()

    @pytest.mark.parametrize("word", ["Atlantean", "Albanian", "", "ASIA ", "asia", "UK|AFRICA"])
    def test_a_word_that_is_no_code_fills_no_slot_of_its_own(self, word):
        """A nationality, a typing error or free text ends in a category of the plan and is never a new one."""
        placed = PLAN.categorise({"gender": word, "exploitation_types": (word,), "region": word})
        for table in PLAN.tables:
            assert placed[table.id] in {c.code for c in table.levels[0].categories}
            assert table.yes_if is None or placed[table.id] != YES

    @each_truth
    def test_one_person_of_a_rare_nationality_changes_nothing_within_a_region(self, truth):
        """Another nationality of the same region gives the same release, byte for byte."""
        changed = tuple(replace(p, row=(*p.row[:3], "Atlantean")) for p in truth.people)
        moved = Truth(truth.name, truth.hosts, changed, truth.public)
        assert moved.release(key_of(1)) == truth.release(key_of(1))

    @each_truth
    def test_a_table_by_nationality_is_mostly_single_people(self, truth):
        """Twin: by nationality, most rows are 1 to 4 people."""
        by_nationality = Counter(person.row[3] for person in truth.people)
        rare = sum(count < 5 for count in by_nationality.values())
        print(f"A14 twin {truth.name}: {rare} of {len(by_nationality)} nationalities have 1-4 people")
        assert rare >= 10


class TestPublicTable:
    """A15."""

    @each_truth
    def test_no_cell_is_pinned_by_the_public_counts(self, truth):
        """With each public count as an upper bound, and the exact total, no cell is narrower than 4."""
        public, widths = public_cells(truth), []
        for number in KEYS:
            release = truth.release(key_of(number))
            knowledge = Knowledge()
            know_release(knowledge, release, total=truth.total)
            for cell, _ in release.cells():
                assert truth.cells[cell] <= public[cell]
                knowledge.number(("", *cell), 0, public[cell])
            widths += [knowledge.width(("", *cell)) for cell, _ in release.cells()]
        print(f"A15 {truth.name}: {len(widths)} cells beside the public counts, width min {min(widths)}")
        assert min(widths) >= 4

    @each_truth
    def test_where_everybody_is_counted_the_gate_keeps_cells_open(self, truth):
        """Were everyone of the public table counted: what the gate lets out has no exact cell and none below 2."""
        everyone = Truth(truth.name, truth.hosts, truth.public, truth.public)
        counts = {}
        for (table, level, category), count in everyone.cells.items():
            if level == 1:
                counts.setdefault(table, {})[category] = count
        public = [PublicTable(period="2026", table=t, counts=c, covers=True) for t, c in counts.items()]
        for number in list(KEYS)[:2]:
            widths = self.widths(everyone, everyone.gated(key_of(number), public=public))
            assert all(width >= HISTORY_WIDTH for width in widths)

    @each_truth
    def test_rounding_alone_would_be_pinned_where_everybody_is_counted(self, truth):
        """Twin: then rounding alone, without a gate that looks at the public tables, gives cells away by their bound."""
        everyone = Truth(truth.name, truth.hosts, truth.public, truth.public)
        widths = [width for number in KEYS for width in self.widths(everyone, everyone.release(key_of(number)))]
        print(f"A15 twin {truth.name}: {sum(w < HISTORY_WIDTH for w in widths)} of {len(widths)} cells below 2")
        assert min(widths) < HISTORY_WIDTH

    def widths(self, truth, release):
        """How wide each shown cell is if public counts bound it from above."""
        knowledge = Knowledge()
        know_release(knowledge, release)
        for cell, _ in release.cells():
            knowledge.number(("", *cell), 0, truth.cells[cell])
        return [knowledge.width(("", *cell)) for cell, _ in release.cells()]

    @each_truth
    def test_no_release_says_anything_new_of_a_public_row(self, truth):
        """Our dimensions are among the public ones, one at a time: nothing becomes attributable by joining."""
        for number in KEYS:
            for table in truth.release(key_of(number)).tables:
                declared = next(t for t in PLAN.tables if t.id == table)
                assert declared.source_fact in PUBLIC_FACTS
                assert declared.crossed_with == ()

    @each_truth
    def test_a_table_of_needs_beside_the_public_rows_names_people(self, truth):
        """Twin: our own fact crossed with the public dimensions is attributable wherever a public row is one person."""
        public = Counter(person.row for person in truth.public)
        named = [person for person in truth.people if public[person.row] == 1 and person.need]
        print(f"A15 twin {truth.name}: {len(named)} of {truth.total} people would be told apart, with their need")
        assert len(named) >= 10
