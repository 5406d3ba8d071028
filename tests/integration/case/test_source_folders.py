"""Folders as sources: what is put there becomes a plan once, and what is bad goes aside with its reason."""

import os
from dataclasses import replace

import pytest

from services.case.sources.adapters.looks import LOOKS_APART_S
from services.case.sources.jobs import SourcesJob
from services.case.sources.pulling import Pulling
from tests.kit.import_files import export, line, references
from tests.kit.sources import shown

pytestmark = pytest.mark.integration


class Dropped:
    """A source's folder, and the job that looks into it."""

    def __init__(self, place, folder, name):
        self.place, self.name = place, name
        context = place.contexts["case"]
        extra = {**context.settings.extra, "drop_folder": str(folder)}
        self.context = replace(context, settings=replace(context.settings, extra=extra))
        self.inbox = folder / name
        self.job = SourcesJob(self.context, looks_apart_s=0.0)
        body = {"name": name, "kind": "folder", "profile": "standard", "system": name}
        answer = place.post("/v1/sources", body, "HOST_DATA_LEAD")
        assert answer.status_code == 201, answer.json
        self.id = answer.json["id"]

    def put(self, name, content, *, age=100):
        path = self.inbox / name
        path.write_bytes(content)
        os.utime(path, (age, age))

    def look(self):
        """Two looks, since only what stands still between two is taken."""
        for _ in range(2):
            self.job.run()
        return shown(self.place, self.id)

    def imports(self):
        return list(self.place.database("case")["imports"].find({"source": self.name}).sort("received_at", 1))

    def names(self, where="."):
        return sorted(path.name for path in (self.inbox / where).iterdir() if path.name not in {"taken", "refused"})

    def reason(self):
        (path,) = (self.inbox / "refused").glob("*.reason.txt")
        return path.read_text()


@pytest.fixture
def dropped(several_systems, tmp_path):
    for name in ("sources", "source_roll"):
        several_systems.database("case")[name].delete_many({})
    (reference,) = references(1)
    one = Dropped(several_systems, tmp_path, reference[4:14])
    one.inbox.mkdir()
    return one


def test_a_file_becomes_a_plan_and_goes_aside(dropped):
    """At the second look, and nothing is carried out."""
    dropped.put("export.csv", export(*(line(ref) for ref in references(2))))
    dropped.job.run()
    assert (dropped.imports(), dropped.names()) == ([], ["export.csv"])
    dropped.job.run()
    (one,) = dropped.imports()
    assert (one["state"], one["planned"], dropped.names()) == ("PLANNING", True, [])
    (name,) = dropped.names("taken")
    assert name.endswith("-export.csv")
    source = shown(dropped.place, dropped.id)
    assert (source["standing"], source["last_import_id"]) == ("GOOD", one["_id"])


def test_a_bad_file_does_not_stop_the_next(dropped):
    """Whatever is wrong with it; each has its reason, and none has a word of what stands in it."""
    dropped.put("1.exe", b"SYN-secret", age=1)
    (dropped.inbox / "2.csv").symlink_to("/etc/passwd")
    (dropped.inbox / "3").mkdir()
    dropped.put("4.csv", b"SYN-secret,columns\nof,nothing\n", age=4)
    dropped.put("5.csv", export(line(references(1)[0])), age=5)
    dropped.look()
    assert dropped.names() == []
    states = sorted(one["state"] for one in dropped.imports())
    assert states == ["PLANNING", "REFUSED"]
    (taken,) = dropped.names("taken")
    assert taken.endswith("-5.csv")
    refused = dropped.names("refused")
    assert len([name for name in refused if name.endswith(".reason.txt")]) == 4
    reasons = [path.read_text() for path in (dropped.inbox / "refused").glob("*.reason.txt")]
    assert not any("SYN-secret" in reason for reason in reasons)


def test_what_cannot_be_moved_aside_is_read_once_and_said(dropped, monkeypatch):
    """Else it would be planned again at each look, and green in between; its neighbour has its turn."""
    rename = os.rename

    def refuses(name, *rest, **named):
        if name == "1.csv":
            raise PermissionError
        rename(name, *rest, **named)

    monkeypatch.setattr(os, "rename", refuses)
    dropped.put("1.csv", export(line(references(1)[0])), age=1)
    dropped.put("2.csv", export(line(references(1)[0])), age=2)
    dropped.look()
    source = dropped.look()
    assert (source["fault"]["code"], source["needs_attention"]) == ("FOLDER_MISSING", True)
    assert (len(dropped.imports()), dropped.names()) == (2, ["1.csv"])
    version = source["version"]
    assert dropped.look()["version"] == version


def test_without_its_mapping_no_file_is_read(dropped):
    """It is said once, not at each look; with the mapping back, the file has its turn."""
    sources = dropped.place.database("case")["sources"]
    sources.update_one({"_id": dropped.id}, {"$set": {"profile": "nobodys"}})
    dropped.put("export.csv", export(line(references(1)[0])))
    source = dropped.look()
    assert (source["fault"]["code"], dropped.names()) == ("MAPPING_GONE", ["export.csv"])
    version = source["version"]
    assert dropped.look()["version"] == version
    sources.update_one({"_id": dropped.id}, {"$set": {"profile": "standard"}})
    assert (dropped.look()["fault"], len(dropped.imports())) == (None, 1)


