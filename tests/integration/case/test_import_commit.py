"""A commit carries out exactly its plan, or says what changed and makes a new one; a kill at any step is resumed."""

import threading
from dataclasses import replace

import pytest

from services.case.imports import planning, run
from services.case.imports.jobs import ImportJob
from services.case.strongroom.documents import key_id, strongroom_of
from shared.keys.key_table import KeyTable
from shared.outbox.committer import DatabaseAwayError
from tests.kit.import_files import WORDS, episodes_of, export, left_out, line, listed, references, tasks_of
from tests.kit.killer import KilledError, Killer, MortalCommitter

pytestmark = pytest.mark.integration

KINDS = {
    "CREATE": "ACCEPTED", "UPDATE": "CHANGED", "UNCHANGED": "UNCHANGED", "HELD": "HELD", "REFUSED": "QUARANTINED",
    "POSSIBLE_CHILD": "POSSIBLE_CHILD", "DUPLICATE": "DUPLICATE",
}  # fmt: skip


def mixed(refs):
    """A file with one of each; the first three references are known."""
    changed, same, ends, new, held, bad, child = refs
    return export(
        line(changed, Gender="Male"), line(same), line(ends, Statistics_Consent="Withdrawn"), line(new),
        line(held, Age_At_Referral=""), line(bad, Nation="Mercia"), line(child, Age_At_Referral="17"), line(new),
    )  # fmt: skip


def check_equal(plan, report):
    """What was carried out is what the plan had told."""
    told = {KINDS[name]: n for name, n in plan["plan_counts"].items() if name in KINDS}
    done = {name: n for name, n in report["counts"].items() if n}
    assert done == told
    assert report["consents_ended"] == plan["plan_counts"].get("CONSENT_ENDED", 0)


def prepared(place):
    """A planned file with one of each."""
    refs = references(7)
    place.upload(export(*(line(ref) for ref in refs[:3])))
    return refs, place.plan(mixed(refs))


class TestExactlyThePlan:
    def test_what_is_carried_out_is_what_was_told(self, place):
        """Rows by what became of them, consents ended, tasks; the file and nothing else of it is gone from the strongroom."""
        refs, plan = prepared(place)
        report = place.commit(plan)
        assert report["state"] == "DONE"
        check_equal(plan, report)
        assert tasks_of(place, report) == [8]
        room = strongroom_of(place.contexts["case"])
        assert room.get(plan["id"]) is None
        assert place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json["hash"] == plan["plan_hash"]
        again = place.plan(mixed(refs))
        assert again["plan_counts"]["UNCHANGED"] == 4

    def test_another_hash_is_refused_and_nothing_is_done(self, place):
        """Whoever commits has looked at this very plan."""
        _, plan = prepared(place)
        answer = place.post(f"/v1/imports/{plan['id']}/commit", {"plan_hash": "0" * 64}, "HOST_DPO")
        assert (answer.status_code, answer.json["code"]) == (409, "other-plan")
        place.run_imports()
        assert place.get(f"/v1/imports/{plan['id']}", "HOST_DPO").json["state"] == "PLANNED"

    def test_only_what_is_planned_is_committed(self, place):
        """One that is done, or was never planned, is no plan any more."""
        _, plan = prepared(place)
        body = {"plan_hash": plan["plan_hash"]}
        place.commit(plan)
        answer = place.post(f"/v1/imports/{plan['id']}/commit", body, "HOST_DPO")
        assert (answer.status_code, answer.json["code"]) == (409, "not-planned")

    def test_references_that_stand_on_rows_far_apart(self, place, monkeypatch):
        """What an earlier chunk of the same file does is in the plan of the later ones."""
        for module in (planning, run):
            monkeypatch.setattr(module, "CHUNK_ROWS", 2)
        monkeypatch.setattr("services.case.imports.carrying.CHUNK_ROWS", 2)
        first, second, third, *others = references(8)
        rows = [
            line(first), line(second), line(third, Statistics_Consent="No"), *(line(o) for o in others),
            line(first, Referral_Date="05/10/2026"), line(second, Gender="Male"), line(third.lower()),
            line(third),
        ]  # fmt: skip
        plan = place.plan(export(*rows))
        report = place.commit(plan)
        check_equal(plan, report)
        told = {(row["row"], p["code"]) for row in place.plan_rows(plan["id"]) for p in row["problems"]}
        assert listed(report) == told


