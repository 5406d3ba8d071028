"""The NRM over HTTP: sealed whole, corrected in sight, never written over; it tells nobody and changes nothing else."""

from datetime import UTC, datetime

import pytest
from pymongo.errors import OperationFailure

from deploy.provision.databases import KERNEL_COLLECTIONS
from shared.kernel.ids import new_id

SAYS = {
    "stage": "RG_NEGATIVE", "on": "2026-10-12", "told_on": "2026-10-14", "told_by": "LEGAL_REPRESENTATIVE",
    "authority": "IECA", "note": "Planted-note",
}  # fmt: skip
SECRETS = ("RG_NEGATIVE", "2026-10-12", "2026-10-14", "LEGAL_REPRESENTATIVE", "IECA", "Planted")
TURN = {"turn", "version", "row_us"}
MONDAY = datetime(2026, 11, 2, 12, tzinfo=UTC)


@pytest.fixture
def survivor(place):
    """Somebody whose advocate acts below, supported in England; it is 2 November."""
    place.at(MONDAY)
    survivor_id = place.survivor(advocate_id=place.actor("IMSA"))
    place.episode(survivor_id=survivor_id, advocate_id=place.actor("IMSA"), nation="ENGLAND")
    yield survivor_id
    place.at(None)


def path_of(survivor):
    return f"/v1/survivors/{survivor}/nrm"


def record(place, survivor, **changes):
    answer = place.post(path_of(survivor), {**SAYS, **changes}, "IMSA")
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def listed(place, survivor):
    return {row["id"]: row for row in place.get(path_of(survivor), "IMSA").json["items"]}


def running(place, survivor):
    return place.get(f"{path_of(survivor)}/deadlines", "IMSA").json


def correct(place, survivor, entry_id, **body):
    return place.post(f"{path_of(survivor)}/{entry_id}/corrections", {"why": "WRITTEN_WRONGLY", **body}, "IMSA")


def take_back(place, survivor, entry_id):
    return place.post(f"{path_of(survivor)}/{entry_id}/take-back", {"why": "ANOTHER_PERSON"}, "IMSA")


def everything(place):
    """All that case and consent keep, but for the NRM, the turn that each command takes, and what is heard and sent."""
    kept = {}
    for service in ("case", "consent"):
        database = place.database(service)
        names = set(database.list_collection_names()) - set(KERNEL_COLLECTIONS) - {"nrm_entries"}
        for name in names:
            found = [{k: v for k, v in one.items() if k not in TURN} for one in database[name].find()]
            kept[service, name] = sorted(map(repr, found))
    return kept


def stated(place):
    """What case told anybody, but for the audit log."""
    return [one["id"] for one in place.stated("case") if "audit_recorded" not in one["type"]]


class TestRecording:
    def test_what_was_said_is_read_again_and_nothing_of_it_stands_in_clear(self, place, survivor):
        """Not even the stage; a supervisor reads it; who wrote it is known."""
        entry_id = record(place, survivor)
        (row,) = place.get(path_of(survivor), "SUPERVISOR").json["items"]
        assert {name: row[name] for name in SAYS} == SAYS
        assert (row["decision"], row["outcome"], row["actor_id"]) == ("RG", "NEGATIVE", place.actor("IMSA"))
        stored = str(place.database("case")["nrm_entries"].find_one({"_id": entry_id}))
        assert [secret for secret in SECRETS if secret in stored] == []
        assert place.audited(action="case:nrm:record", object_id=entry_id, actor_id=place.actor("IMSA"))

    def test_nobody_is_told_and_nothing_else_changes(self, place, survivor):
        """No event leaves; counting, consent and support stay to the letter as they were."""
        place.register_wording()
        place.give(survivor)
        place.pump()
        before, told = everything(place), stated(place)
        entry_id = record(place, survivor)
        correct(place, survivor, entry_id, stage="RG_POSITIVE_AWAITING_CG")
        place.pump()
        assert everything(place) == before
        assert stated(place) == told

    @pytest.mark.parametrize("answer", ["NOT_ASKED", "NOT_KNOWN", "DECLINED_TO_ANSWER"])
    def test_each_question_may_be_answered_by_none(self, place, survivor, answer):
        """Three answers that stay apart, and a stage alone is enough."""
        questions = ("stage", "on", "told_on", "told_by", "authority")
        entry_id = record(place, survivor, **dict.fromkeys(questions, answer))
        row = listed(place, survivor)[entry_id]
        assert {row[name] for name in questions} == {answer}
        answer = place.post(path_of(survivor), {"stage": "CONSIDERING", "note": " "}, "IMSA")
        row = listed(place, survivor)[answer.json["id"]]
        assert [row[name] for name in ("on", "told_on", "told_by", "authority", "note")] == [None] * 5

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"stage": None}, "#/stage"), ({"stage": "NOT_A_VICTIM"}, "#/stage"), ({"on": "2026-11-03"}, "#/on"),
            ({"on": "12/10/2026"}, "#/on"), ({"on": "20261012"}, "#/on"), ({"on": "2026-02-29"}, "#/on"), ({"on": "0001-01-01"}, "#/on"),
            ({"on": ""}, "#/on"), ({"told_on": "2026-10-11"}, "#/told_on"), ({"told_on": "SOON"}, "#/told_on"),
            ({"told_by": "POLICE"}, "#/told_by"), ({"authority": "COURT"}, "#/authority"), ({"note": "x" * 1001}, "#/note"),
            ({"solicitor": "x"}, "#"),
        ],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at_and_nothing_is_written(self, place, survivor, changes, pointer):
        """By the business clock; what was said is not repeated."""
        answer = place.post(path_of(survivor), {**SAYS, **changes}, "IMSA")
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
        assert b"Planted" not in answer.data
        assert listed(place, survivor) == {}

    def test_it_needs_no_support_and_no_field_of_it(self, place):
        """Somebody who waits, or of whom nothing but the NRM is known."""
        place.at(MONDAY)
        survivor_id = place.survivor(advocate_id=place.actor("IMSA"))
        record(place, survivor_id)
        assert running(place, survivor_id)["nation"] is None

    def test_of_an_erased_person_nothing_is_read(self, place, survivor):
        """Their key is gone, and with it what was decided; the address is like one of nobody."""
        record(place, survivor)
        place.contexts["case"].survivor_keys.forget(survivor)
        for path in (path_of(survivor), f"{path_of(survivor)}/deadlines"):
            assert place.get(path, "SUPERVISOR").status_code == 404
        assert place.post(path_of(survivor), SAYS, "IMSA").status_code == 404


