"""The job that reads sources: what it makes of them, when, and what it says where it cannot."""

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.case.sources.jobs import SourcesJob
from shared.runtime.apart import Children
from tests.kit.import_files import left_out, references
from tests.kit.salesforce import fault, salesforce
from tests.kit.sources import FIELDS, add, approve, person, planned, pull, run, shown

pytestmark = pytest.mark.integration


@pytest.fixture
def place(several_systems):
    """A host of many systems, at real time."""
    return several_systems


@pytest.fixture
def name(place):
    """The name of a source and its mapping that no other test has; other tests' sources are gone."""
    database = place.database("case")
    for one in ("sources", "source_roll"):
        database[one].delete_many({})
    (reference,) = references(1)
    name = reference[4:14]
    approve(place, name)
    return name


@pytest.fixture
def there(tmp_path):
    with salesforce(tmp_path, fields=FIELDS) as stand_in:
        yield stand_in


def imports_of(place, name):
    return list(place.database("case")["imports"].find({"source": name}).sort("received_at", 1))


class TestWhatItMakes:
    def test_a_plan_waits_and_nothing_is_carried_out(self, place, there, name):
        """By hand, read whole; whoever looks at the plan decides."""
        refs = references(3)
        there.records = [person(ref) for ref in refs]
        source = pull(place, add(place, name), there.adapter())
        assert (source["standing"], source["last_rows"], source["last_was_new"]) == ("GOOD", 3, True)
        report = planned(place, source)
        assert (report["state"], report["source"], report["plan_counts"]["CREATE"]) == ("PLANNED", name, 3)
        assert place.database("case")["import_rows"].count_documents({"import_id": report["id"]}) == 0
        done = place.commit(report, "HOST_DATA_LEAD")
        assert (done["state"], done["counts"]["ACCEPTED"]) == ("DONE", 3)

    def test_the_same_again_is_nothing_new(self, place, there, name):
        """No second plan; the source says that it was read."""
        there.records = [person(ref) for ref in references(2)]
        source_id = add(place, name)
        first = pull(place, source_id, there.adapter())
        planned(place, first)
        again = pull(place, source_id, there.adapter())
        assert (again["last_was_new"], again["last_import_id"]) == (False, first["last_import_id"])
        assert len(imports_of(place, name)) == 1
        there.records[0]["Gender__c"] = "Male"
        assert pull(place, source_id, there.adapter())["last_was_new"] is True
        assert len(imports_of(place, name)) == 2

    def test_the_same_is_planned_again_where_the_last_plan_came_to_nothing(self, place, there, name):
        """An expired plan, or an undone import, must not make its noes silent for ever."""
        there.records = [person(ref) for ref in references(2)]
        source_id = add(place, name)
        first = planned(place, pull(place, source_id, there.adapter()))
        place.undo(place.commit(first, "HOST_DATA_LEAD"))
        again = pull(place, source_id, there.adapter())
        assert (again["last_was_new"], planned(place, again)["state"]) == (True, "PLANNED")

    def test_who_is_deleted_or_absent_is_a_question(self, place, there, name):
        """A task each at the commit, and never a deletion."""
        refs = references(3)
        there.records = [person(ref) for ref in refs]
        source_id = add(place, name)
        place.commit(planned(place, pull(place, source_id, there.adapter())), "HOST_DATA_LEAD")
        there.records = [person(refs[0]), person(refs[1], deleted=True)]
        source = pull(place, source_id, there.adapter())
        assert (source["last_rows"], source["last_deleted"]) == (2, 1)
        report = planned(place, source)
        told = place.get(f"/v1/imports/{report['id']}/plan", "HOST_DATA_LEAD").json
        assert told["absent_count"] == 2
        place.commit(report, "HOST_DATA_LEAD")
        tasks = list(place.database("case")["data_tasks"].find({"import_id": report["id"]}))
        assert [task["kind"] for task in tasks] == ["GONE_AT_SOURCE", "GONE_AT_SOURCE"]

    def test_a_no_in_a_deleted_record_is_heard(self, place, there, name):
        """Whoever says no and is deleted in one go is not only absent."""
        refs = references(2)
        there.records = [person(ref) for ref in refs]
        source_id = add(place, name)
        place.commit(planned(place, pull(place, source_id, there.adapter())), "HOST_DATA_LEAD")
        there.records[0] = person(refs[0], deleted=True, Consent__c="Withdrawn")
        report = planned(place, pull(place, source_id, there.adapter()))
        rows = {row["row"]: row for row in place.plan_rows(report["id"], role="HOST_DATA_LEAD")}
        assert [(row["says_no"], row["consent_ended"]) for row in rows.values()] == [(False, False), (True, True)]
        assert report["noes"] == 1

    def test_a_label_of_two_lines_moves_no_verdict(self, place, there, name):
        """Each deleted record is judged by its own words, not by its neighbour's."""
        refs = sorted(references(3))
        there.fields = [*FIELDS, {"name": "Optout__c", "label": "Opted\nout of statistics (date)"}]
        there.records = [
            person(refs[0], deleted=True, Optout__c=None),
            person(refs[1], deleted=True, Optout__c=None, Consent__c="Withdrawn"),
            person(refs[2], Optout__c=None),
        ]
        report = planned(place, pull(place, add(place, name), there.adapter()))
        assert (report["state"], report["noes"], report["of"]) == ("PLANNED", 1, 2)

    def test_a_possible_childs_task_is_opened_at_once(self, place, there, name):
        """Also of a record that was deleted there, and before anybody commits."""
        refs = references(2)
        there.records = [person(refs[0], Age__c=17), person(refs[1], Age__c=16, deleted=True)]
        report = planned(place, pull(place, add(place, name), there.adapter()))
        assert place.database("case")["tasks"].count_documents({"import_id": report["id"]}) == 2

    def test_the_words_of_a_yes_need_no_second_way(self, place, there, name):
        """What is pulled goes the way of every file: the same mapping, the same plan, the same gate."""
        (ref,) = references(1)
        # Words that nobody registers: another module may have registered the usual ones by now.
        there.records = [person(ref, Consent_Wording__c=f"words-{name}")]
        report = place.commit(planned(place, pull(place, add(place, name), there.adapter())), "HOST_DATA_LEAD")
        (row,) = place.database("case")["import_rows"].find({"import_id": report["id"]})
        assert left_out(place, row["episode_id"]) == "RECONFIRM_REQUIRED"


