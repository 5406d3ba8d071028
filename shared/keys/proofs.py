"""A host's proof that its vector is one that people could have made; it says nothing else about the vector.

Proven, over the commitments of each slot: the count x is a whole number from 0 to ``MAX_CELL``, the second block is
1 where x is above 0 and 0 where it is 0, the third is x squared, the linear checks hold, and share A is the vector less
the stream. So a vector that would make an impossible sum is known, with its host, before any sum is opened, and no
cohort is ever opened twice.

Method: x less its second block is written in bits with weights that reach ``MAX_CELL - 1`` and no further, each bit's
commitment is proven to hold 0 or 1 (Cramer, Damgard, Schoenmakers 1994), products by proofs of equal exponents (Chaum,
Pedersen 1992), all under one challenge that hashes task, period, host, report and every commitment (Fiat, Shamir 1986,
the strong form). Sound if logarithms in the group are hard, in the random oracle model; hides the vector
unconditionally up to the blindings' seed. Limit: numbers that are false but possible are proven like true ones.

Over 250 lines because the prover and the verifier are read side by side: each point and number that one writes, the
other reads in the same place.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from shared.contracts.vector import BLOCKS, MAX_CELL, Vector, VectorLayout
from shared.kernel.errors import PoisonMessageError
from shared.keys import group
from shared.keys.commitments import WRAP, Blindings, name_of
from shared.keys.group import ORDER, SECOND, NotInGroupError
from shared.keys.sharing import Share

WEIGHTS = (*(2**k for k in range((MAX_CELL - 1).bit_length() - 1)), MAX_CELL - 2 ** ((MAX_CELL - 1).bit_length() - 1))
"""Of the bits of a count less 1: they add up to ``MAX_CELL - 1``, and every number up to it is a sum of some."""

MAX_BYTES = 290_000
"""Of a proof: with its seal and padding it still fits a sealed field. It allows plans of up to about 119 slots."""

_DOMAIN = b"alongside/vector-proof/v1"
_BITS = len(WEIGHTS)


class ProofRefusedError(PoisonMessageError):
    """A proof does not show that its report could be true; which part of it fails is not said."""

    code = "proof-refused"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("The report's proof does not hold. The host must build the report again from its own records.")


@dataclass(frozen=True, kw_only=True)
class Proven:
    """What the custodian keeps of a proof.

    Attributes:
        cells: The commitment of each cell of the vector.
        share: The name of the commitments to share A (``commitments.name_of``), for comparing with the board.
    """

    cells: tuple[bytes, ...]
    share: str


@dataclass(frozen=True)
class _Opened:
    """A commitment with what its maker knows of it."""

    point: bytes
    value: int
    blinding: int


@dataclass(frozen=True)
class _Statement:
    """What is proven: commitments to bits, products (one number times one point gives another) and zeros."""

    bits: Sequence[bytes]
    products: Sequence[tuple[bytes, bytes, bytes]]
    zeros: Sequence[bytes]


def size(layout: VectorLayout) -> int:
    """Give the bytes of a proof: they depend on the plan alone."""
    bits = layout.width * (1 + _BITS) + layout.length
    scalars = 1 + 3 * bits + 6 * layout.width + len(layout.linear_checks)
    return group.BYTES * (bits + layout.width + scalars)


def prove(vector: Vector, stream: Share, blindings: Blindings, *, layout: VectorLayout, context: bytes) -> bytes:
    """Prove one vector; a vector that no people could have made gives a proof that does not hold.

    Args:
        vector: From the layout's ``build``.
        stream: The report's, from ``sharing.expand``.
        blindings: The report's.
        layout: Of the task's plan.
        context: From ``sharing.report_context``; the proof holds in this place only.
    """
    width = layout.width
    cells = [int(cell) for cell in vector]
    bits: list[_Opened] = []
    counts: list[_Opened] = []
    for slot in range(width):
        made = _slot_bits(cells[slot], cells[width + slot], blindings, slot, width)
        bits += made
        counts.append(_count_of(made, cells[slot], blindings.counts[slot]))
    bits += [
        _commit(int(int(drawn) > cell), blinding)
        for cell, drawn, blinding in zip(cells, stream, blindings.borrows, strict=True)
    ]
    squares = [_commit(cells[2 * width + slot], blindings.counts[2 * width + slot]) for slot in range(width)]
    seconds = [bits[slot * (1 + _BITS)] for slot in range(width)]
    # Each product: the number's own commitment, the point it multiplies, the result, and what is left of blindings.
    products = [
        (number, times.point, result.point, result.blinding - number.value * times.blinding)
        for count, second, square in zip(counts, seconds, squares, strict=True)
        for number, times, result in ((count, count, square), (second, count, count))
    ]
    zeros = [
        (sum(counts[cell].blinding for cell in plus) - counts[minus].blinding) % ORDER
        for plus, minus in layout.linear_checks
    ]
    return _answer(bits, squares, products, zeros, context=context)


def verify(proof: bytes, stream: Share, *, layout: VectorLayout, context: bytes) -> Proven:
    """Check a proof; about 0.15 s of one core for a year's plan.

    Raises:
        ProofRefusedError: It does not hold for this report, or is none.
    """
    if len(proof) != size(layout):
        raise ProofRefusedError
    try:
        commitments, scalars = _parts(proof, layout)
        statement, cells = _statement(commitments, layout)
        if _challenge_again(commitments, statement, scalars, context) != scalars[0]:
            raise ProofRefusedError
        return Proven(cells=cells, share=name_of(_share_commitments(cells, commitments, stream, layout), context))
    except NotInGroupError as error:
        raise ProofRefusedError from error


def cells_of(proof: bytes, layout: VectorLayout) -> tuple[bytes, ...]:
    """Give the commitments of a proof that was verified before."""
    return _statement(_parts(proof, layout)[0], layout)[1]


# --- the prover's side ---


def _commit(value: int, blinding: int) -> _Opened:
    return _Opened(group.commit(value, blinding), value, blinding)


def _slot_bits(count: int, second: int, blindings: Blindings, slot: int, width: int) -> list[_Opened]:
    """Commit to a slot's second block and to the bits of its count less that; together they open as the count."""
    values = _bits_of(count - second)
    drawn = [group.draw() for _ in WEIGHTS[1:]]
    taken = sum(weight * blinding for weight, blinding in zip(WEIGHTS[1:], drawn, strict=True))
    first = (blindings.counts[slot] - blindings.counts[width + slot] - taken) % ORDER
    made = [_commit(bit, blinding) for bit, blinding in zip(values, (first, *drawn), strict=True)]
    return [_commit(second, blindings.counts[width + slot]), *made]


