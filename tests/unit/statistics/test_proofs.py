"""A host's proof says that its vector could be true, and nothing else; a commitment binds every cell of a sum."""

import dataclasses
import secrets

import numpy as np
import pytest

from shared.contracts.vector import MAX_CELL, PEOPLE, VectorLayout
from shared.keys import commitments, group, proofs, sharing
from shared.keys.commitments import Blindings
from shared.keys.group import NotInGroupError
from shared.keys.proofs import ProofRefusedError
from shared.keys.sharing import WrongSeedError, WrongShareSizeError
from tests.kit.truth import LAYOUT as YEAR
from tests.kit.truth import PLAN as YEAR_PLAN

PLAN = dataclasses.replace(YEAR_PLAN, tables=YEAR_PLAN.tables[:2])
LAYOUT = VectorLayout.of(PLAN)
"""Gender and one kind of exploitation: five slots, so that a proof takes a quarter of a year's time."""
SEED, BLIND = bytes(range(32)), bytes(range(32, 64))


def context(host="alder", report="r1"):
    return sharing.report_context(task_hash="a" * 64, period="2026", host=host, report_id=report)


def counts(people, category=0, plan=PLAN):
    """Everybody in one category of each table."""
    return {table.id: {table.levels[0].categories[category].code: people} for table in plan.tables}


def proof_of(vector, *, layout=LAYOUT, blind=BLIND):
    stream = sharing.expand(SEED, context(), layout.length)
    blindings = Blindings.of(blind, context(), layout.length)
    made = proofs.prove(np.asarray(vector, dtype=np.uint32), stream, blindings, layout=layout, context=context())
    return made, stream, blindings


def verified(made, stream, place=None):
    return proofs.verify(made, stream, layout=LAYOUT, context=place or context())


class TestTrueVectors:
    def check(self, layout, vector):
        made, stream, blindings = proof_of(vector, layout=layout)
        proven = proofs.verify(made, stream, layout=layout, context=context())
        assert len(made) == proofs.size(layout)
        share = sharing.split(vector, SEED, context())
        assert proven.share == commitments.name_of(commitments.commit_share(share, blindings), context())
        assert commitments.is_sum_of(vector, blindings.counts, proven.cells)
        assert proofs.cells_of(made, layout) == proven.cells

    @pytest.mark.parametrize("people", [0, 1, 2, 4_095, 4_096, 4_599, MAX_CELL])
    def test_every_vector_that_the_builder_makes_is_proven(self, people):
        """From nobody to the most that a host can have, at the ends of each bit's range: proven, one size, and bound."""
        self.check(LAYOUT, LAYOUT.build(counts(people, -1), people))

    def test_a_year_is_proven_with_its_merged_categories(self):
        """Three levels of regions, each the sum of the one before; 48,448 bytes."""
        self.check(YEAR, YEAR.build(counts(23, -1, YEAR_PLAN), 23))
        assert proofs.size(YEAR) == 48_448

    def test_weights_reach_every_count_and_no_further(self):
        """The greatest sum of bits is MAX_CELL - 1; with the second block's 1 it is MAX_CELL, which a host may count."""
        assert sum(proofs.WEIGHTS) + 1 == MAX_CELL == 4_600
        reached = {0}
        for weight in proofs.WEIGHTS:
            reached |= {weight + one for one in reached}
        assert reached == set(range(MAX_CELL))

    def test_a_plan_without_tables_has_a_proof(self):
        """A quarter counts one number."""
        layout = VectorLayout(slots=(PEOPLE,), level_one={}, merged={})
        vector = layout.build({}, 37)
        stream, blindings = sharing.expand(SEED, context(), 3), Blindings.of(BLIND, context(), 3)
        made = proofs.prove(vector, stream, blindings, layout=layout, context=context())
        assert commitments.is_sum_of(
            vector, blindings.counts, proofs.verify(made, stream, layout=layout, context=context()).cells
        )

    def test_two_proofs_of_one_vector_share_no_bits(self):
        """Drawn anew each time, so that equal counts of two hosts or periods cannot be seen to be equal."""
        vector = LAYOUT.build(counts(3), 3)
        one, _, _ = proof_of(vector)
        other, _, _ = proof_of(vector, blind=secrets.token_bytes(32))
        parts = [{made[n : n + 32] for n in range(0, len(made), 32)} for made in (one, other)]
        assert not parts[0] & parts[1]

    def test_the_stream_near_a_count_makes_no_difference(self):
        """Whether share A wraps around is proven as a bit too: a stream below the count is proven like another."""
        vector = LAYOUT.build(counts(9), 9)
        for drawn in (0, 8, 9, 10, 2**32 - 1):
            stream = np.full(LAYOUT.length, drawn, dtype=np.uint32)
            blindings = Blindings.of(BLIND, context(), LAYOUT.length)
            made = proofs.prove(vector, stream, blindings, layout=LAYOUT, context=context())
            share = vector - stream
            name = commitments.name_of(commitments.commit_share(share, blindings), context())
            assert verified(made, stream).share == name


