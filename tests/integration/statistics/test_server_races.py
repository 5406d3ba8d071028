"""Real threads on a real engine, at board and custodian: whoever reads what the other writes begins again.

Each race is staged, not hoped for: the first transaction stops after its handler, the other one runs to its commit,
then the first goes on. The twin without the common document commits both, and the outcome is wrong.
"""

import threading
from contextlib import contextmanager
from datetime import timedelta
from functools import partial

import msgspec
import pytest

from services.board.releases import commands as release_commands
from services.board.releases.commands import DraftRelease, draft_release
from services.board.releases.errors import NothingToPublishError, ReleaseExistsError
from services.board.reports import facts as board_reports
from services.board.tasks.jobs import lapse
from services.custodian.history import documents as history
from services.custodian.opening import computing
from services.custodian.opening.jobs import Opened
from services.custodian.protection.rules import withheld
from services.custodian.seeds import facts as custodian_seeds
from services.custodian.tasks import facts as custodian_tasks
from services.custodian.tasks.documents import read_task
from shared.contracts.board import ReportsAccepted, TaskProposed
from shared.contracts.custodian import OpeningRefused
from shared.contracts.registry import EVENTS
from shared.contracts.reporting import SeedSubmitted, ShareSubmitted
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.keys.messages import sign_message
from shared.outbox.committer import Answer, Command, Committer
from tests.kit.statistics_path import HOSTS, StatisticsPath

pytestmark = pytest.mark.integration

WAIT_S = 60
"""For a thread that is stuck; no test waits for it when all is well."""
YEAR, QUARTER = "2026", "2026-Q4"


@pytest.fixture
def path(mongo, tmp_path):
    made = StatisticsPath(mongo, tmp_path)
    yield made
    made.close()


@contextmanager
def another_process(party):
    """A committer as another process of the party has it; two commands of one would never overlap."""
    context = party.context
    committer = Committer(
        client=context.client, database=context.database_name, tenant_id=context.tenant_id, service=context.service,
        now=context.clock.now,
    )  # fmt: skip
    try:
        yield committer
    finally:
        committer.close()


def execute(committer, step):
    def run(work):
        answer = step(work)
        return answer if isinstance(answer, Answer) else Answer(status=200)

    committer.execute(Command(run=run))


def overtaken(party, first, second, *, between=lambda: None):
    """Stop ``first`` after its handler, before its commit; let ``second`` run; then let ``first`` go on.

    Where one cannot commit beside the other it is done again after that, as inbox and caller do.

    Returns:
        (how often one of them met the other and began again, the refusals that they ended with).
    """
    reached, go_on = threading.Event(), threading.Event()
    attempts, refusals = [], []

    def slowly(work):
        attempts.append(1)
        answer = first(work)
        if len(attempts) == 1:
            reached.set()
            assert go_on.wait(WAIT_S)
        return answer

    def run(committer):
        try:
            execute(committer, slowly)
        except AlongsideError as error:
            refusals.append(error)
        finally:
            reached.set()

    met = 0
    with another_process(party) as one, another_process(party) as other:
        thread = threading.Thread(target=run, args=(one,))
        thread.start()
        assert reached.wait(WAIT_S)
        between()

        def end_first():
            go_on.set()
            thread.join(WAIT_S)

        try:
            try:
                execute(other, second)
            except TemporarilyUnavailableError:
                met = 1
                end_first()
                execute(other, second)
        except AlongsideError as error:
            refusals.append(error)
        finally:
            end_first()
    return met + len(attempts) - 1, refusals


def on_the_way(path, kind, *, host=None):
    """A stored event of a kind that waits for the courier, as its receiver hears it."""
    for _party, row, event, target in path.waiting():
        if event["type"] == kind.event_type and host in (None, row["tenant_id"]):
            stated = msgspec.json.decode(event["body"], type=EVENTS[event["type"]])
            return partial(target.hearings[event["type"]].handle, received(stated, str(row["tenant_id"])))
    raise AssertionError(kind)


def received(event, sender, *, at=None):
    return Received(
        event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=at, sender=sender
    )  # fmt: skip


def sealed_but(path, kind):
    """Every half has arrived but one host's at one server; gives the step that hears it."""
    path.open(dict.fromkeys(HOSTS, 4))
    path.sign_all()
    path.seal_all()
    late = on_the_way(path, kind, host=HOSTS[-1])
    path.carry(lose=lambda event, target: event["type"] == kind.event_type and late_of(event))
    return late


def late_of(event):
    return msgspec.json.decode(event["body"])["host"] == HOSTS[-1]


