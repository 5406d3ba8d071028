"""Keeps what became of a host's report, and tells that host alone."""

from services.board.reports.documents import judgements
from services.board.reports.rules import Judgement, share_id, stays
from services.board.tasks.task import Task
from shared.contracts.board import ReportJudged
from shared.keys.messages import sign_message
from shared.keys.signing import Trust
from shared.outbox.unit_of_work import UnitOfWork


def judge(work: UnitOfWork, task: Task, host: str, outcome: str, reason: str, *, trust: Trust) -> None:
    """Keep what became of a host's report, and tell that host alone."""
    key = share_id(task.id, host)
    known = judgements(work).find(key)
    if known is None:
        judgements(work).add(Judgement(id=key, task_id=task.id, host=host, outcome=outcome, reason=reason))
    elif not stays(known.outcome, outcome):
        judgements(work).change(key, task_id=task.id, host=host, outcome=outcome, reason=reason)
    judged = ReportJudged(task_id=task.id, period=task.period, outcome=outcome, reason=reason)
    sequence = 1 if known is None else known.version + 1
    work.record(sign_message(judged, trust.own), sequence=sequence, route="host", to=host)
