"""From a signed task to the board's tables: who may contribute, what is refused, what is opened, what is left."""

import json
import random
from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from services.board.releases.commands import (
    ApproveRelease,
    DelayRelease,
    DraftRelease,
    EraseTable,
    approve_release,
    delay_release,
    draft_release,
    erase_table,
)
from services.board.releases.errors import (
    DelayTooLongError,
    NotADraftError,
    ReleaseChangedError,
    ReleaseDelayedError,
    ReleaseExistsError,
)
from services.board.releases.rules import release_message
from services.board.releases.views import ReleaseViews
from services.board.reports.views import HostViews
from services.board.tasks.errors import (
    RosterTooLargeError,
    RosterTooSmallError,
    TaskExistsError,
    TaskTooLateError,
)
from services.board.tasks.jobs import lapse
from services.board.two_people import SamePersonError
from services.reporting.periods.provenance import commitment
from services.reporting.periods.views import PeriodViews
from shared.codelists.periods import Period
from shared.codelists.plan_compiler import PlanRefusedError
from shared.contracts.registry import EVENTS
from shared.contracts.task import (
    SHARE,
    accepted_message,
    cohort_message,
    destroyed_message,
    report_message,
    task_message,
)
from shared.kernel.ids import new_id
from shared.keys.messages import sign_message
from shared.keys.sealing import TaskKeyFileError
from shared.keys.signing import SignatureRefusedError, UnknownHostError, check_signature
from shared.runtime.rooms import service_of
from tests.kit.statistics_path import HOSTS, StatisticsPath

pytestmark = pytest.mark.integration


def board_says(path, host):
    return [(j["outcome"], j["reason"]) for j in path.reporting[host].database["judgements"].find().sort("_id", 1)]


def punctuality(path):
    views = HostViews(path.board.database, path.clock.now, dict)
    return {h["host"]: h["status"] for h in views.hosts()}


def tamper(event, *, key=None, **changes):
    """A stored event with other values; with a key, signed anew over all of them by its thief."""
    body = json.dumps({**json.loads(event["body"]), **changes}).encode()
    if key is not None:
        said = msgspec.json.decode(body, type=EVENTS[event["type"]])
        body = msgspec.json.encode(sign_message(said, key))
    return {**event, "body": body}


def submitted(path, host, fact="share_submitted"):
    """The stored row and event of one half of a host's report."""
    for row in path.reporting[host].database["outbox"].find():
        for event in row["events"]:
            if event["type"] == f"alongside.reporting.{fact}.v1":
                return row, event
    return None


class TestTask:
    def test_board_and_custodian_sign_what_a_host_keeps(self, path):
        """A host keeps the complete terms with a hash that both servers signed."""
        path.propose()
        path.carry()
        task = path.board.task()
        message = task_message(task["task_hash"])
        check_signature(path.keys["board"].public, task["board_signature"], message)
        check_signature(path.keys["custodian"].public, task["custodian_signature"], message)
        for host in HOSTS:
            assert path.reporting[host].task()["task_hash"] == task["task_hash"]
        assert not path.parked

    def test_a_host_refuses_a_task_that_one_server_did_not_sign(self, path):
        """A forged signature of either server keeps the task out of the host."""
        path.propose()
        path.carry(lose=lambda event, target: target.service == "reporting")
        row = path.board.database["outbox"].find_one({"route": "hosts"})
        for name in ("board_signature", "custodian_signature"):
            path.deliver(row, tamper(row["events"][0], **{name: "0" * 128}), path.reporting["alder"])
        assert [code for _, _, code in path.parked] == ["signature-refused"] * 2
        assert path.reporting["alder"].task() is None

    def test_the_custodian_believes_its_own_register(self, path):
        """A board that puts another key in a host's place finds no custodian to serve it."""
        path.propose()
        row = path.board.database["outbox"].find_one({"route": "custodian"})
        draft = json.loads(row["events"][0]["body"])["draft"]
        draft["roster"][0]["signing_key"] = "1" * 64
        path.deliver(row, tamper(row["events"][0], draft=draft), path.custodian)
        assert path.parked[-1][2] == "signature-refused"
        register = path.board.context.trust.hosts
        register.put(replace(register.get("alder"), signing_key="1" * 64))
        path.board.database["tasks"].delete_many({})
        path.board.database["outbox"].delete_many({})
        path.propose()
        path.carry()
        assert path.custodian.task() is None
        assert path.audited(path.custodian, "custodian:task:accept") == [("board", "REFUSED")]
        assert path.board.task()["state"] == "REFUSED"

    def test_what_a_board_may_not_propose(self, path):
        """A second task, an unknown host, four hosts, 203 hosts, a seal that has passed, or another kind's plan are refused."""
        path.propose()
        with pytest.raises(TaskExistsError):
            path.propose()
        with pytest.raises(UnknownHostError):
            path.propose(period="2027", hosts=[*HOSTS, "nobody"])
        with pytest.raises(RosterTooSmallError):
            path.propose(period="2027", hosts=HOSTS[:4])
        with pytest.raises(RosterTooLargeError):
            path.propose(period="2027", hosts=[f"host{number}" for number in range(203)])
        with pytest.raises(TaskTooLateError):
            path.propose(period="2026-Q1")
        with pytest.raises(PlanRefusedError, match="is a quarter"):
            path.propose(period="2027-Q1", plan="year-v1")
        with pytest.raises(PlanRefusedError, match="is a year"):
            path.propose(period="2027", plan="quarter-v1")

    def test_a_host_with_another_key_keeps_no_task(self, path):
        """A host whose key is not the roster's does not take part; its task is parked for a person."""
        path.keys["alder"] = path.keys["birch"]
        path.reporting["alder"].context.__dict__.pop("trust", None)
        path.settings("alder", path.reporting["alder"].folder)
        path.reporting["alder"].hearings = {
            h.event.event_type: h for h in service_of("reporting").hearings(path.reporting["alder"].context)
        }
        path.propose()
        path.carry()
        assert path.parked == [("alder", "alongside.board.task_opened.v1", "wrong-plan")]