def nothing(*_arguments):
    """The naive twin: nobody writes the common document."""


class TestSeedAndCohort:
    """A seed reads that the task is open; the agreement reads the seeds, and writes the task."""

    def meet(self, path):
        late = sealed_but(path, SeedSubmitted)
        before = path.clock.moment
        path.close_task()
        after, path.clock.moment = path.clock.moment, before
        agree = on_the_way(path, ReportsAccepted)
        met, refusals = overtaken(
            path.custodian, late, agree, between=lambda: setattr(path.clock, "moment", after)
        )  # fmt: skip
        assert refusals == []
        return met, path.custodian.database["seeds"].count_documents({}), path.custodian.task()

    def test_a_seed_that_commits_after_the_agreement_is_late(self, path):
        """It is tried again, found late and audited; what is kept is what was agreed on."""
        met, seeds, task = self.meet(path)
        assert (met > 0, task["state"]) == (True, "AGREED")
        assert seeds == len(task["cohort"]) == len(HOSTS) - 1
        assert path.audited(path.custodian, "custodian:report:take") == [(HOSTS[-1], "LATE")]

    def test_twin_a_seed_lies_there_that_no_cohort_has(self, path, monkeypatch):
        """Taken as in time, counted by nobody, and nobody was told."""
        monkeypatch.setattr(custodian_seeds, "take_turn_of", nothing)
        met, seeds, task = self.meet(path)
        assert (met, seeds, len(task["cohort"])) == (0, len(HOSTS), len(HOSTS) - 1)
        assert path.audited(path.custodian, "custodian:report:take") == []


class TestTwoDrafts:
    """Each draft reads all tasks and adds its own; a board that sends two of one period gets one."""

    def meet(self, path):
        drafts = []
        for _ in range(2):
            path.propose(YEAR)
            drafts.append(on_the_way(path, TaskProposed))
            path.board.database["outbox"].delete_many({})
            path.board.database["tasks"].update_many({}, {"$set": {"state": "REFUSED"}})
        met, refusals = overtaken(path.custodian, *drafts)
        assert refusals == []
        return met, path.custodian.database["tasks"].count_documents({"period": YEAR})

    def test_one_period_has_one_task(self, path):
        """The other draft gets the one fixed refusal."""
        met, tasks = self.meet(path)
        assert (met > 0, tasks) == (True, 1)
        assert path.audited(path.custodian, "custodian:task:accept") == [("board", "REFUSED")]

    def test_twin_one_period_has_two(self, path, monkeypatch):
        """The same people would be opened twice, with two coin keys."""
        monkeypatch.setattr(custodian_tasks, "take_turn_among_tasks", nothing)
        assert self.meet(path) == (0, 2)


class TestTwoOpenings:
    """Each opening reads the history and adds its release: the gate must have set each against the other."""

    @pytest.fixture
    def summed(self, path, monkeypatch):
        """Two tasks of which the sums have come; what computes for long is played."""
        for period in (YEAR, QUARTER):
            path.propose(period)
        path.carry()
        path.custodian.database["tasks"].update_many({}, {"$set": {"state": "SUMMED", "cohort_hash": "0" * 64}})
        monkeypatch.setattr(computing, "protected", lambda task, *_: ("OPENED", self.tables(task), ()))
        (job,) = (one for one in path.custodian.jobs if one.name == "opening")
        return path, job.run.__self__

    def tables(self, task):
        return withheld(task.signed.draft.plan(), hosts=6, period=task.period)

    def task(self, path, period):
        return read_task(path.custodian.database["tasks"].find_one({"period": period}))

    def sending(self, path, job, period):
        task = self.task(path, period)
        examined = frozenset(release["_id"] for release in path.custodian.database["releases"].find())
        opened = Opened(task=task, examined=examined, verdict="OPENED", release=self.tables(task), findings=())
        return partial(job._send, opened)

    def states(self, path):
        return [self.task(path, period).state for period in (YEAR, QUARTER)]

    def test_of_two_at_once_one_waits_and_is_examined_again(self, summed):
        """Which leaves second has been set against which left first."""
        path, job = summed
        met, refusals = overtaken(path.custodian, *(self.sending(path, job, p) for p in (YEAR, QUARTER)))
        assert (met > 0, refusals) == (True, [])
        assert sorted(self.states(path)) == ["ENDED", "SUMMED"]
        job.run()
        assert self.states(path) == ["ENDED", "ENDED"]
        assert path.custodian.database["releases"].count_documents({}) == 2

    def test_twin_both_leave_and_neither_was_set_against_the_other(self, summed, monkeypatch):
        """What an attacker sees is both."""
        monkeypatch.setattr(history, "take_turn", nothing)
        path, job = summed
        met, refusals = overtaken(path.custodian, *(self.sending(path, job, p) for p in (YEAR, QUARTER)))
        assert (met, refusals, self.states(path)) == (0, [], ["ENDED", "ENDED"])

    def test_a_release_that_leaves_while_another_is_attacked(self, summed, monkeypatch):
        """An opening computes for minutes, outside any transaction; whatever left meanwhile is looked for."""
        path, job = summed
        year, quarter = self.task(path, YEAR), self.task(path, QUARTER)

        def protected(task, *_):
            if task.id == year.id and self.states(path) == ["SUMMED", "SUMMED"]:
                job.open(quarter.id)
            return "OPENED", self.tables(task), ()

        monkeypatch.setattr(computing, "protected", protected)
        job.open(year.id)
        assert self.states(path) == ["SUMMED", "ENDED"]
        job.open(year.id)
        assert self.states(path) == ["ENDED", "ENDED"]


