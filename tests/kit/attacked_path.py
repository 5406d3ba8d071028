"""The statistics path under attack: real handlers over a real database, with liars among its parties.

One thin layer over the path that the integration tests drive; what changes in contracts or signatures is adapted
here and there, and in no attack. Honest parties act through ``StatisticsPath``; the functions below write what a
dishonest host, board or custodian would sign and send.
"""

import secrets

import msgspec
import numpy as np

from services.board.reports import documents as report_documents
from services.board.reports.halves import bound_share_of, share_of
from services.board.reports.rules import HeldShare
from services.board.tasks.documents import TASK
from services.board.tasks.task import Task
from shared.contracts.board import CheckShare, CohortSummed, ReportsAccepted
from shared.contracts.custodian import CohortAgreed
from shared.contracts.registry import EVENTS
from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.contracts.task import (
    SEED,
    SHARE,
    accepted_message,
    cohort_message,
    report_message,
    task_message,
    terms_from,
)
from shared.contracts.vector import VectorLayout
from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.keys import proofs, sealing, sharing
from shared.keys.commitments import Blindings, add_blindings, blindings_to
from shared.keys.messages import sign_message
from tests.kit.statistics_path import StatisticsPath


class AttackedPath(StatisticsPath):
    """A path whose test holds every party's signing key, as a thief would, but no task key."""

    # --- what everybody may know ---

    def terms(self, task_id=None):
        """The signed terms of a task, the newest by default."""
        tasks = self.custodian.database["tasks"]
        task = tasks.find_one({"_id": task_id}) if task_id else self.custodian.task()
        return terms_from(task["terms"])

    def layout(self):
        return VectorLayout.of(self.terms().draft.plan())

    # --- a dishonest host ---

    def halves(
        self, host, vector, *, terms=None, sealed_for=None, signed_by=None, report_id=None, seed=None, proven=None
    ):
        """Write both halves of a report, signed, proven as far as it can be and sealed as an honest builder would.

        Args:
            host: Whose report it says it is.
            vector: Any numbers at all.
            terms: Of the task; the newest by default.
            sealed_for: Changes of the context that both halves are sealed for.
            signed_by: Whose key signs.
            report_id: To repeat one.
            seed: To repeat one.
            proven: Another vector, for which the proof is made and its commitments hold.
        """
        terms = terms or self.terms()
        draft, task_hash = terms.draft, terms.hash()
        report_id, seed = report_id or new_id(), seed or secrets.token_bytes(32)
        place = {"task_hash": task_hash, "period": draft.period, "host": host, "report_id": report_id}
        context = sharing.report_context(**{**place, **(sealed_for or {})})
        vector = np.asarray(vector, dtype=np.uint32)
        share = sharing.split(vector, seed, context)
        blind, proof = b"", b""
        if draft.is_bound:
            blind, layout = secrets.token_bytes(32), VectorLayout.of(draft.plan())
            stream, blindings = sharing.expand(seed, context, vector.size), Blindings.of(blind, context, vector.size)
            said = vector if proven is None else np.asarray(proven, dtype=np.uint32)
            proof = proofs.prove(said, stream, blindings, layout=layout, context=context)
        contents = (sharing.with_more(share, blind), seed + proof)
        key = self.keys[signed_by or host]
        common = {
            "report_id": report_id,
            "task_id": draft.task_id,
            "host": host,
            "task_hash": task_hash,
            "task_signature": key.sign(task_message(task_hash)),
        }
        halves = []
        publics = (draft.board_key, terms.custodian_key)
        for kind, public, content in zip((SHARE, SEED), publics, contents, strict=True):
            sealed = sealing.to_text(sealing.seal(bytes.fromhex(public), content, context))
            message = report_message(kind, task_hash=task_hash, host=host, report_id=report_id, sealed=sealed)
            halves.append({**common, "sealed": sealed, "signature": key.sign(message)})
        events = ShareSubmitted(**halves[0], provenance="0" * 64), SeedSubmitted(**halves[1])
        return tuple(sign_message(event, key) for event in events)

    def report(self, host, vector, **changes):
        """Send both halves; gives what each server said: None, or the code of its error."""
        share, seed = self.halves(host, vector, **changes)
        return self.send(self.board, share, host), self.send(self.custodian, seed, host)

    # --- a dishonest board or custodian ---

    def accepted(self, checks, names=None):
        """The board's signed list of reports with check shares and, from ``names``, those of the commitments."""
        task = self.terms()
        message = accepted_message("board", task_hash=task.hash(), report_ids=checks)
        shares = tuple(
            CheckShare(report_id=i, values=tuple(values), share=(names or {}).get(i)) for i, values in checks.items()
        )
        signature = self.keys["board"].sign(message)
        said = ReportsAccepted(task_id=task.draft.task_id, checks=shares, signature=signature)
        return sign_message(said, self.keys["board"])

    def cohort(self, report_ids):
        """The custodian's signed cohort, whatever it holds."""
        task = self.terms()
        name = sharing.cohort_hash(task.hash(), report_ids)
        signature = self.keys["custodian"].sign(cohort_message(name))
        said = CohortAgreed(
            task_id=task.draft.task_id, report_ids=tuple(report_ids), cohort_hash=name, signature=signature
        )
        return sign_message(said, self.keys["custodian"])

    def sum(self, vector, report_ids, *, named=None, blindings=None, held=None):
        """The board's signed sum, said to be over a cohort; by default with the blindings of just these reports.

        Args:
            vector: The sum, whatever it is.
            report_ids: Over which reports it says to be.
            named: Over which it is said to be, if others.
            blindings: Of the sum, if others.
            held: What ``held`` gave earlier.
        """
        task = self.terms()
        name = sharing.cohort_hash(task.hash(), report_ids if named is None else named)
        context = sharing.sum_context(task_hash=task.hash(), period=task.draft.period)
        share = np.asarray(vector, dtype=np.uint32)
        if blindings is None and task.draft.is_bound:
            held = held or self.held()
            blindings = add_blindings((held[i][1] for i in report_ids), self.layout().length)
        content = sharing.with_more(share, blindings_to(blindings or ()))
        sealed = sealing.seal(bytes.fromhex(task.custodian_key), content, context)
        said = CohortSummed(
            task_id=task.draft.task_id, cohort_hash=name, sealed=sealing.to_text(sealed),
            signature=self.keys["board"].sign(cohort_message(name)),
        )  # fmt: skip
        return sign_message(said, self.keys["board"])

    def held(self):
        """What a dishonest board reads of the reports it holds, by report id: (share A, blindings if there are any)."""
        task, keys_of = Task(**TASK.values(self.board.task())), self.keys_of(self.board)
        stored = self.board.database["shares"].find({"task_id": task.id})
        found = [HeldShare(**report_documents.SHARE.values(document)) for document in stored]
        if not self.terms().draft.is_bound:
            return {share.report_id: (share_of(task, share, keys_of), None) for share in found}
        return {share.report_id: bound_share_of(task, share, keys_of) for share in found}

    # --- delivery ---

    def send(self, party, event, sender):
        """Let a party handle an event, as its bytes; gives the code of its error, or None."""
        again = msgspec.json.decode(msgspec.json.encode(event), type=EVENTS[event.event_type])
        received = Received(
            event=again, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=self.clock.now(), sender=sender
        )
        try:
            party.take(received)
        except AlongsideError as error:
            return error.code
        return None

    def stated(self, party, fact):
        """Every event of a kind that a party ever stated, decoded."""
        return [
            msgspec.json.decode(event["body"], type=EVENTS[event["type"]])
            for row in party.database["outbox"].find().sort("_id", 1)
            for event in row["events"]
            if event["type"].endswith(f".{fact}.v1")
        ]

    def refusals(self, party, action):
        """Reasons of refused reports at a server, in order."""
        return [outcome for _, outcome in self.audited(party, action)]

    # --- whole stretches ---

    def reported(self, vectors):
        """Open a task and let every host send a vector of the test's choice."""
        self.propose()
        self.carry()
        self.clock.moment = self.calendar.seal_at()
        return {host: self.report(host, vector) for host, vector in vectors.items()}