class TestWhatChangedMeanwhile:
    def test_a_record_that_changed_is_told_and_nothing_is_carried_out(self, place):
        """A later file changes somebody: the commit makes a new plan that names the row, which may then be committed."""
        refs, plan = prepared(place)
        place.upload(export(line(refs[0], Gender="Male")))
        before = place.database("case")["episodes"].count_documents({})
        again = place.commit(plan)
        assert (again["state"], again["changed_rows"]) == ("PLANNED", [2])
        assert again["plan_hash"] != plan["plan_hash"]
        assert place.database("case")["episodes"].count_documents({}) == before
        told = place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").json
        assert (told["changed"], told["counts"]["UNCHANGED"]) == ([2], 2)
        check_equal(again, place.commit(again))

    def test_an_erased_person_is_told(self, place):
        """Between plan and commit: the row is not taken, and the plan says so first."""
        (ref,) = references(1)
        first = place.upload(export(line(ref)))
        plan = place.plan(export(line(ref, Gender="Male")))
        episode = episodes_of(place, first)[2]
        survivor = place.database("case")["episodes"].find_one({"_id": episode})["survivor_id"]
        place.contexts["case"].survivor_keys.forget(survivor)
        again = place.commit(plan)
        assert (again["state"], again["plan_counts"]) == ("PLANNED", {"REFUSED": 1})

    def test_a_decision_between_the_check_and_the_row_leaves_the_row_but_for_its_no(self, place, monkeypatch):
        """Somebody's flag moves while rows are carried out: theirs are left and listed, their no is taken, the others are done."""
        refs = references(3)
        first = place.upload(export(*(line(ref) for ref in refs)))
        place.know_words(WORDS, languages=["sq"])
        episodes = episodes_of(place, first)
        rows = (
            line(refs[0], Gender="Male"), line(refs[1], Gender="Male", Statistics_Consent="Refused"),
            line(refs[2], Gender="Male"),
        )  # fmt: skip
        plan = place.plan(export(*rows))
        known = run.ImportRun._known

        def decided(self, chunk):
            for row in (2, 3):
                place.post(f"/v1/episodes/{episodes[row]}/exclude", {"excluded": False}, If_Match='"1"')
            return known(self, chunk)

        monkeypatch.setattr(run.ImportRun, "_known", decided)
        report = place.commit(plan)
        monkeypatch.undo()
        assert {name: n for name, n in report["counts"].items() if n} == {"CHANGED_SINCE_PLAN": 2, "CHANGED": 1}
        assert listed(report) == {(2, "changed-since-plan"), (3, "changed-since-plan")}
        genders = [place.get(f"/v1/episodes/{episodes[row]}").json["gender"] for row in (2, 3, 4)]
        assert genders == ["FEMALE", "FEMALE", "MALE"]
        assert [left_out(place, episodes[row]) for row in (2, 3)] == [None, "REFUSED"]