class TestWhen:
    def at(self, place, hour, day=1):
        place.at(datetime(2027, 2, day, hour, 0, 30, tzinfo=UTC))

    def test_at_its_time_and_not_before(self, place, there, name):
        """Once a day, in London's time."""
        there.records = [person(ref) for ref in references(1)]
        self.at(place, 1)
        source_id = add(place, name, at="02:00")
        run(place, there.adapter())
        assert shown(place, source_id)["standing"] == "NEVER_READ"
        self.at(place, 2)
        run(place, there.adapter())
        source = shown(place, source_id)
        assert (source["standing"], source["next_at"]) == ("GOOD", "2027-02-02T02:00:00Z")
        asked = len(there.asked)
        run(place, there.adapter())
        assert len(there.asked) == asked

    def test_what_may_pass_is_tried_again_soon(self, place, there, name):
        """And the data lead has nothing to do meanwhile."""
        there.wrong = lambda request: fault(503, "SERVER_UNAVAILABLE") if "describe" in request["path"] else None
        self.at(place, 1)
        source_id = add(place, name, at="02:00")
        self.at(place, 2)
        run(place, there.adapter())
        source = shown(place, source_id)
        assert (source["standing"], source["fault"]["code"], source["needs_attention"]) == (
            "FAILING",
            "MAINTENANCE",
            False,
        )
        waits = datetime.fromisoformat(source["next_at"]) - datetime.fromisoformat(source["fault_at"])
        assert waits == timedelta(minutes=1)
        there.wrong = lambda request: None
        there.records = [person(ref) for ref in references(1)]
        place.at(datetime(2027, 2, 1, 2, 5, tzinfo=UTC))
        run(place, there.adapter())
        assert shown(place, source_id)["standing"] == "GOOD"

    def test_two_days_of_silence_are_red(self, place, there, name):
        """Green needs a fresh fact, whatever else is known."""
        self.at(place, 1)
        source_id = add(place, name, at="02:00")
        assert shown(place, source_id)["needs_attention"] is False
        self.at(place, 2, day=3)
        source = shown(place, source_id)
        assert (source["standing"], source["needs_attention"]) == ("OVERDUE", True)

    def test_it_pauses_after_five_failures_that_only_a_person_mends(self, place, there, name):
        """And says so; resumed, it begins anew."""
        there.fields = FIELDS[:-1]
        source_id = add(place, name)
        for number in range(1, 6):
            source = pull(place, source_id, there.adapter())
            assert (source["failures"], source["needs_attention"]) == (number, True)
        assert (source["standing"], source["paused_by"]) == ("PAUSED_BY_FAILURES", "FAILURES")
        assert source["fault"]["what"].endswith(f": {FIELDS[-1]}.")
        answer = place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
        assert (answer.status_code, answer.json["code"]) == (409, "source-paused")
        assert place.post(f"/v1/sources/{source_id}/resume", {}, "HOST_DATA_LEAD").status_code == 200
        there.fields, there.records = FIELDS, [person(ref) for ref in references(1)]
        assert pull(place, source_id, there.adapter())["standing"] == "GOOD"

    def test_what_is_wrong_with_one_stops_no_other(self, place, there, name):
        """The next one is read."""
        there.records = [person(ref) for ref in references(1)]
        broken = add(place, f"{name}.a", profile=name, host="gone.my.salesforce.com")
        well = add(place, name)
        for one in (broken, well):
            place.post(f"/v1/sources/{one}/pull", {}, "HOST_DATA_LEAD")

        normal = there.adapter()

        class Adapter:
            def __getattr__(self, wanted):
                return getattr(normal, wanted)

            def send(self, request, *rest, **options):
                if "gone.my" in request.url:
                    raise RuntimeError("SYN-secret words")
                return normal.send(request, *rest, **options)

        run(place, Adapter())
        assert (shown(place, broken)["fault"]["code"], shown(place, well)["standing"]) == ("FAULT", "GOOD")


