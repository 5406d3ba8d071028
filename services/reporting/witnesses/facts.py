"""Takes the audit log's checkpoints out to their witnesses, under the host's signature, and brings back what they say.

Promise: an answer that its witness did not sign reaches nobody: of the custodian's the custodian's own signature is
checked, though the board brings it, and a cosignature must fit the checkpoint that it is given for.
Shown by tests/integration/audit/test_witnesses.py.
"""

from dataclasses import asdict
from functools import partial

from shared.contracts.witness import (
    CheckpointAnswered,
    CheckpointBrought,
    CheckpointJudged,
    CheckpointOffered,
    CheckpointSubmitted,
)
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Received
from shared.kernel.tenancy import BOARD, CUSTODIAN
from shared.keys.messages import check_message, sign_message
from shared.keys.signing import Trust, check_signature
from shared.outbox.hearings import Hearing, hears
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.transparency.notes import origin_of
from shared.transparency.witness import COSIGNED, OUTCOMES, cosigned_message


class AnswerRefusedError(PoisonMessageError):
    """What came as a witness's answer is none: of another host, of nobody known, or not of the form."""

    code = "witness-answer-refused"

    def __init__(self) -> None:
        """Say what to look at."""
        super().__init__(
            "What came as a witness's answer to a checkpoint is of another host, of no witness that is known here, or "
            "says cosigned and is not. Tell the project board; read docs/runbooks/witness-late.md."
        )


def hearings(context: ServiceContext) -> list[Hearing]:
    """Hear audit, and the board."""
    trust = context.trust
    return [
        hears(CheckpointOffered, partial(take_out, trust=trust)),
        hears(CheckpointAnswered, partial(bring_back, trust=trust)),
    ]


def take_out(received: Received[CheckpointOffered], work: UnitOfWork, *, trust: Trust) -> None:
    """Sign a checkpoint as this host's, and send it to its witness."""
    values = asdict(received.event)
    witness = str(values.pop("witness"))
    submitted = CheckpointSubmitted(host=work.tenant_id, **values)
    work.record(sign_message(submitted, trust.own), sequence=1, route=witness)


def bring_back(received: Received[CheckpointAnswered], work: UnitOfWork, *, trust: Trust) -> None:
    """Check what a witness says, and tell audit.

    Raises:
        SignatureRefusedError: The board, or the custodian, did not say it.
        AnswerRefusedError: It is no answer to this host.
    """
    event = received.event
    check_message(event, trust.board)
    witness_key = {str(BOARD): trust.board, str(CUSTODIAN): trust.custodian}.get(event.witness)
    said = {name: getattr(event, name) for name in _SAID}
    if (
        witness_key is None
        or event.host != work.tenant_id
        or event.outcome not in OUTCOMES
        or (event.outcome == COSIGNED) != (event.cosignature is not None)
    ):
        raise AnswerRefusedError
    if event.witness == CUSTODIAN:
        judged = CheckpointJudged(host=event.host, **said, message_signature=event.judged_signature)
        check_message(judged, trust.custodian)
    if event.cosignature is not None:
        origin = origin_of(work.tenant_id)
        message = cosigned_message(origin, event.size, bytes.fromhex(event.root), event.seen_at)
        check_signature(witness_key, event.cosignature, message)
    brought = CheckpointBrought(**said, witness=event.witness, witness_key=witness_key)
    work.record(brought, sequence=received.sequence)


_SAID = ("offer_id", "size", "root", "outcome", "known", "seen_at", "cosignature")
