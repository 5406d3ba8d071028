"""What is wrong with one task stops no other, and no key outlives its task, on either side."""

import os
import time
from dataclasses import replace
from datetime import timedelta

import pytest

from services.board.tasks.errors import TaskExistsError
from services.custodian.history.errors import PUBLIC_TABLES_FILE
from shared.kernel.ids import new_id
from shared.runtime.key_sweep import ORPHAN_AFTER_S
from tests.kit.statistics_path import HOSTS, StatisticsPath

pytestmark = pytest.mark.integration

YEAR, QUARTER = "2026", "2026-Q4"
"""Both are sealed at one instant."""


@pytest.fixture
def path(mongo, tmp_path):
    made = StatisticsPath(mongo, tmp_path, HOSTS[:5])
    yield made
    made.close()


def keys(path, *, of=None):
    """Key files that lie with either server."""
    folders = [party.folder / "tasks" for party in (path.board, path.custodian)]
    return sorted(file.name for folder in folders for file in folder.glob(f"{of or ''}*"))


def states(party):
    return {task["period"]: task["state"] for task in party.database["tasks"].find()}


def two_reported(path):
    """Two tasks for which every host has reported; gives their ids by period."""
    ids = {period: path.propose(period) for period in (YEAR, QUARTER)}
    path.carry()
    for host in path.hosts:
        path.consent(host, 5, referral_month="2026-11")
    path.clock.moment = path.calendar.ends_at() + timedelta(days=1)
    for path.period in (YEAR, QUARTER):
        for host in path.hosts:
            path.sign(host)
    path.seal_all()
    path.carry()
    return ids


def two_summed(path):
    ids = two_reported(path)
    path.close_task()
    path.carry()
    assert set(states(path.custodian).values()) == {"SUMMED"}
    return ids


def settle(path):
    """Let the jobs of both servers run until nothing is on its way."""
    for _ in range(3):
        path.custodian.work()
        path.board.work()
        path.carry()


def later(path, days):
    path.clock.moment = path.calendar.closes_at() + timedelta(days=days)
    settle(path)


class TestOneTaskStopsNoOther:
    @pytest.mark.parametrize("lost", [YEAR, QUARTER])
    def test_a_lost_key_file_at_the_custodian(self, path, lost):
        """The other task's tables come; the lost one ends after 14 days, and its keys with it."""
        ids = two_summed(path)
        (path.custodian.folder / "tasks" / f"{ids[lost]}.server").unlink()
        settle(path)
        other = {YEAR: QUARTER, QUARTER: YEAR}[lost]
        assert states(path.board) == {lost: "SUMMED", other: "PROTECTED"}
        assert keys(path, of=ids[other]) == []
        later(path, days=14.1)
        assert states(path.board)[lost] == "NOT_PUBLISHED"
        assert path.custodian.database["tasks"].find_one({"_id": ids[lost]})["verdict"] == "NOT_OPENED"
        assert keys(path) == []

    def test_a_lost_key_file_at_the_board(self, path):
        """It cannot close that task; it closes the other, and the lost one ends after 14 days."""
        ids = two_reported(path)
        (path.board.folder / "tasks" / f"{ids[YEAR]}.server").unlink()
        path.close_task()
        path.carry()
        settle(path)
        assert states(path.board) == {YEAR: "OPEN", QUARTER: "PROTECTED"}
        later(path, days=14.1)
        assert states(path.board)[YEAR] == "NOT_PUBLISHED"
        assert keys(path) == []

    @pytest.mark.parametrize("broken", ["public", "history"])
    def test_what_every_opening_needs_stops_only_openings(self, path, broken):
        """Nothing is opened against half a history; what has ended is still ended, and mended all goes on."""
        two_summed(path)
        silent = {**path.custodian.task(), "_id": new_id(), "period": "2024", "state": "AGREED"}
        silent |= {"closes_at": path.clock.now() - timedelta(days=15)}
        path.custodian.database["tasks"].insert_one(silent)
        file = path.custodian.folder / PUBLIC_TABLES_FILE
        orphan = {"_id": new_id(), "period": "2025", "hosts": 6, "people": 60, "tables": [], "version": 1}
        if broken == "public":
            file.write_text("[{", encoding="utf-8")
        else:
            path.custodian.database["releases"].insert_one(orphan)
        settle(path)
        assert states(path.custodian) == {YEAR: "SUMMED", QUARTER: "SUMMED", "2024": "ENDED"}
        file.unlink(missing_ok=True)
        path.custodian.database["releases"].delete_one({"_id": orphan["_id"]})
        settle(path)
        assert set(states(path.board).values()) == {"PROTECTED"}

    def test_a_lost_task_takes_no_release_out_of_the_history(self, path):
        """A release keeps its own terms, so the next one is still set against it."""
        ids = two_summed(path)
        (path.custodian.folder / "tasks" / f"{ids[YEAR]}.server").rename(path.folder / "away")
        settle(path)
        path.custodian.database["tasks"].delete_one({"_id": ids[QUARTER]})
        (path.folder / "away").rename(path.custodian.folder / "tasks" / f"{ids[YEAR]}.server")
        settle(path)
        assert states(path.board)[YEAR] == "PROTECTED"