class TestWhoMayNot:
    def test_a_source_without_a_mapping_says_so(self, place, there, name):
        """Retired after it was added."""
        source_id = add(place, name)
        (known,) = [
            one for one in place.get("/v1/import-profiles?limit=200", "HOST_ADMIN").json["items"] if one["name"] == name
        ]
        path = f"/v1/import-profiles/{known['id']}/retire"
        assert place.post(path, {}, "HOST_ADMIN", If_Match=f'"{known["version"]}"').status_code == 200
        source = pull(place, source_id, there.adapter())
        assert (source["fault"]["code"], there.asked) == ("MAPPING_GONE", [])

    def test_it_is_read_in_a_child_process_of_its_own(self, place, name):
        """What speaks to Salesforce is large, and has a limit of memory; what it found is noted by the child."""
        source_id = add(place, name)
        place.database("case")["import_profiles"].update_one({"name": name}, {"$set": {"state": "RETIRED"}})
        context = place.contexts["case"]
        place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
        SourcesJob(replace(context, apart=Children(str(place.tenant), threading.Event()))).run()
        assert shown(place, source_id)["fault"]["code"] == "MAPPING_GONE"
        loaded = "import sys; import services.case.sources.jobs; sys.exit('simple_salesforce' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", loaded], cwd=PROJECT_ROOT, check=False, timeout=60).returncode == 0

    def test_a_child_that_does_not_start_stops_no_other(self, place, name):
        """The machine has room for one less; the next source has its turn."""
        for one in (name, f"{name}.b"):
            place.post(f"/v1/sources/{add(place, one, profile=name)}/pull", {}, "HOST_DATA_LEAD")
        tried = []

        def apart(*item):
            tried.append(item)
            raise BlockingIOError

        SourcesJob(replace(place.contexts["case"], apart=apart)).run()
        assert len(tried) == 2

    def test_nothing_seen_is_not_everybody_gone(self, place, there, name):
        """A user who lost their rights sees an empty system."""
        source = pull(place, add(place, name), there.adapter())
        assert source["fault"]["code"] == "NOTHING_SEEN"
        assert imports_of(place, name) == []

    def test_half_of_a_sign_is_never_made_another_one(self, place, there, name):
        """A reference that we would have changed is another person's."""
        there.records = [person(ref, Gender__c="\ud83d") for ref in references(1)]
        assert pull(place, add(place, name), there.adapter())["fault"]["code"] == "NOT_UNDERSTOOD"

    def test_what_does_not_fit_the_mapping_is_told_by_its_import(self, place, there, name):
        """A file's own reasons, and the source is red."""
        there.fields = [*FIELDS, {"name": "Agreed__c", "label": "Statistics Consent"}]
        there.records = [person(ref, Agreed__c="No") for ref in references(1)]
        source = pull(place, add(place, name), there.adapter())
        assert (source["fault"]["code"], source["needs_attention"]) == ("FILE_REFUSED", True)
        report = planned(place, source)
        assert (report["state"], "two columns for one field" in report["why"]) == ("REFUSED", True)

    def test_a_test_signs_in_and_reads_nobody(self, place, there, name):
        """What it came to stands on the source."""
        source_id = add(place, name)
        assert place.post(f"/v1/sources/{source_id}/test", {}, "HOST_ADMIN").status_code == 202
        run(place, there.adapter())
        assert shown(place, source_id)["test"]["fault"] is None
        assert not [path for _, path, _ in there.asked if "query" in path]
        there.fields = FIELDS[1:]
        place.post(f"/v1/sources/{source_id}/test", {}, "HOST_ADMIN")
        run(place, there.adapter())
        source = shown(place, source_id)
        assert (source["test"]["fault"]["code"], source["standing"], source["failures"]) == (
            "FIELD_GONE",
            "NEVER_READ",
            0,
        )

    def test_credentials_that_do_not_open_are_told(self, place, there, name):
        """Such as those of another source, put there in the database."""
        source_id, other = add(place, name), add(place, f"{name}.b", profile=name)
        sources = place.database("case")["sources"]
        sources.update_one({"_id": source_id}, {"$set": {"secret": sources.find_one({"_id": other})["secret"]}})
        assert pull(place, source_id, there.adapter())["fault"]["code"] == "NOT_OPENED"
