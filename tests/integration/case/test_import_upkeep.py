"""Plans that nobody commits: a no in one is told after a day, all of it is gone after fourteen."""

from datetime import timedelta

import pytest

from services.case.imports.upkeep import _AT_ONCE, Upkeep
from services.case.strongroom.documents import UNCLAIMED, key_id, strongroom_of
from shared.kernel.clock import real_now
from shared.keys.key_table import KeyTable
from tests.kit.import_files import export, line, open_data_tasks, references

pytestmark = pytest.mark.integration


@pytest.fixture
def later(place):
    """Lets days pass, and then looks as often as it takes: other tests of this host leave plans too."""

    def pass_by(**values):
        moment = real_now() + timedelta(**values)
        place.at(moment)
        due = place.database("case")["imports"].count_documents({"expires_at": {"$lte": moment}})
        for _ in range(1 + due // _AT_ONCE):
            Upkeep(place.contexts["case"]).look()

    yield pass_by
    place.at(None)


def reminders(place, plan):
    return [one["kind"] for one in open_data_tasks(place) if one["import_id"] == plan["id"]]


def test_a_planned_no_that_nobody_commits_becomes_a_task_once(place, later):
    """Not within the day, then one; a plan without a no has none."""
    refs = references(2)
    with_no = place.plan(export(line(refs[0], Statistics_Consent="Withdrawn")))
    without = place.plan(export(line(refs[1])))
    later(hours=23)
    assert reminders(place, with_no) == []
    later(hours=25)
    later(hours=26)
    assert (reminders(place, with_no), reminders(place, without)) == (["PLANNED_NO_NOT_COMMITTED"], [])


def test_a_plan_that_takes_the_place_of_one_is_told_anew(place, later):
    """The commit found something changed, and now the new plan's no waits: the task that was closed is open again."""
    refs = references(2)
    place.upload(export(line(refs[0])))
    plan = place.plan(export(line(refs[0], Gender="Male"), line(refs[1], Statistics_Consent="Withdrawn")))
    later(hours=25)
    (task,) = place.database("case")["data_tasks"].find({"import_id": plan["id"]})
    assert place.post(f"/v1/data-tasks/{task['_id']}/close", role="HOST_DATA_LEAD").status_code == 200
    place.upload(export(line(refs[0], Gender="Male")))
    assert place.commit(plan)["state"] == "PLANNED"
    later(hours=51)
    assert place.database("case")["data_tasks"].find_one({"_id": task["_id"]})["state"] == "OPEN"


def test_a_plan_is_gone_after_fourteen_days(place, later):
    """EXPIRED: no commit, no plan, no key, nothing in the strongroom; what was carried out before it is still DONE."""
    plan = place.plan(export(line(references(1)[0])))
    done = place.commit(place.plan(export(line(references(1)[0], Gender="Q"))))
    later(days=13)
    assert place.get(f"/v1/imports/{plan['id']}/plan", "HOST_DPO").status_code == 200
    later(days=15)
    states = [place.get(f"/v1/imports/{one['id']}", "HOST_DPO").json["state"] for one in (plan, done)]
    assert states == ["EXPIRED", "DONE"]
    for one in (plan, done):
        assert place.get(f"/v1/imports/{one['id']}/plan", "HOST_DPO").status_code == 409
        assert not KeyTable(place.contexts["case"].keys_database).find([key_id(one["id"])])
        assert not list(place.database("strongroom")["imports"].find({"of": one["id"]}))
    answer = place.post(f"/v1/imports/{plan['id']}/commit", {"plan_hash": plan["plan_hash"]}, "HOST_DPO")
    assert answer.json["code"] == "not-planned"


def test_what_an_undo_would_need_goes_after_a_day_however_many_and_old_they_are(place, later, monkeypatch):
    """Within the day it stays; then it goes in small parts, also where nobody looked for weeks."""
    monkeypatch.setattr("services.case.imports.upkeep._AT_ONCE", 1)
    done = [place.commit(place.plan(export(line(ref)))) for ref in references(2)]
    kept = {"import_id": {"$in": [one["id"] for one in done]}}
    later(hours=23)
    assert place.database("case")["import_changes"].count_documents(kept) == 2
    every = len(place.database("case")["import_changes"].distinct("import_id"))
    for _ in range(every):
        later(days=40)
    assert place.database("case")["import_changes"].count_documents(kept) == 0


def test_a_sweep_leaves_what_a_plan_needs(place):
    """Old parts of a plan stay; those of an import that nobody knows go, with their key."""
    room, context = strongroom_of(place.contexts["case"]), place.contexts["case"]
    plan = place.plan(export(line(references(1)[0])))
    room.put("nobodys", b"left behind", part="plan/1/000000")
    old = {"$set": {"put_at": real_now() - UNCLAIMED - timedelta(seconds=1)}}
    place.database("strongroom")["imports"].update_many({"of": {"$in": [plan["id"], "nobodys"]}}, old)
    Upkeep(context).look()
    assert not KeyTable(context.keys_database).find([key_id("nobodys")])
    assert room.get("nobodys", part="plan/1/000000") is None
    assert place.commit(plan)["state"] == "DONE"