def lies():
    """Vectors that no people could have made, each with what is wrong with it."""
    honest = LAYOUT.build(counts(5), 5).astype(np.int64)
    width = LAYOUT.width

    def changed(**cells):
        made = honest.copy()
        for name, value in cells.items():
            block, slot = name.split("_")
            made[{"x": 0, "p": 1, "q": 2}[block] * width + int(slot)] = value
        return made % 2**32

    first, second = LAYOUT.slots[1], LAYOUT.slots[2]
    assert first.table == second.table == "GENDER"
    yield "minus-one-and-seven", changed(x_1=-1, x_2=6, q_1=1, q_2=36, p_2=1)
    yield "two-hosts-in-one", changed(p_1=2)
    yield "a-host-where-nobody-is", changed(p_2=1)
    yield "no-host-where-people-are", changed(p_1=0)
    yield "fifty-seven-squares", changed(q_1=57)
    yield "squares-less-one", changed(q_0=24)
    yield "a-level-that-does-not-add-up", changed(x_2=1, p_2=1, q_2=1)
    yield "people-who-are-nowhere", changed(x_0=6, q_0=36)
    big = LAYOUT.build(counts(4_600), 4_600).astype(np.int64)
    over = np.where(big[:width] > 0, 4_601, 0)
    yield "one-more-than-a-host-can-have", np.concatenate((over, over > 0, over * over))
    yield "the-modulus-less-three", np.concatenate((honest[:width] - 3, honest[width:])) % 2**32
    yield "noise", np.frombuffer(bytes(range(1, 61)), dtype="<u4")


class TestLies:
    @pytest.mark.parametrize("lie", [pytest.param(vector, id=name) for name, vector in lies()])
    def test_a_vector_that_no_people_make_has_no_proof(self, lie):
        """Negative counts, false hosts, false squares, tables that do not add up, too many people: none is proven."""
        made, stream, blindings = proof_of(lie)
        try:
            proven = verified(made, stream)
        except ProofRefusedError:
            return
        # A proof of another vector than the one that was shared: then the two servers' names of share A differ.
        share = sharing.split(np.asarray(lie, dtype=np.uint32), SEED, context())
        assert proven.share != commitments.name_of(commitments.commit_share(share, blindings), context())

    def test_the_linear_check_alone_lets_most_of_them_through(self):
        """Twin: without the proof, five of these pass every check that is made for one host."""
        passed = {name for name, vector in lies() if not LAYOUT.checks(np.asarray(vector, dtype=np.uint32)).any()}
        assert {"two-hosts-in-one", "fifty-seven-squares", "squares-less-one"} <= passed
        assert len(passed) >= 5

    def test_no_byte_of_a_proof_may_change(self):
        """A bit flipped in any commitment, in the challenge or in any kind of answer: refused."""
        made, stream, _ = proof_of(LAYOUT.build(counts(5), 5))
        points = 32 * (LAYOUT.width * 15 + LAYOUT.length)
        places = (0, 33, points - 1, points, points + 32, points + 64, points + 96, len(made) - 99, len(made) - 1)
        for place in places:
            broken = bytearray(made)
            broken[place] ^= 1
            with pytest.raises(ProofRefusedError):
                verified(bytes(broken), stream)

    @pytest.mark.parametrize("point", [bytes(32), b"\xff" * 32, group.IDENTITY, (2**255 - 20).to_bytes(32, "little")])
    def test_points_outside_the_group_are_refused(self, point):
        """Points of small order, that are not on the curve, or in a second form: no proof is made of them."""
        made, stream, _ = proof_of(LAYOUT.build(counts(5), 5))
        with pytest.raises(ProofRefusedError):
            verified(point + made[32:], stream)

    def test_a_proof_holds_in_its_place_only(self):
        """Another host's, task's or report's proof is none, though its bytes are all true."""
        made, stream, _ = proof_of(LAYOUT.build(counts(5), 5))
        for place in (context(host="birch"), context(report="r2")):
            with pytest.raises(ProofRefusedError):
                verified(made, stream, place)

    def test_a_proof_has_one_size(self):
        """Shorter or longer is no proof."""
        for length in (0, 1, 32, proofs.size(LAYOUT) - 1, proofs.size(LAYOUT) + 1):
            with pytest.raises(ProofRefusedError):
                verified(bytes(length), sharing.expand(SEED, context(), LAYOUT.length))


