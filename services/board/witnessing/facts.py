"""Judges the hosts' checkpoints, and passes on what the custodian says to them; each is one transaction.

Promise: an answer reaches the one host that asked. Shown by tests/integration/audit/test_witnesses.py.
"""

from functools import partial

from shared.contracts.witness import CheckpointAnswered, CheckpointJudged, CheckpointSubmitted
from shared.kernel.messages import Received
from shared.kernel.tenancy import BOARD, CUSTODIAN
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.runtime.witnessing import take


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear the hosts and the custodian."""
    trust = context.trust
    return [
        hears(CheckpointSubmitted, partial(answer, trust=trust)),
        hears(CheckpointJudged, partial(pass_on, trust=trust)),
    ]


def answer(received: Received[CheckpointSubmitted], work: UnitOfWork, *, trust: Trust) -> None:
    """Judge a checkpoint, and tell its host."""
    judged = take(received, work, trust=trust)
    _tell(CheckpointAnswered(**judged.fields, witness=str(BOARD), judged_signature=None), work, trust)


def pass_on(received: Received[CheckpointJudged], work: UnitOfWork, *, trust: Trust) -> None:
    """Bring a host what the custodian says; the custodian itself never writes to a host.

    Raises:
        SignatureRefusedError: The custodian did not say it.
    """
    event = received.event
    check_message(event, trust.custodian)
    said = {
        name: getattr(event, name)
        for name in ("offer_id", "host", "size", "root", "outcome", "known", "seen_at", "cosignature")
    }
    _tell(CheckpointAnswered(**said, witness=str(CUSTODIAN), judged_signature=event.message_signature), work, trust)


def _tell(answered: CheckpointAnswered, work: UnitOfWork, trust: Trust) -> None:
    work.record(sign_message(answered, trust.own), sequence=1, route="host", to=answered.host)