def _bits_of(number: int) -> list[int]:
    """Write a number from 0 to the sum of all weights as bits; of any other number the bits are another number's."""
    last = int(number > sum(WEIGHTS[:-1]))
    rest = number - last * WEIGHTS[-1]
    return [*((rest >> k) & 1 for k in range(_BITS - 1)), last]


def _count_of(made: Sequence[_Opened], count: int, blinding: int) -> _Opened:
    return _Opened(_weighted([one.point for one in made]), count, blinding)


def _answer(
    bits: Sequence[_Opened],
    squares: Sequence[_Opened],
    products: Sequence[tuple[_Opened, bytes, bytes, int]],
    zeros: Sequence[int],
    *,
    context: bytes,
) -> bytes:
    """Announce, draw the challenge from everything, and answer it."""
    commitments = [one.point for one in (*bits, *squares)]
    # Of a bit, the branch that is false is simulated: its challenge and answer are drawn beforehand.
    simulated = [(group.draw(), group.draw(), group.draw()) for _ in bits]
    announced: list[bytes] = []
    for bit, (nonce, challenge, answer) in zip(bits, simulated, strict=True):
        false = group.add(
            _times_second(answer - challenge * bit.blinding), group.base_times(-challenge * (2 * bit.value - 1))
        )
        pair = [_times_second(nonce), false]
        announced += pair if bit.value == 0 else pair[::-1]
    nonces = [(group.draw(), group.draw(), group.draw()) for _ in products]
    for (_, factor, _, _), (of_value, of_blinding, of_rest) in zip(products, nonces, strict=True):
        announced += [
            group.commit(of_value, of_blinding),
            group.add(group.times(of_value, factor), _times_second(of_rest)),
        ]
    zero_nonces = [group.draw() for _ in zeros]
    announced += map(_times_second, zero_nonces)
    challenge = _challenge(context, commitments, announced)
    answers = [challenge]
    for bit, (nonce, drawn, answer) in zip(bits, simulated, strict=True):
        own = (challenge - drawn) % ORDER
        true = nonce + own * bit.blinding
        answers += [own, true, answer] if bit.value == 0 else [drawn, answer, true]
    for (number, _, _, rest), (of_value, of_blinding, of_rest) in zip(products, nonces, strict=True):
        answers += [
            of_value + challenge * number.value,
            of_blinding + challenge * number.blinding,
            of_rest + challenge * rest,
        ]
    answers += [nonce + challenge * blinding for nonce, blinding in zip(zero_nonces, zeros, strict=True)]
    return b"".join((*commitments, *map(group.scalar_to, answers)))