class TestSums:
    def reports(self, people=(0, 3, 8, 40, 1)):
        rows, blindings, total = [], [], np.zeros(YEAR.length, dtype=np.uint32)
        for number, count in enumerate(people):
            place = context(host=f"host{number}")
            vector = YEAR.build(counts(count, number % 2, YEAR_PLAN), count)
            blindings.append(Blindings.of(secrets.token_bytes(32), place, YEAR.length))
            rows.append(tuple(map(group.commit, map(int, vector), blindings[-1].counts)))
            total += vector
        return total, commitments.add_blindings(blindings, YEAR.length), group.add_rows(rows, YEAR.length)

    def test_a_shift_of_one_in_any_cell_is_caught(self):
        """Of the 60 cells of a year, up or down: no other sum opens the cohort's commitments."""
        total, blindings, row = self.reports()
        assert commitments.is_sum_of(total, blindings, row)
        for cell in range(YEAR.length):
            for shift in (1, 2**32 - 1):
                shifted = total.copy()
                shifted[cell : cell + 1] += np.uint32(shift)
                assert not commitments.is_sum_of(shifted, blindings, row)

    def test_a_sum_in_the_clear_takes_any_shift(self):
        """Twin: shares added up and sent say nothing of what was left out or put in."""
        total, _, _ = self.reports()
        shifted = total + np.uint32(10)
        assert YEAR.read(shifted).people == YEAR.read(total).people + 10

    def test_over_other_hosts_it_opens_nothing(self):
        """A sum without one of the hosts does not open the commitments of all."""
        total, _blindings, row = self.reports()
        fewer, fewer_blindings, _ = self.reports((0, 3, 8, 40))
        assert not commitments.is_sum_of(fewer, fewer_blindings, row)
        assert not commitments.is_sum_of(total, fewer_blindings, row)

    def test_blindings_as_bytes(self):
        """They come back as they went; other sizes and numbers beyond the order are refused."""
        _, blindings, _ = self.reports()
        content = commitments.blindings_to(blindings)
        assert commitments.blindings_from(content, YEAR.length) == blindings
        with pytest.raises(WrongShareSizeError):
            commitments.blindings_from(content[:-1], YEAR.length)
        with pytest.raises(NotInGroupError):
            commitments.blindings_from(b"\xff" * len(content), YEAR.length)

    @pytest.mark.parametrize("length", [0, 31, 33])
    def test_a_seed_of_blindings_has_32_bytes(self, length):
        """As the other seed does."""
        with pytest.raises(WrongSeedError):
            Blindings.of(bytes(length), context(), 3)


class TestGroup:
    def test_the_second_generator_is_made_from_its_name(self):
        """Nobody chose it: SHA-512 of the name, mapped to the curve; the same in every build, or no two agree."""
        assert group.point_of("alongside/commitment/v1/second-generator") == group.SECOND
        assert group.SECOND.hex() == "705b954cf7f5b3761fcd8833d78995fbfc14624eca2d81f003e3f6130c72bc14"
        assert group.SECOND not in {group.base_times(n) for n in range(1, 200)}
        assert group.times(group.ORDER - 1, group.SECOND) == group.less(group.IDENTITY, group.SECOND)

    def test_scalars_and_points_follow_the_rules_of_a_group(self):
        """Sums of multiples are multiples of sums; nothing times a point is the identity."""
        one, other = group.draw(), group.draw()
        both = group.add(group.times(one, group.SECOND), group.times(other, group.SECOND))
        assert both == group.times(one + other, group.SECOND)
        assert group.add(group.base_times(one), group.base_times(-one)) == group.IDENTITY == group.times(0, both)
        assert group.times(5, group.IDENTITY) == group.IDENTITY

    @pytest.mark.parametrize("point", [bytes(32), b"\xff" * 32, b"", bytes(31)])
    def test_other_bytes_are_no_points(self, point):
        """Named as such, whatever libsodium says of them."""
        with pytest.raises(NotInGroupError):
            group.times(2, point)
