"""Stand-ins for a report's proof in tests that send thousands of reports and try no false one.

They keep what binds a sum to its shares, every commitment and name, and leave out what shows that a vector could be
true, which is nearly all of the work (0.27 s of 0.29 s a report). Whoever tests false vectors asks for the real ones.
"""

from shared.keys import group, proofs
from shared.keys.commitments import WRAP, name_of

_REAL = {name: getattr(proofs, name) for name in ("prove", "verify", "cells_of", "size")}


def size(layout):
    return 2 * group.BYTES * layout.length


def prove(vector, stream, blindings, *, layout, context):
    del layout, context
    cells = map(group.commit, map(int, vector), blindings.counts)
    borrows = (
        group.commit(int(int(drawn) > int(cell)), blinding)
        for cell, drawn, blinding in zip(vector, stream, blindings.borrows, strict=True)
    )
    return b"".join((*cells, *borrows))


def verify(proof, stream, *, layout, context):
    if len(proof) != size(layout):
        raise proofs.ProofRefusedError
    points = [proof[start : start + group.BYTES] for start in range(0, len(proof), group.BYTES)]
    cells, borrows = points[: layout.length], points[layout.length :]
    shares = (
        group.add(cell, group.base_times(-int(drawn)), group.times(WRAP, borrow))
        for cell, drawn, borrow in zip(cells, stream, borrows, strict=True)
    )
    return proofs.Proven(cells=tuple(cells), share=name_of(shares, context))


def cells_of(proof, layout):
    points = [proof[start : start + group.BYTES] for start in range(0, len(proof), group.BYTES)]
    return tuple(points[: layout.length])


_CHEAP = {"prove": prove, "verify": verify, "cells_of": cells_of, "size": size}


def use(*, real):
    """Let the product prove and verify in earnest, or cheaply."""
    for name, function in (_REAL if real else _CHEAP).items():
        setattr(proofs, name, function)
