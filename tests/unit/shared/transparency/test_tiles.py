"""Tiles: what is stored grows at its end only, has the paths of C2SP, and gives the tree's own nodes."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.transparency.tiles import TileDamagedError, bundle, grow, nodes, tile_path, tiles_of
from shared.transparency.tree import (
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root,
    verify_consistency,
    verify_inclusion,
)
from tests.unit.shared.transparency.test_tree import by_definition

MANY = [str(n).encode() for n in range(66_000)]
"""More than 65,536, so that a third level begins."""


def grown(store, size, leaves):
    """Append to a store of tiles; gives the new size."""
    changed = grow(size, [leaf_hash(one) for one in leaves], lambda level, index: store.get((level, index), b""))
    for tile, hashes in changed.items():
        # What was there is the beginning of what is there now.
        assert hashes.startswith(store.get(tile, b""))
    store.update(changed)
    return size + len(leaves)


def node_of(store):
    return nodes(lambda level, index: store.get((level, index), b""))


@settings(max_examples=30)
@given(st.lists(st.integers(0, 700), min_size=1, max_size=6), st.data())
def test_however_it_grew_the_root_is_the_one_of_its_entries(steps, data):
    """And every earlier root can still be given, from the same tiles."""
    store, size = {}, 0
    for step in steps:
        size = grown(store, size, MANY[size : size + step])
    earlier = data.draw(st.integers(0, size))
    assert root(earlier, node_of(store)) == by_definition(MANY[:earlier])
    assert {tile: len(hashes) // 32 for tile, hashes in store.items()} == {
        (level, index): width for level, index, width in tiles_of(size)
    }


def test_three_levels_of_tiles_prove_every_entry_and_every_growth():
    """One entry in 66,000 is proven with 17 hashes at most."""
    store, size, draw = {}, 0, random.Random(7)
    while size < len(MANY):
        size = grown(store, size, MANY[size : size + draw.randrange(1, 1500)])
    assert {level for level, _, _ in tiles_of(size)} == {0, 1, 2}
    node, top = node_of(store), root(size, node_of(store))
    for index in [0, 255, 256, 65_535, 65_536, size - 1, *draw.sample(range(size), 50)]:
        proof = inclusion_proof(index, size, node)
        assert len(proof) <= 17
        verify_inclusion(leaf_hash(MANY[index]), index, size, top, proof)
    for before in [1, 255, 256, 257, 65_536, size, *draw.sample(range(1, size), 50)]:
        verify_consistency(before, root(before, node), size, top, consistency_proof(before, size, node))


@pytest.mark.parametrize(
    ("level", "index", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (1, 67, 12, "tile/1/067.p/12"),
        (0, 1_000, 256, "tile/0/x001/000"),
        (0, 1_234_067, 255, "tile/0/x001/x234/067.p/255"),
        ("entries", 999, 256, "tile/entries/999"),
    ],
)
def test_paths_are_those_of_c2sp(level, index, width, path):
    """Three digits each, all but the last with an x."""
    assert tile_path(level, index, width) == path


def test_the_example_of_c2sp_has_its_tiles():
    """A log of 70,000 entries: 273 whole tiles and one of 112, one whole and one of 17, one of 1."""
    found = tiles_of(70_000)
    assert len(found) == 274 + 2 + 1
    assert [one for one in found if one[2] < 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert tiles_of(256) == [(0, 0, 256), (1, 0, 1)]
    assert tiles_of(0) == []


@pytest.mark.parametrize("spoil", [lambda held: held[:-32], lambda held: held + bytes(32), lambda held: b""])
def test_a_tile_that_is_too_short_or_too_long_grows_no_further(spoil):
    """Something was cut, or a log was put back beside tiles of another time."""
    store = {}
    size = grown(store, 0, MANY[:300])
    store[0, 1] = spoil(store[0, 1])
    with pytest.raises(TileDamagedError):
        grown(store, size, MANY[300:301])


def test_a_cut_tile_proves_nothing():
    """A missing hash is never taken for something else."""
    store = {}
    size = grown(store, 0, MANY[:300])
    store[0, 0] = store[0, 0][:64]
    with pytest.raises(TileDamagedError):
        inclusion_proof(0, size, node_of(store))


def test_entries_lie_behind_each_other_after_their_length():
    """Two bytes, the greater one first."""
    assert bundle([b"ab", b"", b"c" * 300]) == b"\0\2ab\0\0\1\x2c" + b"c" * 300
