"""A witness, over random histories: what it cosigned is one history, as the RFC's own definition of the tree has it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.transparency.log_key import LogKey
from shared.transparency.notes import Checkpoint, VerifierKey
from shared.transparency.tree import consistency_proof, leaf_hash
from shared.transparency.witness import (
    AHEAD,
    ALARMS,
    BACK_DATED,
    BAD_SIGNATURE,
    CONFLICT,
    COSIGNED,
    FORKED,
    KEY_REPLACED,
    MOST_HASHES,
    OUTCOMES,
    STALE,
    WENT_BACK,
    Offer,
    Seen,
    cosignature_line,
    cosigned_message,
    judge,
    witness_key,
)
from tests.unit.shared.transparency.test_tree import by_definition, nodes_of

ORIGIN = "alongside/alder/audit"
KEY, OTHER = LogKey.draw(), LogKey.draw()
PUBLIC = KEY.public(ORIGIN)
T0 = datetime(2026, 8, 1, 3, tzinfo=UTC)


def offer(leaves, before, at, *, key=KEY, proof=None):
    """A checkpoint of these leaves, with an honest proof where there is one."""
    checkpoint = Checkpoint(origin=ORIGIN, size=len(leaves), root=by_definition(leaves), at=at)
    if proof is None:
        proof = consistency_proof(before, len(leaves), nodes_of(leaves)) if 0 < before <= len(leaves) else []
    return Offer(note=key.sign(checkpoint), keys=key.public(ORIGIN), before=before, proof=proof)


def seen(leaves, at=T0):
    return Seen(size=len(leaves), root=by_definition(leaves), at=at, keys=PUBLIC)


def said(given_offer, known, *, now=T0 + timedelta(days=2), roots=None):
    return judge(given_offer, known, now=now, root_of=(roots or {}).get)[0]


LEAVES = [bytes([n]) for n in range(12)]
LATER = T0 + timedelta(days=1)


class TestEachRule:
    def test_what_goes_on_is_cosigned(self):
        """From nothing, from what was seen, and the same once more."""
        assert said(offer(LEAVES[:4], 0, T0), None) == COSIGNED
        assert said(offer(LEAVES, 4, LATER), seen(LEAVES[:4])) == COSIGNED
        assert said(offer(LEAVES, 4, LATER), seen(LEAVES), roots={12: by_definition(LEAVES)}) == COSIGNED

    @pytest.mark.parametrize(
        ("given_offer", "known", "roots", "expected"),
        [
            (offer(LEAVES, 4, LATER, key=OTHER), seen(LEAVES[:4]), {}, KEY_REPLACED),
            (Offer(note=offer(LEAVES, 0, T0, key=OTHER).note, keys=PUBLIC, before=0, proof=[]), None, {}, BAD_SIGNATURE),
            (offer(LEAVES, 0, T0 + timedelta(days=9)), None, {}, AHEAD),
            (offer(LEAVES[:4], 4, LATER), seen(LEAVES[:8]), {}, WENT_BACK),
            (offer([], 0, T0), None, {}, WENT_BACK),
            (offer(LEAVES[:4], 0, T0), seen(LEAVES[:8], LATER), {}, STALE),
            (offer([b"x"] * 4, 0, T0), seen(LEAVES[:8], LATER), {4: by_definition(LEAVES[:4])}, FORKED),
            (offer([b"x"] * 8, 8, LATER), seen(LEAVES[:8]), {8: by_definition(LEAVES[:8])}, FORKED),
            (offer(LEAVES, 8, T0), seen(LEAVES[:8], LATER), {}, BACK_DATED),
            (offer(LEAVES, 4, LATER), seen(LEAVES[:8]), {}, CONFLICT),
            (offer(LEAVES, 4, LATER), None, {}, CONFLICT),
            (offer([b"x", *LEAVES[1:]], 8, LATER), seen(LEAVES[:8]), {}, FORKED),
            (offer(LEAVES, 0, T0, proof=[bytes(32)]), None, {}, FORKED),
            (offer(LEAVES, 8, LATER, proof=[bytes(32)] * (MOST_HASHES + 1)), seen(LEAVES[:8]), {}, FORKED),
        ],
    )  # fmt: skip
    def test_everything_else_is_refused_by_name(self, given_offer, known, roots, expected):
        """And what somebody must look into is an alarm."""
        assert said(given_offer, known, roots=roots) == expected
        assert (expected in ALARMS) == (expected not in (CONFLICT, STALE))
        assert expected in OUTCOMES


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_over_random_histories_what_is_cosigned_is_one_history(data):
    """Of each two the earlier is the beginning of the later, whatever a host rewrites, cuts or dates back.

    And an honest next day is always cosigned.
    """
    real, known, roots, kept, at = [], None, {}, [], T0
    for _ in range(data.draw(st.integers(1, 6))):
        act = data.draw(st.sampled_from(["grow", "grow", "rewrite", "cut", "back"]))
        leaves = list(real)
        if act in ("grow", "back"):
            leaves += data.draw(st.lists(st.binary(max_size=2), min_size=1, max_size=5))
        elif leaves:
            place = data.draw(st.integers(0, len(leaves) - 1))
            leaves = leaves[:place] if act == "cut" else [*leaves[:place], b"rewritten", *leaves[place + 1 :], b"more"]
        at_now = at - timedelta(hours=1) if act == "back" else at + timedelta(days=1)
        before = known.size if known is not None else 0
        outcome = said(offer(leaves, before, at_now), known, now=at + timedelta(days=2), roots=roots)
        if act == "grow":
            assert outcome == COSIGNED
        if outcome == COSIGNED:
            assert leaves[: len(real)] == real or act == "grow"
            real, at = leaves, at_now
            known, roots = seen(leaves, at), {**roots, len(leaves): by_definition(leaves)}
            kept.append(leaves)
    for earlier, later in pairwise(kept):
        assert by_definition(later[: len(earlier)]) == by_definition(earlier)


def test_a_cosignature_is_what_c2sp_says():
    """cosignature/v1: a key of kind 4, eight bytes of time, and Ed25519 over time and checkpoint."""
    secret = Ed25519PrivateKey.generate()
    key = witness_key("board", secret.public_key().public_bytes_raw().hex())
    assert (key.name, key.kind, VerifierKey.parse(key.line)) == ("alongside/board/witness", 4, key)
    message = cosigned_message(ORIGIN, 4096, leaf_hash(b""), T0)
    assert message.startswith(b"cosignature/v1\ntime 1785553200\nalongside/alder/audit\n4096\n")
    line = cosignature_line(key, T0, secret.sign(message).hex())
    assert line.startswith("— alongside/board/witness ")
    with pytest.raises(InvalidSignature):
        secret.public_key().verify(secret.sign(message), message[:-2])
