"""A reading that is killed, or overtaken by another: what was read is there once, and nothing is left behind."""

import json
import subprocess
import sys
import threading
from datetime import timedelta

import pytest

from deploy.engines.layout import PROJECT_ROOT
from services.case.imports.upkeep import Upkeep
from services.case.sources.jobs import SourcesJob
from services.case.sources.rules.source import HELD, MOST_CUT_OFF
from services.case.strongroom import documents as strongroom
from tests.kit.import_files import export, line, references
from tests.kit.killed_source import ENDED_BY
from tests.kit.salesforce import salesforce
from tests.kit.sources import FIELDS, add, approve, later, person, planned, run, shown

pytestmark = pytest.mark.integration
AFTER_THE_DEAD = later(HELD.total_seconds() + 1)


@pytest.fixture
def place(several_systems):
    for one in ("sources", "source_roll"):
        several_systems.database("case")[one].delete_many({})
    return several_systems


@pytest.fixture
def name(place):
    (reference,) = references(1)
    approve(place, reference[4:14])
    return reference[4:14]


@pytest.fixture
def there(tmp_path):
    with salesforce(tmp_path, [person(ref) for ref in references(3)], FIELDS) as stand_in:
        yield stand_in


def killed(place, point, there=None, folder=None):
    """Run the job in a process of its own that ends at a point; give its exit code."""
    said = {
        "point": point, "tenant": str(place.tenant), "folder": None if folder is None else str(folder),
        "port": 0 if there is None else there.port, "trust": "" if there is None else there.authority,
    }  # fmt: skip
    command = [sys.executable, "-W", "ignore", "-m", "tests.kit.killed_source", json.dumps(said)]
    return subprocess.run(command, cwd=PROJECT_ROOT, timeout=120, check=False, capture_output=True).returncode


def imports_of(place, name):
    return list(place.database("case")["imports"].find({"source": name}))


def kept_uploads(place):
    return {one["of"] for one in place.database("strongroom")["imports"].find({"of": {"$exists": True}}, {"of": 1})}


@pytest.mark.parametrize("point", ["while it is read", "between reading and upload", "between upload and plan"])
def test_a_killed_reading_is_made_again_and_its_upload_is_there_once(place, name, there, point, monkeypatch):
    """Nobody reads it while the dead reader's time runs; what it put away nobody claims, and it is swept."""
    source_id = add(place, name)
    place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
    assert killed(place, point, there) == ENDED_BY
    assert imports_of(place, name) == []
    asked = len(there.asked)
    run(place, there.adapter())
    assert (len(there.asked), shown(place, source_id)["standing"]) == (asked, "READING")
    run(place, there.adapter(), real=AFTER_THE_DEAD)
    source = shown(place, source_id)
    assert (source["standing"], source["asked"]) == ("GOOD", None)
    (one,) = imports_of(place, name)
    assert planned(place, source)["plan_counts"]["CREATE"] == 3
    monkeypatch.setattr(strongroom, "UNCLAIMED", timedelta(0))
    Upkeep(place.contexts["case"]).look()
    assert kept_uploads(place) & {one["_id"] for one in imports_of(place, name)} == {one["_id"]}
    claimed = {d["_id"] for d in place.database("case")["imports"].find({}, {"_id": 1})}
    assert kept_uploads(place) <= claimed


def test_a_reading_that_kills_each_time_ends_and_says_so(place, name, there):
    """It is counted before it is made, and waits as for anything that may pass."""
    source_id = add(place, name)
    place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
    sources = place.database("case")["sources"]
    for _ in range(MOST_CUT_OFF):
        assert killed(place, "between reading and upload", there) == ENDED_BY
        sources.update_one({"_id": source_id}, {"$set": {"held_until": None}})
    run(place, there.adapter())
    source = shown(place, source_id)
    assert (source["fault"]["code"], source["standing"]) == ("KILLED", "FAILING")
    assert source["next_at"] is not None


def test_a_file_whose_reader_is_killed_before_it_moves_it_makes_one_plan(place, name, tmp_path):
    """It is known again, and goes aside."""
    inbox = tmp_path / name
    inbox.mkdir()
    (inbox / "export.csv").write_bytes(export(*(line(ref) for ref in references(2))))
    body = {"name": name, "kind": "folder", "profile": "standard", "system": name}
    source_id = place.post("/v1/sources", body, "HOST_DATA_LEAD").json["id"]
    assert killed(place, "between plan and move", folder=tmp_path) == ENDED_BY
    assert (len(imports_of(place, name)), (inbox / "export.csv").exists()) == (1, True)
    assert killed(place, None, folder=tmp_path) == 0
    assert (len(imports_of(place, name)), (inbox / "export.csv").exists()) == (1, False)
    assert shown(place, source_id)["last_was_new"] is False


class TestTwoAtOnce:
    @pytest.fixture
    def first(self, place, name, there):
        """A reading that stands in the middle until it is let go on; it has ended when the test has."""
        source_id = add(place, name)
        place.post(f"/v1/sources/{source_id}/pull", {}, "HOST_DATA_LEAD")
        reached, go_on = threading.Event(), threading.Event()

        def wrong(request):
            if request["path"].endswith("describe") and not reached.is_set():
                reached.set()
                go_on.wait(60)

        there.wrong = wrong
        job = SourcesJob(place.contexts["case"], adapter=there.adapter())
        thread = threading.Thread(target=job.run, daemon=True)
        thread.start()
        assert reached.wait(60)

        def finish():
            go_on.set()
            thread.join(60)
            assert not thread.is_alive()

        yield source_id, finish
        finish()

    def test_of_two_readers_one_reads(self, place, name, there, first):
        """The other asks nothing at all."""
        source_id, finish = first
        asked = len(there.asked)
        run(place, there.adapter())
        assert len(there.asked) == asked
        finish()
        assert len(imports_of(place, name)) == 1
        assert shown(place, source_id)["standing"] == "GOOD"

    def test_who_was_overtaken_writes_nothing(self, place, name, there, first):
        """Who slept past their time finds another number there."""
        source_id, finish = first
        run(place, there.adapter(), real=AFTER_THE_DEAD)
        (one,) = imports_of(place, name)
        there.records[0]["Gender__c"] = "Male"
        finish()
        assert [found["_id"] for found in imports_of(place, name)] == [one["_id"]]
        assert shown(place, source_id)["last_import_id"] == one["_id"]

    def test_what_is_paused_while_it_is_read_is_thrown_away(self, place, name, there, first):
        """A pause is a no."""
        source_id, finish = first
        assert place.post(f"/v1/sources/{source_id}/pause", {}, "HOST_ADMIN").status_code == 200
        finish()
        source = shown(place, source_id)
        assert (imports_of(place, name), source["state"], source["last_good_at"]) == ([], "PAUSED", None)

    def test_what_is_removed_while_it_is_read_is_thrown_away(self, place, name, there, first):
        """And the job goes on."""
        source_id, finish = first
        assert place.post(f"/v1/sources/{source_id}/remove", {}, "HOST_ADMIN").status_code == 200
        finish()
        assert imports_of(place, name) == []