def test_a_refused_file_is_looked_through_for_whom_it_says_no(dropped):
    """Of its own system alone; what stands beside the file tells whoever sent it nothing of that."""
    ref, other = references(2)
    for one, system in ((ref, dropped.name), (other, f"{dropped.name}.b")):
        dropped.place.upload(export(line(one)), query=f"?source={system}")
    said = (line(one, Statistics_Consent="Refused") for one in (ref, other))
    dropped.put("export.csv", export(*said).replace(b"Gender", b"Sex there"))
    dropped.look()
    tasks = dropped.place.database("case")["data_tasks"].find({"kind": "REFUSED_FILE_SAID_NO"})
    (made,) = [one for one in dropped.imports() if one["state"] == "REFUSED"]
    assert [one["people"] for one in tasks if one["import_id"] == made["_id"]] == [1]
    assert "known here" in made["why"]
    assert "known here" not in dropped.reason()


def test_what_takes_the_place_of_a_refused_file_has_its_own_turn(dropped, monkeypatch):
    """Such as the mended export, sent again while the first one was being read."""
    refused = Pulling.take

    def take(self, source, spool, **options):
        taken = refused(self, source, spool, **options)
        if taken.refused is not None:
            dropped.put("export.csv", export(line(references(1)[0])), age=200)
        return taken

    monkeypatch.setattr(Pulling, "take", take)
    dropped.put("export.csv", b"SYN-secret,columns\nof,nothing\n")
    dropped.look()
    assert dropped.names() == ["export.csv"]
    dropped.look()
    assert [one["state"] for one in dropped.imports()] == ["REFUSED", "PLANNING"]
    assert (dropped.names("refused"), len(dropped.names("taken"))) == ([], 1)


def test_what_does_not_fit_the_mapping_is_told_by_its_import_and_beside_the_file(dropped):
    """So that whoever sent it, and whoever decides, read the same sentence."""
    dropped.put("export.csv", export(line("A"), columns=("Client Ref", "Gender")))
    source = dropped.look()
    assert (source["fault"]["code"], source["needs_attention"]) == ("FILE_REFUSED", True)
    refused = dropped.place.database("case")["imports"].find_one({"_id": source["last_import_id"]})
    assert (refused["state"], dropped.reason().strip()) == ("REFUSED", refused["why"])


def test_a_file_that_is_read_twice_makes_one_plan(dropped):
    """As after a kill between the plan and the move: it is known again, and goes aside."""
    content = export(*(line(ref) for ref in references(2)))
    dropped.put("export.csv", content)
    dropped.look()
    dropped.put("export.csv", content)
    source = dropped.look()
    assert (len(dropped.imports()), source["last_was_new"], len(dropped.names("taken"))) == (1, False, 2)


def test_a_file_with_its_mark_is_taken_at_the_first_look(dropped):
    """Whoever sends knows best when it is whole."""
    dropped.put("export.csv", export(line(references(1)[0])))
    (dropped.inbox / "export.csv.done").touch()
    SourcesJob(dropped.context, looks_apart_s=LOOKS_APART_S).run()
    assert (len(dropped.imports()), dropped.names()) == (1, [])


def test_a_missing_folder_is_red_until_it_is_there(dropped):
    """And counts once, not at each look."""
    dropped.inbox.rmdir()
    source = dropped.look()
    assert (source["fault"]["code"], source["needs_attention"]) == ("FOLDER_MISSING", True)
    version = source["version"]
    assert dropped.look()["version"] == version
    dropped.inbox.mkdir()
    source = dropped.look()
    assert (source["fault"], source["needs_attention"]) == (None, False)


def test_a_paused_folder_is_left_alone(dropped):
    """Its files wait."""
    dropped.place.post(f"/v1/sources/{dropped.id}/pause", {}, "HOST_ADMIN")
    dropped.put("export.csv", export(line(references(1)[0])))
    dropped.look()
    assert (dropped.imports(), dropped.names()) == ([], ["export.csv"])
    dropped.place.post(f"/v1/sources/{dropped.id}/resume", {}, "HOST_ADMIN")
    dropped.look()
    assert len(dropped.imports()) == 1


def test_a_test_looks_whether_files_could_be_taken(dropped):
    """And takes none."""
    dropped.put("export.csv", export(line(references(1)[0])))
    dropped.place.post(f"/v1/sources/{dropped.id}/test", {}, "HOST_ADMIN")
    dropped.job.run()
    assert shown(dropped.place, dropped.id)["test"]["fault"] is None
    assert dropped.names() == ["export.csv"]


def test_spreadsheets_are_read_too(dropped):
    """By the same mapping."""
    from services.case.mappings.rules.template import template_xlsx

    dropped.put("export.xlsx", template_xlsx())
    source = dropped.look()
    assert dropped.names() == []
    assert source["last_import_id"] is not None
