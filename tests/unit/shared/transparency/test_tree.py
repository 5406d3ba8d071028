"""The tree against the reference vectors of Certificate Transparency and against the RFC's own definitions, word by word."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.transparency.tree import (
    EMPTY_ROOT,
    OutsideTreeError,
    ProofRefusedError,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root,
    verify_consistency,
    verify_inclusion,
)

CT_LEAVES = [
    bytes.fromhex(one)
    for one in ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
]
CT_ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
A = "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
B = "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
C = "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4"
D = "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
E = "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
CT_PATHS = [
    (0, 1, []), (0, 8, [A, B, C]), (5, 8, [D, E, CT_ROOTS[4]]), (2, 3, [CT_ROOTS[2]]), (1, 5, [CT_ROOTS[1], B, D]),
]  # fmt: skip
CT_GROWTH = [
    (1, 1, []), (1, 8, [A, B, C]), (2, 5, [B, D]),
    (6, 8, ["0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a", E, CT_ROOTS[4]]),
]  # fmt: skip


def nodes_of(leaves):
    """The nodes of a tree straight from its leaves, with no tile between."""
    return lambda level, index: by_definition(leaves[index << level : (index + 1) << level])


def by_definition(leaves):
    """MTH of RFC 9162, 2.1.1, as it stands there."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = max(2**power for power in range(20) if 2**power < len(leaves))
    return hashlib.sha256(b"\x01" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


class TestReferenceVectors:
    @pytest.mark.parametrize("size", range(9))
    def test_roots(self, size):
        """Of the empty tree to the one of eight."""
        assert root(size, nodes_of(CT_LEAVES)).hex() == by_definition(CT_LEAVES[:size]).hex() == CT_ROOTS[size]

    @pytest.mark.parametrize(("index", "size", "path"), CT_PATHS)
    def test_inclusion(self, index, size, path):
        """The proofs are those of the reference, and they verify."""
        proof = inclusion_proof(index, size, nodes_of(CT_LEAVES))
        assert [one.hex() for one in proof] == path
        verify_inclusion(leaf_hash(CT_LEAVES[index]), index, size, bytes.fromhex(CT_ROOTS[size]), proof)

    @pytest.mark.parametrize(("before", "size", "path"), CT_GROWTH)
    def test_consistency(self, before, size, path):
        """Likewise that a tree grew."""
        proof = consistency_proof(before, size, nodes_of(CT_LEAVES))
        assert [one.hex() for one in proof] == path
        verify_consistency(before, bytes.fromhex(CT_ROOTS[before]), size, bytes.fromhex(CT_ROOTS[size]), proof)


LEAVES = st.lists(st.binary(max_size=4), min_size=1, max_size=70)


class TestAnyTree:
    @given(LEAVES, st.data())
    def test_each_entry_is_proven_at_its_own_place_only(self, leaves, data):
        """Not at another one, not in another tree, not another entry."""
        index = data.draw(st.integers(0, len(leaves) - 1))
        node, size = nodes_of(leaves), len(leaves)
        proof, top, leaf = inclusion_proof(index, size, node), root(size, node), leaf_hash(leaves[index])
        assert top == by_definition(leaves)
        verify_inclusion(leaf, index, size, top, proof)
        spoilt = [
            (leaf_hash(leaves[index] + b"!"), index, size, top, proof),
            (leaf, index, size, bytes(32), proof),
            (leaf, index, size, top, [*proof, top]),
            (leaf, size, size, top, proof),
            (leaf, -1, size, top, proof),
        ]
        if proof:
            spoilt += [(leaf, index, size, top, proof[:-1]), (leaf, index, size, top, [proof[0][::-1], *proof[1:]])]
        for one in spoilt:
            with pytest.raises(ProofRefusedError):
                verify_inclusion(*one)

    @given(LEAVES, st.data())
    def test_a_tree_that_grew_is_told_from_one_that_was_changed(self, leaves, data):
        """Whatever entry of the smaller tree became another one, no proof fits."""
        before = data.draw(st.integers(1, len(leaves)))
        node, size = nodes_of(leaves), len(leaves)
        first, second, proof = root(before, node), root(size, node), consistency_proof(before, size, node)
        verify_consistency(before, first, size, second, proof)
        changed = data.draw(st.integers(0, before - 1))
        forked = [*leaves[:changed], leaves[changed] + b"!", *leaves[changed + 1 :]]
        other = nodes_of(forked)
        for spoilt in (
            (before, first, size, root(size, other), consistency_proof(before, size, other)),
            (before, first, size, root(size, other), proof),
            (before, root(before, other), size, second, proof),
            (before, first, size, second, [*proof, second]),
            (size + 1, second, size, second, proof),
        ):
            with pytest.raises(ProofRefusedError):
                verify_consistency(*spoilt)

    def test_everything_grew_out_of_the_empty_tree_and_out_of_itself(self):
        """These two need no proof, and take none; the empty tree has one root."""
        node = nodes_of(CT_LEAVES)
        verify_consistency(0, EMPTY_ROOT, 8, root(8, node), [])
        verify_consistency(8, root(8, node), 8, root(8, node), [])
        for spoilt in (
            (0, bytes(32), 8, root(8, node), []),
            (0, EMPTY_ROOT, 8, root(8, node), [EMPTY_ROOT]),
            (8, root(8, node), 8, bytes(32), []),
            (3, root(3, node), 8, root(8, node), []),
        ):
            with pytest.raises(ProofRefusedError):
                verify_consistency(*spoilt)

    @pytest.mark.parametrize(("index", "size"), [(0, 0), (8, 8), (-1, 8)])
    def test_of_what_is_not_there_nothing_is_proven(self, index, size):
        """Nor that something grew out of a greater tree or of none."""
        with pytest.raises(OutsideTreeError):
            inclusion_proof(index, size, nodes_of(CT_LEAVES))
        for before in (0, 9):
            with pytest.raises(OutsideTreeError):
                consistency_proof(before, 8, nodes_of(CT_LEAVES))

    def test_a_small_tree_is_not_taken_for_a_great_one(self):
        """The root of one entry is no root of eight, though it is the entry's own hash; nor are two a log of four."""
        only = leaf_hash(CT_LEAVES[0])
        with pytest.raises(ProofRefusedError):
            verify_inclusion(only, 0, 8, only, [])
        two = root(2, nodes_of(CT_LEAVES))
        with pytest.raises(ProofRefusedError):
            verify_inclusion(only, 0, 4, two, inclusion_proof(0, 2, nodes_of(CT_LEAVES)))

    def test_an_entry_is_never_taken_for_a_node(self):
        """Two hashes in one entry do not make the entry the subtree of those two."""
        left, right = leaf_hash(b"a"), leaf_hash(b"b")
        assert leaf_hash(left + right) != node_hash(left, right)
