"""The Merkle tree of a log: roots, and proofs that an entry is in it and that it only grew (RFC 9162, 2.1).

Promise: what is proven here is verified by whoever follows the RFC, and the reverse.
Shown by tests/unit/shared/transparency/test_tree.py, by the reference vectors of Certificate Transparency and by
another implementation.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence

from shared.kernel.errors import InvalidInputError, RuleViolationError

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
Node = Callable[[int, int], bytes]
"""Gives the hash of the complete subtree of ``2**level`` leaves with an index among those of its level."""


class OutsideTreeError(InvalidInputError):
    """A proof was asked for of an entry or a size that the tree does not have."""

    code = "outside-tree"

    def __init__(self, asked: int, size: int) -> None:
        """Say both."""
        super().__init__(f"The tree has {size} entries, so nothing can be proven of {asked}. Ask for less.")


class ProofRefusedError(RuleViolationError):
    """A proof does not fit: entry, root or size are not of one log, or something was altered."""

    code = "proof-refused"

    def __init__(self) -> None:
        """Say what may be wrong; hashes do not tell which."""
        super().__init__(
            "The proof does not fit. Entry, place, size and root are not of one log, or one of them was altered. "
            "Compare them with a copy that was kept elsewhere."
        )


def leaf_hash(content: bytes) -> bytes:
    """Hash an entry; the first byte keeps entries and nodes apart."""
    return hashlib.sha256(b"\0" + content).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two subtrees into the one above them."""
    return hashlib.sha256(b"\1" + left + right).digest()


def root(size: int, node: Node) -> bytes:
    """Give the root of the first ``size`` entries."""
    return _hash_of(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that an entry is in the tree of so many entries; from the entry's sibling upwards.

    Raises:
        OutsideTreeError: The tree has no such entry.
    """
    if not 0 <= index < size:
        raise OutsideTreeError(index, size)
    return _path(index, 0, size, node)


def consistency_proof(before: int, size: int, node: Node) -> list[bytes]:
    """Prove that the tree of ``size`` entries begins with the one of ``before`` entries.

    Raises:
        OutsideTreeError: There was no such tree; nothing needs a proof that begins with an empty one.
    """
    if not 0 < before <= size:
        raise OutsideTreeError(before, size)
    return _subproof(before, 0, size, node, whole=True)


def verify_inclusion(leaf: bytes, index: int, size: int, expected: bytes, proof: Sequence[bytes]) -> None:
    """Check that the entry with this leaf hash stands at ``index`` in the tree with this root (RFC 9162, 2.1.3.2).

    Raises:
        ProofRefusedError: It does not.
    """
    if not 0 <= index < size:
        raise ProofRefusedError
    found = leaf
    for one, is_left in _steps(index, size - 1, proof):
        found = node_hash(one, found) if is_left else node_hash(found, one)
    if found != expected:
        raise ProofRefusedError


def verify_consistency(before: int, first: bytes, size: int, second: bytes, proof: Sequence[bytes]) -> None:
    """Check that the tree with the second root begins with the one with the first (RFC 9162, 2.1.4.2).

    Raises:
        ProofRefusedError: It does not: the log was cut, changed or split.
    """
    if before in {0, size}:
        # Everything grew out of the empty tree and out of itself; neither needs a proof, and neither takes one.
        if proof or first != (second if before == size else EMPTY_ROOT):
            raise ProofRefusedError
        return
    # Where the smaller tree is complete, its root is the first node, and is not sent.
    path = [first, *proof] if before & (before - 1) == 0 else list(proof)
    if not 0 < before < size or not path:
        raise ProofRefusedError
    at, last = before - 1, size - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for one, is_left in _steps(at, last, path[1:]):
        old, new = (node_hash(one, old), node_hash(one, new)) if is_left else (old, node_hash(new, one))
    if old != first or new != second:
        raise ProofRefusedError


def _steps(at: int, last: int, proof: Sequence[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Give each hash of a proof with whether it stands left of what is known; a proof of another length is refused."""
    for one in proof:
        if last == 0:
            raise ProofRefusedError
        is_left = at & 1 == 1 or at == last
        yield one, is_left
        while is_left and at and not at & 1:
            at, last = at >> 1, last >> 1
        at, last = at >> 1, last >> 1
    if last:
        raise ProofRefusedError


def _hash_of(start: int, end: int, node: Node) -> bytes:
    count = end - start
    if count & (count - 1) == 0 and start % count == 0:
        level = count.bit_length() - 1
        return node(level, start >> level)
    middle = start + _half(count)
    return node_hash(_hash_of(start, middle, node), _hash_of(middle, end, node))


def _path(index: int, start: int, end: int, node: Node) -> list[bytes]:
    if end - start == 1:
        return []
    middle = start + _half(end - start)
    if index < middle:
        return [*_path(index, start, middle, node), _hash_of(middle, end, node)]
    return [*_path(index, middle, end, node), _hash_of(start, middle, node)]


def _subproof(before: int, start: int, end: int, node: Node, *, whole: bool) -> list[bytes]:
    if before == end - start:
        return [] if whole else [_hash_of(start, end, node)]
    half = _half(end - start)
    middle = start + half
    if before <= half:
        return [*_subproof(before, start, middle, node, whole=whole), _hash_of(middle, end, node)]
    return [*_subproof(before - half, middle, end, node, whole=False), _hash_of(start, middle, node)]


def _half(count: int) -> int:
    """Give the greatest power of two below a count of at least two."""
    return 1 << ((count - 1).bit_length() - 1)
