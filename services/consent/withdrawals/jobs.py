"""The job that asks again whoever has not answered, notes who is late, and measures both."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial
from typing import Any

from pymongo.database import Database

from services.consent.withdrawals.documents import MOST_AT_ONCE, WITHDRAWALS, ProofStore
from services.consent.withdrawals.opening import ask
from services.consent.withdrawals.rules import OPEN
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, ServiceContext
from shared.runtime.steps import Steps
from shared.telemetry.metric_names import WITHDRAWALS_LATE, WITHDRAWALS_OPEN
from shared.telemetry.metrics import gauge

_EVERY_S = 30.0


def jobs(context: ServiceContext) -> list[Job]:
    """Give the job ``withdrawals``."""
    database = context.client[context.database_name]
    steps = Steps(execute=context.committer.execute)

    def chase() -> None:
        chase_all(steps, due(database, context.clock.now()))
        measure(database)

    return [Job(name="withdrawals", every_s=_EVERY_S, run=chase)]


def due(database: Database[dict[str, Any]], now: datetime) -> list[str]:
    """Give the proofs of which somebody is to be asked again or is late, the longest due first."""
    where = {"state": OPEN, "next_step_at": {"$lte": now}}
    found = database[WITHDRAWALS].find(where, {"_id": 1}).sort("next_step_at", 1).limit(MOST_AT_ONCE)
    return [document["_id"] for document in found]


def chase_all(steps: Steps, proof_ids: Iterable[str]) -> None:
    """Ask again, each proof in a transaction of its own; one that fails stops no other."""
    for proof_id in proof_ids:
        steps.attempt("withdrawals", partial(chase_one, proof_id), aggregate=proof_id)


def chase_one(proof_id: str, work: UnitOfWork) -> Answer:
    """Ask again whoever is to be asked again, and note who is late."""
    proof = ProofStore(work).get(proof_id)
    again = frozenset(one.id for one in proof.to_ask(work.now))
    proof = proof.asked_again(again, work.now)
    for question in proof.questions:
        if question.id in again:
            ask(work, proof, question)
    ProofStore(work).save(proof)
    return Answer(status=200)


def measure(database: Database[dict[str, Any]]) -> None:
    """Measure how many proofs are open, and of how many somebody is late."""
    proofs = database[WITHDRAWALS]
    gauge(WITHDRAWALS_OPEN).set(proofs.count_documents({"state": OPEN}))
    gauge(WITHDRAWALS_LATE).set(proofs.count_documents({"state": OPEN, "late_since": {"$ne": None}}))