class TestReports:
    def test_the_whole_path_gives_rounded_tables(self, path):
        """Sixty people of six hosts come out as rounded tables, and every host is on time."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish()
        task = path.board.task()
        assert (task["state"], task["result"]["people"], task["result"]["hosts"]) == ("PROTECTED", 60, 6)
        shown = {t["table"]: t["cells"] for t in task["result"]["tables"] if t["cells"]}
        assert shown["GENDER"] == {"FEMALE": 30, "MALE_OR_OTHER_OR_NOT_STATED": 30}
        assert set(punctuality(path).values()) == {"ON_TIME"}
        assert all(board_says(path, host) == [("RECEIVED", "NONE")] for host in HOSTS)
        assert not path.parked

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"signature": "0" * 128}, "BAD_SIGNATURE"),
            ({"task_signature": "0" * 128}, "BAD_SIGNATURE"),
            ({"task_hash": "0" * 64}, "WRONG_TASK"),
            ({"host": "birch"}, "WRONG_HOST"),
            ({"task_id": "00000000-0000-4000-8000-000000000000"}, "UNKNOWN_TASK"),
        ],
    )
    def test_a_bad_report_is_refused_to_its_sender_alone(self, path, changes, reason):
        """The sender hears the reason, it is audited at both servers, and the other hosts are counted."""
        path.open()
        path.sign_all()
        path.seal_all()
        bad = [submitted(path, "alder"), submitted(path, "alder", "seed_submitted")]
        path.reporting["alder"].database["outbox"].update_many({}, {"$set": {"status": "SENT"}})
        for (row, event), target in zip(bad, (path.board, path.custodian), strict=True):
            path.deliver(row, tamper(event, **changes), target)
        path.finish()
        for party, action in ((path.board, "board:report:take"), (path.custodian, "custodian:report:take")):
            assert path.audited(party, action) == [("alder", reason)]
        assert path.board.task()["result"]["people"] == 50
        assert punctuality(path)["birch"] == "ON_TIME"
        if reason != "UNKNOWN_TASK":
            assert ("REFUSED", reason) in board_says(path, "alder")
        assert board_says(path, "birch") == [("RECEIVED", "NONE")]
        assert not path.parked

    def test_a_second_report_changes_nothing(self, path):
        """A host's further report is refused; its first one counts, and the host stays on time."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.carry()
        row, event = submitted(path, "alder")
        path.deliver(row, tamper(event, report_id=new_id()), path.board)
        path.deliver(row, event, path.board)
        path.finish()
        assert path.audited(path.board, "board:report:take") == [("alder", "SECOND_REPORT")]
        assert punctuality(path)["alder"] == "ON_TIME"
        assert path.board.task()["result"]["hosts"] == 6

    def test_a_half_that_does_not_open_is_refused(self, path):
        """A half sealed to another key does not open; its host needs attention."""
        path.open()
        path.sign_all()
        path.seal_all()
        row, event = submitted(path, "alder")
        content = json.loads(event["body"])
        wrong = json.loads(submitted(path, "birch")[1]["body"])["sealed"]
        path.reporting["alder"].database["outbox"].update_many({"route": "board"}, {"$set": {"status": "SENT"}})
        message = report_message(
            SHARE, task_hash=content["task_hash"], host="alder", report_id=content["report_id"], sealed=wrong
        )
        path.deliver(
            row,
            tamper(event, key=path.keys["alder"], sealed=wrong, signature=path.keys["alder"].sign(message)),
            path.board,
        )
        path.finish()
        assert ("REFUSED", "DOES_NOT_OPEN") in board_says(path, "alder")
        assert path.board.task()["result"]["hosts"] == 5

    def test_a_half_alone_is_left_out_and_told(self, path):
        """A report whose seed never came is not in the cohort; the host hears so and needs attention."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish(lose=lambda event, target: "seed_submitted" in event["type"] and b'"alder"' in event["body"])
        assert board_says(path, "alder")[-1] == ("LEFT_OUT", "NOT_IN_COHORT")
        assert punctuality(path)["alder"] == "NEEDS_ATTENTION"
        assert path.board.task()["result"]["hosts"] == 5

    def test_a_silent_host_is_not_sent_and_a_late_one_late(self, path):
        """After the closing a host without a report is not sent; one that comes then is late."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish(lose=lambda event, target: "submitted" in event["type"] and b'"alder"' in event["body"])
        assert punctuality(path)["alder"] == "NOT_SENT"
        assert board_says(path, "alder") == [("NOT_RECEIVED", "NOT_RECEIVED")]
        path.board.database["tasks"].update_one({}, {"$set": {"state": "SUMMED"}})
        path.deliver(*submitted(path, "alder"), path.board)
        assert punctuality(path)["alder"] == "LATE"

    def test_the_board_reads_no_other_hosts_judgement(self, path):
        """What became of a report goes to its own host's queue and to no other."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.carry()
        rows = list(path.board.database["outbox"].find({"route": "host"}))
        assert sorted(e["to"] for r in rows for e in r["events"]) == sorted(HOSTS)

    def test_an_unsigned_host_sends_nothing(self, path):
        """Without the data lead's sign-off nothing leaves, and the host's page says why."""
        path.open()
        path.sign_all(HOSTS[1:])
        path.seal_all()
        path.finish()
        path.reporting["alder"].work()
        assert submitted(path, "alder") is None
        task = path.reporting["alder"].task()
        assert (task["state"], task["reason"]) == ("NOT_SENT", "LATE") or task["reason"] == "UNSIGNED"
        assert path.board.task()["result"]["hosts"] == 5

    def test_the_ledger_of_who_was_counted_opens_its_commitment(self, path):
        """With salt and ledger the host can show whom its report counted; outside stands only the commitment."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.carry()
        shown = PeriodViews(path.reporting["alder"].context).provenance(path.period)
        pairs = [(c["contribution_id"], c["consent_event_id"]) for c in shown["counted"]]
        assert len(pairs) == 10
        assert commitment(bytes.fromhex(shown["salt"]), pairs) == shown["commitment"]
        assert commitment(bytes.fromhex(shown["salt"]), pairs[1:]) != shown["commitment"]
        assert path.board.database["shares"].find_one({"host": "alder"})["provenance"] == shown["commitment"]