def _times_second(scalar: int) -> bytes:
    """Multiply the second generator."""
    return group.times(scalar, SECOND)


# --- the verifier's side ---


def _parts(proof: bytes, layout: VectorLayout) -> tuple[list[bytes], list[int]]:
    parts = [proof[start : start + group.BYTES] for start in range(0, len(proof), group.BYTES)]
    points = layout.width * (2 + _BITS) + layout.length
    return parts[:points], [group.scalar_from(part) for part in parts[points:]]


def _statement(commitments: Sequence[bytes], layout: VectorLayout) -> tuple[_Statement, tuple[bytes, ...]]:
    """Give what the commitments say, and the commitment of each cell."""
    width = layout.width
    bits, squares = commitments[:-width], commitments[-width:]
    slots = [bits[start : start + 1 + _BITS] for start in range(0, width * (1 + _BITS), 1 + _BITS)]
    counts, seconds = [_weighted(slot) for slot in slots], [slot[0] for slot in slots]
    products = [
        product
        for count, second, square in zip(counts, seconds, squares, strict=True)
        for product in ((count, count, square), (second, count, count))
    ]
    zeros = [
        group.less(group.add(*(counts[cell] for cell in plus)), counts[minus]) for plus, minus in layout.linear_checks
    ]
    return _Statement(bits, products, zeros), (*counts, *seconds, *squares)


def _weighted(slot: Sequence[bytes]) -> bytes:
    """Add up a slot's second block and its bits by weight: the commitment of its count."""
    second, *bits, last = slot
    total = group.IDENTITY
    for bit in reversed(bits):
        total = group.add(total, total, bit)
    return group.add(total, group.times(WEIGHTS[-1], last), second)


def _challenge_again(
    commitments: Sequence[bytes], statement: _Statement, scalars: Sequence[int], context: bytes
) -> int:
    """Compute the announcements from the answers, and the challenge from these."""
    challenge, *rest = scalars
    answers = iter(rest)
    announced = list(_announcements(statement, challenge, answers))
    return _challenge(context, commitments, announced)


def _announcements(statement: _Statement, challenge: int, answers: Iterator[int]) -> Iterator[bytes]:
    for point in statement.bits:
        of_zero, answer_zero, answer_one = next(answers), next(answers), next(answers)
        of_one = challenge - of_zero
        yield group.less(_times_second(answer_zero), group.times(of_zero, point))
        yield group.less(group.commit(of_one, answer_one), group.times(of_one, point))
    for number, factor, result in statement.products:
        of_value, of_blinding, of_rest = next(answers), next(answers), next(answers)
        yield group.less(group.commit(of_value, of_blinding), group.times(challenge, number))
        shown = group.add(group.times(of_value, factor), _times_second(of_rest))
        yield group.less(shown, group.times(challenge, result))
    for point in statement.zeros:
        yield group.less(_times_second(next(answers)), group.times(challenge, point))


def _challenge(context: bytes, commitments: Sequence[bytes], announced: Sequence[bytes]) -> int:
    return group.hash_to_scalar(_DOMAIN, context, SECOND, b"".join(commitments), b"".join(announced))


def _share_commitments(
    cells: Sequence[bytes], commitments: Sequence[bytes], stream: Share, layout: VectorLayout
) -> list[bytes]:
    """Give the commitments to share A: each cell's, less the stream, plus what a borrow adds."""
    borrows = commitments[-layout.width - BLOCKS * layout.width : -layout.width]
    return [
        group.add(cell, group.base_times(-int(drawn)), group.times(WRAP, borrow))
        for cell, drawn, borrow in zip(cells, stream, borrows, strict=True)
    ]
