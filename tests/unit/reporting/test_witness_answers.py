"""What comes as a witness's answer is believed by its own signatures alone."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from services.reporting.witnesses.facts import AnswerRefusedError, bring_back
from shared.contracts.witness import CheckpointAnswered, CheckpointJudged
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.keys.messages import sign_message
from shared.keys.signing import SignatureRefusedError, SigningKey
from shared.transparency.witness import COSIGNED, FORKED, STALE, cosigned_message

BOARD, CUSTODIAN, HOST = (SigningKey(secret=bytes([n]) * 32) for n in (1, 2, 3))
TRUST = SimpleNamespace(own=HOST, board=BOARD.public, custodian=CUSTODIAN.public)
AT = datetime(2026, 8, 1, 3, tzinfo=UTC)
ROOT = "ab" * 32


def answer(witness, **values):
    """What the board brings, of itself or of the custodian."""
    key = {"board": BOARD, "custodian": CUSTODIAN}[witness]
    cosignature = key.sign(cosigned_message("alongside/alder/audit", 4096, bytes.fromhex(ROOT), AT))
    said = {
        "offer_id": new_id(), "host": "alder", "size": 4096, "root": ROOT, "outcome": COSIGNED, "known": 0,
        "seen_at": AT, "cosignature": cosignature, **values,
    }  # fmt: skip
    judged = sign_message(CheckpointJudged(**said), CUSTODIAN).message_signature if witness == "custodian" else None
    return CheckpointAnswered(**said, witness=witness, judged_signature=judged)


def brought(answered, key=BOARD):
    """What audit is told of it."""
    told = []
    work = SimpleNamespace(tenant_id="alder", record=lambda event, **_: told.append(event))
    received = Received(
        event=sign_message(answered, key), event_id=new_event_id(), sequence=1, stream_n=1, recorded_at=AT, sender="board"
    )  # fmt: skip
    bring_back(received, work, trust=TRUST)
    return told[0]


@pytest.mark.parametrize("witness", ["board", "custodian"])
def test_what_a_witness_says_is_brought_with_the_key_that_it_fits(witness):
    """So audit keeps whose it is."""
    told = brought(answer(witness))
    assert (told.witness, told.outcome) == (witness, COSIGNED)
    assert told.witness_key == {"board": BOARD, "custodian": CUSTODIAN}[witness].public
    assert brought(answer(witness, outcome=STALE, cosignature=None)).cosignature is None


@pytest.mark.parametrize(
    "forged",
    [
        replace(answer("custodian"), size=8192),
        replace(answer("custodian"), outcome=FORKED, cosignature=None),
        replace(answer("custodian"), judged_signature=None),
        replace(answer("board"), witness="custodian", judged_signature=answer("custodian").judged_signature),
        replace(answer("board"), size=8192),
        replace(answer("board"), cosignature="0" * 128),
    ],
)
def test_the_board_can_change_nothing_of_it(forged):
    """Neither of the custodian's answer, which it brings, nor a cosignature so that it fits another checkpoint."""
    with pytest.raises(SignatureRefusedError):
        brought(forged)


@pytest.mark.parametrize(
    "wrong",
    [
        answer("board", host="birch"), replace(answer("board"), witness="stranger"), answer("board", outcome="WELL"),
        answer("board", cosignature=None), answer("board", outcome=STALE),
    ],
)  # fmt: skip
def test_what_is_no_answer_to_this_host_is_refused(wrong):
    """Of another host, of nobody known, or one that contradicts itself."""
    with pytest.raises(AnswerRefusedError):
        brought(wrong)


def test_nobody_but_the_board_brings_one():
    """Whoever else signs it."""
    with pytest.raises(SignatureRefusedError):
        brought(answer("board"), key=CUSTODIAN)