class TestOpening:
    def test_both_store_and_sign_the_cohort_before_the_sum(self, path):
        """Both servers hold both signatures of one cohort hash, and each signed its own list."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish()
        board, custodian = path.board.task(), path.custodian.task()
        assert board["cohort_hash"] == custodian["cohort_hash"]
        for name in ("board", "custodian"):
            for task in (board, custodian):
                signature = task["cohort_signatures"][name]
                check_signature(path.keys[name].public, signature, cohort_message(task["cohort_hash"]))
        message = accepted_message("board", task_hash=board["task_hash"], report_ids=board["accepted"])
        check_signature(path.keys["board"].public, custodian["board_list"], message)

    def test_a_forged_cohort_gets_no_sum(self, path):
        """A cohort that the custodian did not sign, or a smaller one, gets nothing from the board."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.carry()
        path.close_task()
        path.carry(lose=lambda event, target: event["type"] == "alongside.custodian.cohort_agreed.v1")
        row = path.custodian.database["outbox"].find_one({"events.type": "alongside.custodian.cohort_agreed.v1"})
        event = row["events"][0]
        ids = json.loads(event["body"])["report_ids"]
        path.deliver(row, tamper(event, signature="0" * 128), path.board)
        path.deliver(row, tamper(event, key=path.keys["custodian"], report_ids=ids[1:]), path.board)
        assert [code for _, _, code in path.parked] == ["signature-refused", "cohort-refused"]
        assert path.board.task()["state"] == "CLOSED"

    def test_a_second_sum_is_refused(self, path):
        """After the one recorded opening every further sum is refused, whatever the custodian's state."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish()
        row = path.board.database["outbox"].find_one({"events.type": "alongside.board.cohort_summed.v1"})
        path.deliver(row, row["events"][0], path.custodian)
        assert path.parked == [("custodian", "alongside.board.cohort_summed.v1", "second-opening")]

    def test_keys_are_gone_and_both_have_the_others_receipt(self, path):
        """After the end no key of the task is left, and each server holds the other's signed receipt."""
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish()
        for party, other, name in (
            (path.board, "custodian", "custodian_receipt"),
            (path.custodian, "board", "board_receipt"),
        ):
            task = party.task()
            receipt = task[name]
            message = destroyed_message(other, task_hash=task["task_hash"], at=receipt["destroyed_at"])
            check_signature(path.keys[other].public, receipt["signature"], message)
            with pytest.raises(TaskKeyFileError):
                path.keys_of(party)(task["_id"]).existing_server_key()
            with pytest.raises(SignatureRefusedError):
                check_signature(path.keys[other].public, receipt["signature"], message + b"0")
        assert path.custodian.task()["sealed_sum"] is None
        assert path.custodian.database["seeds"].count_documents({}) == 0
        assert path.board.database["shares"].count_documents({}) == 0

    def test_any_order_and_three_copies_of_every_message(self, path):
        """Messages in any order, each three times, open the same one sum."""
        path.open()
        path.sign_all()
        path.seal_all()
        rng = random.Random(7)
        path.finish(rng=rng, repeat=3)
        assert path.board.task()["result"]["people"] == 60
        assert len([e for _, e, _ in path.delivered if e["type"].endswith("tables_protected.v1")]) == 3
        assert {code for _, _, code in path.parked} <= {"second-opening"}