class TestCorrecting:
    def test_both_stand_in_the_list_and_the_first_as_it_was_written(self, place, survivor):
        """Each names the other; what was left blank stays; there is one correction."""
        entry_id = record(place, survivor)
        answer = correct(place, survivor, entry_id, on="2026-10-13", clear=["note"])
        assert answer.status_code == 201, answer.json
        rows = listed(place, survivor)
        before, now = rows[entry_id], rows[answer.json["id"]]
        assert {name: before[name] for name in SAYS} == SAYS
        assert {name: now[name] for name in SAYS} == {**SAYS, "on": "2026-10-13", "note": None}
        assert (before["corrected_by"], now["corrects"], now["why"]) == (now["id"], entry_id, "WRITTEN_WRONGLY")
        again = correct(place, survivor, entry_id, on="2026-10-01")
        assert (again.status_code, again.json["code"]) == (409, "nrm-corrected")

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [({"why": "BORED"}, "#/why"), ({"note": "x", "clear": ["note"]}, "#/clear"), ({"clear": ["stage"]}, "#/clear/0"),
         ({"on": "2026-11-03"}, "#/on"), ({"on": "2026-10-20"}, "#/told_on")],
    )  # fmt: skip
    def test_a_bad_correction_is_pointed_at(self, place, survivor, body, pointer):
        """Nothing is kept; a new day is judged beside what stays."""
        answer = correct(place, survivor, record(place, survivor), **body)
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
        assert len(listed(place, survivor)) == 1

    def test_another_persons_entry_is_not_there(self, place, survivor):
        """Also where both are the caller's own people."""
        other = place.survivor(advocate_id=place.actor("IMSA"))
        entry_id = record(place, other)
        plan = place.post(f"{path_of(survivor)}/{entry_id}/plan", {"kind": "RECONSIDERATION"}, "IMSA")
        for answer in (correct(place, survivor, entry_id), take_back(place, survivor, new_id()), plan):
            assert answer.status_code == 404

    def test_the_database_lets_the_service_neither_change_nor_delete_an_entry(self, place, survivor):
        """Not even by a mistake of its own program."""
        entry_id = record(place, survivor)
        context = place.contexts["case"]
        entries = context.client[context.database_name]["nrm_entries"]
        with pytest.raises(OperationFailure):
            entries.update_one({"_id": entry_id}, {"$set": {"why": "x"}})
        with pytest.raises(OperationFailure):
            entries.delete_one({"_id": entry_id})

    def test_more_than_anybody_could_read_is_refused(self, place, survivor, monkeypatch):
        """A correction of what stands is still taken, up to a bound of its own."""
        for module in ("MOST", "MOST_READ"):
            monkeypatch.setattr(f"services.case.nrm.documents.{module}", 2 if module == "MOST" else 3)
        first, _ = record(place, survivor), record(place, survivor)
        answer = place.post(path_of(survivor), SAYS, "IMSA")
        assert (answer.status_code, answer.json["code"]) == (409, "nrm-too-much")
        now = correct(place, survivor, first, on="2026-10-13")
        assert now.status_code == 201
        assert correct(place, survivor, now.json["id"], on="2026-10-11").json["code"] == "nrm-too-much"