class TestDraftsOfARelease:
    """A draft reads the task and the releases, and adds one; a lapse reads the releases and ends the task."""

    @pytest.fixture
    def protected(self, path):
        """A task of which the tables have come."""
        task_id = path.propose(YEAR)
        result = {"people": 60, "hosts": 6, "tables": [{"table": "t", "status": "NOT_PUBLISHED", "cells": {}}]}
        said = {"state": "PROTECTED", "result": result, "ended_at": path.clock.now()}
        path.board.database["tasks"].update_one({"_id": task_id}, {"$set": said})
        return path, task_id

    def drafting(self, task_id):
        command = DraftRelease(release_id=new_id(), task_id=task_id, actor_id="statistician")
        return partial(draft_release, command)

    def waiting(self, path):
        return path.board.database["releases"].count_documents({"state": "DRAFT"})

    def test_two_statisticians_at_once(self, protected):
        """One signs; the other is told that it is signed."""
        path, task_id = protected
        met, refusals = overtaken(path.board, self.drafting(task_id), self.drafting(task_id))
        assert (met > 0, [type(e) for e in refusals]) == (True, [ReleaseExistsError])
        assert self.waiting(path) == 1

    def test_a_draft_and_the_lapse(self, protected):
        """Whichever is first: no draft waits for a task that has ended, with its figures still in it."""
        path, task_id = protected
        met, refusals = overtaken(
            path.board, self.drafting(task_id), partial(lapse, task_id), between=lambda: self.later(path)
        )  # fmt: skip
        assert met > 0
        assert {type(e) for e in refusals} <= {NothingToPublishError}
        assert self.waiting(path) == 0
        assert path.board.task()["state"] == "NOT_PUBLISHED"

    @pytest.mark.parametrize(("second", "drafts"), [("draft", 2), ("lapse", 1)])
    def test_twin_two_drafts_or_one_of_a_task_that_has_ended(self, protected, monkeypatch, second, drafts):
        """Both commit."""
        monkeypatch.setattr(release_commands, "take_turn_of", nothing)
        path, task_id = protected
        other = self.drafting(task_id) if second == "draft" else partial(lapse, task_id)
        between = (lambda: None) if second == "draft" else (lambda: self.later(path))
        assert overtaken(path.board, self.drafting(task_id), other, between=between) == (0, [])
        assert self.waiting(path) == drafts

    def later(self, path):
        path.clock.moment = path.calendar.closes_at() + timedelta(days=15)


class TestShareAndEnd:
    """A share reads that the task is open; the end of the task reads its shares, deletes them and writes the task."""

    def meet(self, path):
        late = sealed_but(path, ShareSubmitted)
        task_id = path.board.task()["_id"]
        said = sign_message(OpeningRefused(task_id=task_id), path.custodian.context.trust.own)
        end = partial(path.board.hearings[OpeningRefused.event_type].handle, received(said, "custodian"))
        met, refusals = overtaken(path.board, late, end)
        assert (refusals, path.board.task()["state"]) == ([], "NOT_PUBLISHED")
        return met, path.board.database["shares"].count_documents({})

    def test_no_share_outlives_its_task(self, path):
        """It is tried again, and refused."""
        met, shares = self.meet(path)
        assert (met > 0, shares) == (True, 0)

    def test_twin_a_share_stays_for_good(self, path, monkeypatch):
        """Nothing deletes what a task that has ended does not know of."""
        monkeypatch.setattr(board_reports, "take_turn_of", nothing)
        assert self.meet(path) == (0, 1)
