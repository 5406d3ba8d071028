"""The tree as tiles: 256 consecutive hashes each, which are written once and served as they are (C2SP tlog-tiles).

A tile of level 0 holds leaf hashes; each hash of a tile above is the root of a whole tile below. A tile that is not
whole yet grows at its end only, so one that was read for an earlier size is the beginning of the same tile today.
Shown by tests/unit/shared/transparency/test_tiles.py.
"""

from collections.abc import Callable, Iterable

from shared.kernel.errors import PoisonMessageError
from shared.transparency.tree import HASH_BYTES, Node, node_hash

WIDTH = 256
HEIGHT = 8
MOST_ENTRY_BYTES = 65_535
_GROUP = 3
"""Digits of an index that make a folder."""
Tile = tuple[int, int]
"""Level and index."""
Load = Callable[[int, int], bytes]
"""Gives the hashes that a tile of that level and index holds so far, one after the other."""


class TileDamagedError(PoisonMessageError):
    """A tile does not hold what a tree of this size must have there; something was cut or altered."""

    code = "tile-damaged"

    def __init__(self, level: int, index: int) -> None:
        """Say which."""
        super().__init__(
            f"Tile {index} of level {level} of the audit log does not hold what a log of this size must have there. "
            "It was cut or altered. Compare the log with a copy that was kept elsewhere: alongside audit verify."
        )


def grow(size: int, leaves: Iterable[bytes], load: Load) -> dict[Tile, bytes]:
    """Append leaf hashes to a tree of ``size`` entries.

    Returns:
        The tiles that changed, with all their hashes.

    Raises:
        TileDamagedError: A tile that grows does not hold what it must.
    """
    changed: dict[Tile, bytearray] = {}
    for n, leaf in enumerate(leaves, start=size):
        level, index, one = 0, n, leaf
        while True:
            tile = (level, index // WIDTH)
            if tile not in changed:
                changed[tile] = _begun(tile, index % WIDTH, load)
            hashes = changed[tile]
            hashes += one
            if len(hashes) < WIDTH * HASH_BYTES:
                break
            level, index, one = level + 1, index // WIDTH, top(hashes)
    return {tile: bytes(hashes) for tile, hashes in changed.items()}


def nodes(load: Load) -> Node:
    """Read the tree's nodes out of tiles, each tile once; for the proofs of ``tree``.

    Raises:
        TileDamagedError: From the node's own call: a tile holds less than it must.
    """
    read: dict[Tile, bytes] = {}

    def node(level: int, index: int) -> bytes:
        tile_level, above = divmod(level, HEIGHT)
        first = index << above
        tile = (tile_level, first // WIDTH)
        if tile not in read:
            read[tile] = load(*tile)
        begin = first % WIDTH * HASH_BYTES
        found = read[tile][begin : begin + (HASH_BYTES << above)]
        if len(found) != HASH_BYTES << above:
            raise TileDamagedError(*tile)
        return top(found)

    return node


def tiles_of(size: int) -> list[tuple[int, int, int]]:
    """Give level, index and width of every tile of a tree of so many entries."""
    found, level, wide = [], 0, size
    while wide:
        whole, rest = divmod(wide, WIDTH)
        found += [(level, index, WIDTH) for index in range(whole)]
        if rest:
            found.append((level, whole, rest))
        level, wide = level + 1, whole
    return found


def tile_path(level: int | str, index: int, width: int = WIDTH) -> str:
    """Give where a tile stands, such as ``tile/0/x001/067.p/12``; the level ``entries`` is the entries' own."""
    digits = str(index).zfill(-(-len(str(index)) // _GROUP) * _GROUP)
    groups = [digits[at : at + _GROUP] for at in range(0, len(digits), _GROUP)]
    partial = "" if width == WIDTH else f".p/{width}"
    return f"tile/{level}/{'/'.join(['x' + group for group in groups[:-1]] + groups[-1:])}{partial}"


def bundle(entries: Iterable[bytes]) -> bytes:
    """Put a tile's entries one behind the other, each after its length of two bytes."""
    return b"".join(len(one).to_bytes(2, "big") + one for one in entries)


def top(hashes: bytes | bytearray) -> bytes:
    """Give the root of a complete subtree by the hashes at its foot, as many as a power of two."""
    level = [bytes(hashes[at : at + HASH_BYTES]) for at in range(0, len(hashes), HASH_BYTES)]
    while len(level) > 1:
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level), 2)]
    return level[0]


def _begun(tile: Tile, width: int, load: Load) -> bytearray:
    hashes = load(*tile) if width else b""
    if len(hashes) != width * HASH_BYTES:
        raise TileDamagedError(*tile)
    return bytearray(hashes)