class TestTooFewHosts:
    def test_the_next_task_covers_both_periods(self, mongo, tmp_path):
        """Four reports are never opened; the next task counts both periods, each person once."""
        path = StatisticsPath(mongo, tmp_path, period="2026-Q3")
        try:
            path.open()
            path.sign_all(HOSTS[:4])
            path.seal_all(HOSTS[:4])
            path.finish()
            for host in HOSTS[4:]:
                path.reporting[host].work()
            assert path.board.task()["state"] == "NOT_PUBLISHED"
            assert path.custodian.task()["verdict"] == "TOO_FEW_HOSTS"
            path.period, path.calendar = "2026-Q4", Period.parse("2026-Q4")
            path.clock.moment = path.calendar.ends_at() - timedelta(days=30)
            path.propose()
            path.carry()
            assert path.board.task()["covers"] == ["2026-Q3", "2026-Q4"]
            for host in HOSTS:
                path.consent(host, 2, referral_month="2026-11")
            path.sign_all()
            path.seal_all()
            path.finish()
            assert not path.parked
            assert path.board.task()["result"]["people"] in (70, 75)
        finally:
            path.close()


class TestRelease:
    @pytest.fixture
    def drafted(self, path):
        path.open()
        path.sign_all()
        path.seal_all()
        path.finish()
        command = DraftRelease(release_id=new_id(), task_id=path.board.task()["_id"], actor_id="statistician")
        answer = path.board.do(lambda work: draft_release(command, work=work))
        return answer.ids

    def approve(self, path, ids, *, actor="approver", digest=None):
        command = ApproveRelease(release_id=ids["id"], digest=digest or ids["digest"], actor_id=actor)
        trust = path.board.context.trust
        return path.board.do(lambda work: approve_release(command, work=work, trust=trust))

    def views(self, path):
        return ReleaseViews(path.board.database)

    def test_nobody_outside_sees_a_draft(self, path, drafted):
        """Until another person approves it, no list and no address shows a release."""
        assert self.views(path).releases() == []
        assert [d["id"] for d in self.views(path).drafts()] == [drafted["id"]]

    def test_two_different_people(self, path, drafted):
        """The statistician cannot approve; another person can, of exactly what was looked at, once."""
        with pytest.raises(SamePersonError):
            self.approve(path, drafted, actor="statistician")
        with pytest.raises(ReleaseChangedError):
            self.approve(path, drafted, digest="0" * 64)
        self.approve(path, drafted)
        release = self.views(path).releases()[0]
        check_signature(path.keys["board"].public, release["signature"], release_message(release["digest"]))
        with pytest.raises(NotADraftError):
            self.approve(path, drafted)
        again = DraftRelease(release_id=new_id(), task_id=release["task_id"], actor_id="statistician")
        with pytest.raises(Exception, match="no protected tables"):
            path.board.do(lambda work: draft_release(again, work=work))
        path.carry()
        assert all(p.database["releases"].count_documents({}) == 1 for p in path.reporting.values())

    def test_a_task_has_one_draft(self, path, drafted):
        """A second statistician cannot draft it again."""
        command = DraftRelease(release_id=new_id(), task_id=path.board.task()["_id"], actor_id="other")
        with pytest.raises(ReleaseExistsError):
            path.board.do(lambda work: draft_release(command, work=work))

    def test_an_approver_may_delay_but_not_past_the_lapse(self, path, drafted):
        """A delayed release waits until its day; a delay past the 14 days is refused."""

        def delay(days):
            until = path.clock.now() + timedelta(days=days)
            command = DelayRelease(release_id=drafted["id"], until=until, reason="PUBLIC_EVENT", actor_id="guardian")
            return path.board.do(lambda work: delay_release(command, work=work))

        with pytest.raises(DelayTooLongError):
            delay(15)
        delay(3)
        with pytest.raises(ReleaseDelayedError):
            self.approve(path, drafted)
        path.clock.moment += timedelta(days=4)
        self.approve(path, drafted)

    def test_what_nobody_approves_lapses_after_14_days(self, path, drafted):
        """After 14 days the figures are gone, the draft lapses, and nothing can be approved."""
        path.clock.moment += timedelta(days=14, minutes=1)
        with pytest.raises(NotADraftError):
            self.approve(path, drafted)
        path.board.work()
        task = path.board.task()
        assert (task["state"], task["result"]) == ("NOT_PUBLISHED", None)
        draft = path.board.database["releases"].find_one()
        assert (draft["state"], draft["people"], draft["tables"]) == ("LAPSED", None, [])

    def test_an_ordered_erasure_takes_the_whole_table(self, path, drafted):
        """A tombstone stays in place of the table, the rest is signed anew, the revision says when and why."""
        self.approve(path, drafted)
        command = EraseTable(release_id=drafted["id"], table="GENDER", reason="COURT_ORDER", actor_id="guardian")
        trust = path.board.context.trust
        path.board.do(lambda work: erase_table(command, work=work, trust=trust))
        release = self.views(path).release(drafted["id"])
        gender = next(t for t in release["tables"] if t["table"] == "GENDER")
        assert (gender["status"], gender["cells"], gender["total"]) == ("TOMBSTONE", [], None)
        assert [r["reason"] for r in release["revisions"]] == ["COURT_ORDER"]
        check_signature(path.keys["board"].public, release["signature"], release_message(release["digest"]))
        assert release["digest"] != drafted["digest"]


def test_a_custodian_that_stays_silent_ends_the_task(path):
    """Fourteen days after the closing the board gives up, and so does a custodian that got no sum."""
    path.open()
    path.sign_all()
    path.seal_all()
    path.carry()
    path.close_task()
    path.carry(lose=lambda event, target: event["type"] == "alongside.custodian.cohort_agreed.v1")
    path.clock.moment = path.calendar.closes_at() + timedelta(days=14, minutes=2)
    path.board.work()
    path.custodian.work()
    path.carry()
    assert path.board.task()["state"] == "NOT_PUBLISHED"
    assert path.custodian.task()["verdict"] == "LAPSED"
    assert not lapse(path.board.task()["_id"], work=_Reads(path.board)).ids


class _Reads:
    """Enough of a unit of work to ask a handler about an ended task."""

    def __init__(self, party):
        self._party, self.now = party, party.context.clock.now()

    def get(self, collection, key):
        return self._party.database[collection].find_one({"_id": key})