class TestDeadlines:
    def test_a_negative_decision_of_12_october_told_on_the_14th(self, place, survivor):
        """30 calendar days from the decision and not from the telling; with the source, and that there are exceptions."""
        record(place, survivor)
        told = running(place, survivor)
        assert (told["nation"], told["stage"], told["policy_version"]) == ("ENGLAND", "RG_NEGATIVE", 1)
        assert [(one["kind"], one["due_on"], one["overdue"]) for one in told["items"]] == [
            ("RECONSIDERATION", "2026-11-11", False),
            ("JUDICIAL_REVIEW", "2027-01-12", False),
        ]
        assert all(one["exceptions"] and one["verify"] and one["source"] for one in told["items"])

    def test_a_decision_that_was_overturned_stays_and_asks_for_nothing_more(self, place, survivor):
        """The history has both; only what follows from the newer one runs."""
        record(place, survivor)
        record(place, survivor, stage="RECONSIDERATION_REQUESTED", on="2026-10-16", told_on=None)
        record(place, survivor, stage="RG_POSITIVE_AWAITING_CG", on="2026-10-30", told_on=None)
        told = running(place, survivor)
        assert (told["stage"], [one["kind"] for one in told["items"]]) == ("RG_POSITIVE_AWAITING_CG", ["RECOVERY"])
        assert len(listed(place, survivor)) == 3

    def test_who_waits_for_a_first_responder_is_seen_to(self, place, survivor):
        """For how many days, and whether it is longer than ten working days."""
        record(place, survivor, stage="AWAITING_FIRST_RESPONDER", on="2026-10-12", told_on=None)
        told = running(place, survivor)
        assert told["waited_days"] == 21
        assert [(one["kind"], one["overdue"]) for one in told["items"]] == [("FIRST_RESPONDER", True)]

    def test_a_move_changes_support_and_no_entry(self, place, survivor):
        """Support begins in Scotland: the recovery period is hers there; what was written is as it was."""
        record(place, survivor, stage="RG_POSITIVE_AWAITING_CG")
        assert [one["due_on"] for one in running(place, survivor)["items"]] == ["2026-11-11"]
        before = listed(place, survivor)
        place.episode(survivor_id=survivor, nation="SCOTLAND", referral_date="2026-10-20")
        assert [one["due_on"] for one in running(place, survivor)["items"]] == ["2027-01-10"]
        assert listed(place, survivor) == before

    def plan(self, place, survivor, entry_id, role="IMSA", kind="RECONSIDERATION"):
        return place.post(f"{path_of(survivor)}/{entry_id}/plan", {"kind": kind}, role)

    def steps(self, place, survivor):
        return place.get(f"/v1/survivors/{survivor}/steps").json["items"]

    def test_it_is_put_on_the_list_once_by_its_day(self, place, survivor):
        """The step says to ask them, and names an adviser; an advocate's own press takes it."""
        entry_id = record(place, survivor)
        answer = self.plan(place, survivor, entry_id)
        assert answer.status_code == 201, answer.json
        (step,) = self.steps(place, survivor)
        assert (step["id"], step["due_on"], step["taken_by"]) == (answer.json["id"], "2026-11-11", place.actor("IMSA"))
        assert "regulated legal adviser" in step["what"]
        assert running(place, survivor)["items"][0]["step_id"] == step["id"]
        assert self.plan(place, survivor, entry_id, "SUPERVISOR").json["code"] == "nrm-planned"
        corrected = correct(place, survivor, entry_id, on="2026-10-13").json["id"]
        assert self.plan(place, survivor, corrected).json["code"] == "nrm-planned"
        assert self.plan(place, survivor, entry_id).json["code"] == "nrm-no-deadline"
        take_back(place, survivor, corrected)
        (step,) = self.steps(place, survivor)
        assert (step["state"], step["why"]) == ("DROPPED", "ADDED_IN_ERROR")

    @pytest.mark.parametrize("on", ["2026-09-01", "NOT_KNOWN"])
    def test_what_is_over_or_has_no_day_is_for_today(self, place, survivor, on):
        """Nobody waits for a day that may be over; whoever does it is free."""
        self.plan(place, survivor, record(place, survivor, on=on), "SUPERVISOR")
        (step,) = self.steps(place, survivor)
        assert (step["due_on"], step["taken_by"]) == ("2026-11-02", None)

    def test_only_a_time_that_runs_is_put_there(self, place, survivor):
        """Another kind of the list does not run from this entry; what is none is pointed at."""
        entry_id = record(place, survivor)
        assert self.plan(place, survivor, entry_id, kind="RECOVERY").json["code"] == "nrm-no-deadline"
        assert [e["pointer"] for e in self.plan(place, survivor, entry_id, kind="x").json["errors"]] == ["#/kind"]


def test_the_policy_is_read_with_its_sources(place):
    """By whoever has to answer for it."""
    told = place.get("/v1/nrm-policy", "HOST_DPO").json
    assert told["version"] == 1
    assert {one["kind"] for one in told["items"]} >= {"RECONSIDERATION", "RECOVERY"}
    assert all(one["source"] for one in told["items"])