def test_400_days_later_no_key_and_no_open_task_is_left(path):
    """Whatever became of a task: released, stuck, silent, refused, never answered, or never stored at all."""
    ids = two_summed(path)
    (path.custodian.folder / "tasks" / f"{ids[YEAR]}.coin").unlink()
    settle(path)
    path.propose("2027-Q1")
    path.carry()
    path.propose("2027-Q2")
    path.carry(lose=lambda event, target: target.service == "custodian")
    path.propose("2027-Q3")
    path.carry(lose=lambda event, target: target.service == "board")
    register = path.board.context.trust.hosts
    register.put(replace(register.get(HOSTS[0]), nation="WALES"))
    path.propose("2027-Q4")
    path.carry()
    assert states(path.board)["2027-Q4"] == "REFUSED"
    aged = time.time() - ORPHAN_AFTER_S - 1
    for party in (path.board, path.custodian):
        stray = party.folder / "tasks" / f"{new_id()}.server"
        stray.write_bytes(bytes(32))
        os.utime(stray, (aged, aged))
    assert len(keys(path)) > 6
    later(path, days=400)
    assert keys(path) == []
    assert set(states(path.board).values()) <= {"NOT_PUBLISHED", "REFUSED"}
    assert set(states(path.custodian).values()) == {"ENDED"}
    assert path.custodian.database["seeds"].count_documents({}) == 0
    assert path.board.database["shares"].count_documents({}) == 0


def test_a_young_key_of_an_unknown_task_is_left_alone(path):
    """Its task may be about to be stored."""
    path.board.work()
    folder = path.board.folder / "tasks"
    folder.mkdir(exist_ok=True)
    (folder / f"{new_id()}.server").write_bytes(bytes(32))
    path.board.work()
    assert len(keys(path)) == 1


class TestARefusedDraft:
    def test_its_period_is_free_at_once(self, path):
        """The board learns that the draft is refused, and may propose the period again, once it has mended it."""
        register = path.board.context.trust.hosts
        true = register.get(HOSTS[0])
        register.put(replace(true, signing_key="1" * 64))
        refused = path.propose()
        with pytest.raises(TaskExistsError):
            path.propose()
        path.carry()
        assert states(path.board) == {YEAR: "REFUSED"}
        register.put(true)
        taken = path.propose()
        path.carry()
        assert [t["_id"] for t in path.custodian.database["tasks"].find()] == [taken]
        assert path.reporting[HOSTS[0]].task()["_id"] == taken
        path.board.work()
        assert keys(path, of=refused) == []
        assert not path.parked

    def test_two_refusals_of_one_period(self, path):
        """It is refused as often as it is wrong."""
        register = path.board.context.trust.hosts
        register.put(replace(register.get(HOSTS[0]), setting="LAW_CENTRE_OR_ADVICE"))
        for number in (1, 2):
            path.propose()
            path.carry()
            assert path.board.database["tasks"].count_documents({"state": "REFUSED"}) == number

    def test_a_late_acceptance_does_not_revive_it(self, path):
        """A draft that was over when its seal came stays over, whatever comes then."""
        path.propose()
        path.carry(lose=lambda event, target: target.service == "board")
        row = path.custodian.database["outbox"].find_one({"route": "board"})
        path.clock.moment = path.calendar.seal_at()
        path.board.work()
        path.deliver(row, row["events"][0], path.board)
        assert states(path.board) == {YEAR: "REFUSED"}
