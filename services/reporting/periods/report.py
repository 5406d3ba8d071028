"""How a count becomes a report: two sealed halves, each to its own server, each signed whole."""

from dataclasses import dataclass

from services.reporting.periods.rules import Tally
from services.reporting.periods.task import KeptTask
from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.contracts.signed import SignedMessage
from shared.contracts.task import SEED, SHARE, report_message
from shared.contracts.vector import VectorLayout
from shared.keys import proofs, sealing, sharing
from shared.keys.commitments import Blindings
from shared.keys.messages import sign_message
from shared.keys.signing import SigningKey


@dataclass(frozen=True, kw_only=True)
class Report:
    """One host's report of a task.

    Attributes:
        id: Its random id.
        seed: Of the stream; the custodian's half.
        blind: Seed of the blindings, for the board; used where the task's policy asks for commitments.
        provenance: The commitment to who was counted.
        task_signature: The data lead's, of the task.
    """

    id: str
    host: str
    seed: bytes
    blind: bytes
    provenance: str
    task_signature: str

    def halves(self, task: KeptTask, counted: Tally, key: SigningKey) -> tuple[tuple[SignedMessage, str], ...]:
        """Give both halves as they are stated, each with its route."""
        share, seed = self._sealed(task, counted)
        common = {
            "report_id": self.id,
            "task_id": task.id,
            "host": self.host,
            "task_hash": task.task_hash,
            "task_signature": self.task_signature,
        }

        def signature(half: str, sealed: str) -> str:
            place = {"task_hash": task.task_hash, "host": self.host, "report_id": self.id}
            return key.sign(report_message(half, **place, sealed=sealed))

        halves: tuple[tuple[SignedMessage, str], ...] = (
            (
                ShareSubmitted(**common, provenance=self.provenance, sealed=share, signature=signature(SHARE, share)),
                "board",
            ),
            (SeedSubmitted(**common, sealed=seed, signature=signature(SEED, seed)), "custodian"),
        )
        return tuple((sign_message(half, key), route) for half, route in halves)

    def _sealed(self, task: KeptTask, counted: Tally) -> tuple[str, str]:
        """Split a count, prove that it could be true, and seal each half to its own server.

        Returns:
            (share A for the board, seed B for the custodian), in base64, each of a size that the plan alone fixes.
        """
        layout = VectorLayout.of(task.plan)
        vector = layout.build(counted.counts, counted.people)
        context = sharing.report_context(
            task_hash=task.task_hash, period=task.period, host=self.host, report_id=self.id
        )
        blind = self.blind if task.is_bound else b""
        share = sharing.with_more(sharing.split(vector, self.seed, context), blind)
        proof = b""
        if blind:
            stream = sharing.expand(self.seed, context, layout.length)
            blindings = Blindings.of(blind, context, layout.length)
            proof = proofs.prove(vector, stream, blindings, layout=layout, context=context)
        return (
            sealing.to_text(sealing.seal(task.board_key, share, context)),
            sealing.to_text(sealing.seal(task.custodian_key, self.seed + proof, context)),
        )
