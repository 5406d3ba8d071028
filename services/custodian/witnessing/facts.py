"""Judges the hosts' checkpoints; the board brings them the answer. Each is one transaction.

Shown by tests/integration/audit/test_witnesses.py.
"""

from functools import partial

from shared.contracts.witness import CheckpointJudged, CheckpointSubmitted
from shared.kernel.messages import Received
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.runtime.witnessing import take


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the hosts."""
    return [hears(CheckpointSubmitted, partial(answer, trust=context.trust))]


def answer(received: Received[CheckpointSubmitted], work: UnitOfWork, *, trust: Trust) -> None:
    """Judge a checkpoint, and say so to the board."""
    judged = take(received, work, trust=trust)
    work.record(sign_message(CheckpointJudged(**judged.fields), trust.own), sequence=1, route="board")