class TestKilled:
    @pytest.mark.parametrize("when", ["before", "after"])
    def test_at_every_commit_of_plan_and_commit(self, place, monkeypatch, when):
        """Killed at each commit in turn: in the end everything once, as planned."""
        for module in (planning, run):
            monkeypatch.setattr(module, "CHUNK_ROWS", 3)
        monkeypatch.setattr("services.case.imports.carrying.CHUNK_ROWS", 3)
        context = place.contexts["case"]
        at = 1
        while True:
            refs = references(7)
            place.upload(export(*(line(ref) for ref in refs[:3])))
            asked = place.post("/v1/imports?mode=plan", mixed(refs), "HOST_DPO").json["id"]
            mortal = Mortal(context, at, when)
            mortal.run_until_done()
            plan = place.get(f"/v1/imports/{asked}", "HOST_DPO").json
            assert plan["state"] == "PLANNED", plan
            place.post(f"/v1/imports/{asked}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")
            mortal.run_until_done()
            report = place.get(f"/v1/imports/{asked}", "HOST_DPO").json
            assert report["state"] == "DONE", report
            check_equal(plan, report)
            new = [d for d in place.database("case")["import_rows"].find({"import_id": asked}) if d["survivor_id"]]
            assert len(new) == len({d["episode_id"] for d in new})
            if not mortal.died:
                break
            at += 1
        assert at > 8, "it was killed at each of its commits"

    def test_a_plan_that_never_gets_on_fails_after_three_attempts(self, place, monkeypatch):
        """However far each attempt came; what was kept of the file goes."""
        monkeypatch.setattr(planning, "CHUNK_ROWS", 1)
        context = place.contexts["case"]
        asked = place.post("/v1/imports?mode=plan", export(*(line(r) for r in references(3))), "HOST_DPO").json["id"]
        mortal = Mortal(context, 4, "before")
        for _ in range(3):
            mortal.killer.commits = 0
            with pytest.raises(KilledError):
                mortal.job.run()
        mortal.killer.at = None
        mortal.job.run()
        report = place.get(f"/v1/imports/{asked}", "HOST_DPO").json
        assert (report["state"], "3 attempts" in report["why"]) == ("FAILED", True)
        assert not KeyTable(context.keys_database).find([key_id(asked)])


class TestABusyMachine:
    @pytest.mark.parametrize(("mode", "whole"), [("", 1), ("?mode=plan", 2)])
    def test_fewer_rows_are_stored_at_once_after_an_attempt_that_did_not_get_further(
        self, place, monkeypatch, mode, whole
    ):
        """Where a whole chunk never ends in time, an import still does, and as planned.

        The check of a plan went on, so the attempt that makes it is none of those that did not.
        """
        for module in (planning, run):
            monkeypatch.setattr(module, "CHUNK_ROWS", 10)
        monkeypatch.setattr("services.case.imports.carrying.CHUNK_ROWS", 10)
        stored, attempt = [], run.ImportRun._try

        def slow(self, rows, planned, done):
            stored.append(len(rows))
            if len(rows) > 3:
                raise DatabaseAwayError
            return attempt(self, rows, planned, done)

        job = ImportJob(place.contexts["case"])
        asked = place.post(f"/v1/imports{mode}", export(*(line(r) for r in references(13))), "HOST_DPO").json["id"]
        if mode:
            job.run()
            plan = place.get(f"/v1/imports/{asked}", "HOST_DPO").json
            place.post(f"/v1/imports/{asked}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")
        monkeypatch.setattr(run.ImportRun, "_try", slow)
        for _ in range(whole):
            with pytest.raises(DatabaseAwayError):
                job.run()
        assert stored == [10] * whole
        job.run()
        report = place.get(f"/v1/imports/{asked}", "HOST_DPO").json
        assert (report["state"], report["counts"]) == ("DONE", {"ACCEPTED": 13, "QUARANTINED": 0})
        assert stored[whole:] == [2, 2, 2, 2, 2, 2, 1]


class Mortal:
    """A job whose process may end at one of its commits, and then begins anew."""

    def __init__(self, context, at, when, make=ImportJob):
        self.killer, self.died = Killer(at, when), False
        doomed = replace(context)
        doomed.__dict__.update({k: v for k, v in context.__dict__.items() if k not in doomed.__dict__})
        doomed.__dict__["committer"] = MortalCommitter(context.committer, self)
        self.job = make(doomed)

    def run_until_done(self):
        try:
            self.job.run()
        except KilledError:
            self.died = True
            self.killer.at = None
            self.job.run()


def in_threads(*calls):
    """Run these at once, each in a thread of its own; gives what each gave or raised."""
    found = [None] * len(calls)
    gate = threading.Barrier(len(calls))

    def call(at):
        gate.wait()
        try:
            found[at] = calls[at]()
        except Exception as error:  # noqa: BLE001  What went wrong is looked at by the test.
            found[at] = error

    threads = [threading.Thread(target=call, args=(at,)) for at in range(len(calls))]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    return found
