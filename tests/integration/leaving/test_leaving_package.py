"""The package of a host that leaves: whole, for the host alone, without the erased, and read back as it was written."""

import csv
import hashlib
import io
import json
import shutil
from datetime import UTC, date, datetime
from types import SimpleNamespace

import pyrage
import pytest
from bson import Binary

from client import audit_verifier
from client.audit_export import write_export
from deploy.keeping.age_files import make_identity, read_identity
from deploy.leaving.errors import ErasedMeanwhileError, PackagePlaceTakenError, PackageUnreadableError
from deploy.leaving.exporting import export_host
from deploy.leaving.reading import HostReading
from deploy.leaving.verifying import verify_package
from deploy.provision.credentials import Vault
from services.audit.checkpoints.signing import Signing, log_key_file
from services.audit.tree.appending import append_waiting
from services.audit.unusual.sealing import ClosingWords
from services.case.leaving.errors import NotAgreedError
from shared.codelists.lists import get
from tests.kit.audited import batch_of, hear
from tests.kit.import_files import episodes_of, export, left_out, line
from tests.kit.tenant_place import TenantPlace

CONTACT = {"mode": "PHONE", "on": "2026-08-04", "interpreter": "NONE_NEEDED", "note": 'Zlatan said; more\n"soon"'}
INTERPRETER = {
    "name": "Vera Invented", "languages": ["sq"], "dialects": ["Gheg"], "gender": "FEMALE", "modes": ["VIDEO"],
    "from_on": "2026-01-01",
}  # fmt: skip
FINDING = {
    "_id": "a-finding", "actor_id": "advocate", "role": "IMSA", "rule": "MASS", "rules_version": "1", "of_officer": False,
    "state": "CLOSED", "entry_ids": [], "times": 1, "odd_hours": 0, "first_at": datetime(2026, 8, 4, tzinfo=UTC),
    "last_at": datetime(2026, 8, 4, tzinfo=UTC), "raised_at": datetime(2026, 8, 4, tzinfo=UTC),
    "updated_at": datetime(2026, 8, 4, tzinfo=UTC), "version": 1,
}  # fmt: skip
OTHER_KEY = str(pyrage.x25519.Identity.generate().to_public())


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host of these tests' own: everything of it is written out."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("leaving"))
    yield place
    place.close()


@pytest.fixture(scope="module")
def people(tenant_place):
    """Two people, one of them erased; a consent, contacts, a question whether they are one, and a signed log."""
    place = tenant_place
    place.register_wording()
    stays, erased = (place.episode(survivor_id=place.survivor(name=name)) for name in ("=Zlatan-Name", "Erased-Name"))
    for episode in (stays, erased):
        for _ in range(2):
            assert place.post(f"/v1/episodes/{episode['id']}/contacts", CONTACT).status_code == 201
        assert place.give(episode["survivor_id"]).status_code == 201
    touched = {"survivor_ids": [stays["survivor_id"], erased["survivor_id"]]}
    breach = place.post("/v1/breaches", {"kind": "OTHER", "contents": []}, "HOST_DPO").json["id"]
    assert place.post(f"/v1/breaches/{breach}/people", touched, "HOST_DPO", If_Match='"1"').status_code == 200
    entry = {"_id": "entry-of-erased", "episode_id": erased["id"], "kind": "contact", "recorded_at": datetime.now(UTC)}
    place.database("case")["entries"].insert_one(entry)
    task = {"_id": "2026-Q3", "id": "a-task", "period": "2026-Q3", "seal_at": datetime.now(UTC), "state": "SEALED"}
    place.database("reporting")["tasks"].insert_one(task)
    place.contexts["case"].survivor_keys.forget(erased["survivor_id"])
    assert place.post("/v1/interpreters", INTERPRETER).status_code == 201
    audit = place.contexts["audit"]
    closed = ClosingWords(audit.tenant_key, place.tenant).seal("a-finding", "Words of an officer")
    closing = {"by": "officer", "at": datetime.now(UTC), "reason": "LEGITIMATE", "words": closed}
    place.database("audit")["unusual_findings"].insert_one({**FINDING, "closings": [closing]})
    hear(audit, batch_of(3))
    hear(audit, batch_of(1, object_id=erased["survivor_id"]))
    append_waiting(audit)
    Signing(audit).run()
    return SimpleNamespace(stays=stays, erased=erased, breach=breach)


@pytest.fixture(scope="module")
def identity(tmp_path_factory):
    file = tmp_path_factory.mktemp("identity") / "identity.txt"
    return SimpleNamespace(file=file, recipient=make_identity(file), opened=read_identity(file))


@pytest.fixture(scope="module")
def kept(tenant_place, engines):
    """The place of that host, as the operator's commands see one."""
    folder = Vault.folder_of(engines.layout.secrets_dir, tenant_place.tenant)
    audit = tenant_place.contexts["audit"]
    return SimpleNamespace(
        admin_uri=engines.mongod.admin_uri, clock_file=audit.settings.clock_file,
        key_files=lambda _: {"tenant.key": folder / "tenant.key", "log.key": log_key_file(audit)},
        about=lambda _: {"spec": {"name": "Host of Rowan"}},
    )  # fmt: skip


def state_it(place, recipient):
    """Let the two people state it."""
    place.database("case")["leavings"].delete_many({})
    assert place.post("/v1/leaving", {"recipient": recipient}, "HOST_DPO").status_code == 201
    assert place.post("/v1/leaving/agree", {}, "HOST_ADMIN", If_Match='"1"').status_code == 200


def written(place, kept, to, recipient, *, write_log=write_export):
    return export_host(kept, place.tenant, to=to, recipient=recipient, write_log=write_log)


def not_read(*_):
    pytest.fail("something was read")


@pytest.fixture(scope="module", autouse=True)
def package(tenant_place, people, identity, kept, tmp_path_factory):
    """What everybody here reads; before any test does something to the host."""
    state_it(tenant_place, identity.recipient)
    folder = tmp_path_factory.mktemp("package") / "alder"
    made = written(tenant_place, kept, folder, identity.recipient)
    return SimpleNamespace(folder=folder, made=made, keys="\n".join(made["keys"]) + "\n")


def lines(package, identity, name):
    opened = pyrage.decrypt((package.folder / f"{name}.age").read_bytes(), [identity.opened])
    return opened.decode()


def records(package, identity, name):
    return [json.loads(line) for line in lines(package, identity, f"records/{name}.jsonl").splitlines()]


def test_what_was_written_is_read_back_whole(package, people, identity):
    """Each line by its schema, each reference, each count, and the log by the verifier that needs nothing of ours."""
    found = verify_package(package.folder, identity.opened, package.keys)
    assert found.problems == []
    assert (found.erased, found.lines["case.survivors"], found.lines["case.contacts"]) == (1, 1, 2)
    keys = package.folder.parent / "keys.txt"
    keys.write_text(package.keys, encoding="utf-8")
    assert audit_verifier.main(["log", str(package.folder / "audit-log"), "--keys", str(keys)]) == 0


def test_people_stand_in_it_as_the_host_knows_them(package, people, identity):
    """Opened with their own keys, and nowhere but inside."""
    (person,) = records(package, identity, "case.survivors")
    assert (person["id"], person["name"]) == (people.stays["survivor_id"], "=Zlatan-Name")
    notes = {row["note"] for row in records(package, identity, "case.contacts")}
    assert notes == {CONTACT["note"]}
    (consent,) = [row for row in records(package, identity, "consent.consents") if row["status"] == "GIVEN"]
    assert consent["survivor_id"] == people.stays["survivor_id"]
    assert len(consent["entries"][0]["text_hash"]) == 64
    (task,) = records(package, identity, "reporting.tasks")
    assert (task["id"], task["own_id"], task["state"]) == ("2026-Q3", "a-task", "SEALED")


def test_what_the_host_keeps_closed_with_its_own_key_is_opened(package, identity):
    """Names of interpreters, and what an officer wrote of unusual access."""
    (one,) = records(package, identity, "case.interpreters")
    assert (one["name"], one["dialects"], one["ties"]) == ("Vera Invented", ["Gheg"], [])
    (found,) = records(package, identity, "audit.unusual_findings")
    assert [closing["words"] for closing in found["closings"]] == ["Words of an officer"]


def test_of_the_erased_nothing_stands_in_it(package, people, identity):
    """Neither a line of theirs, nor their id among others, nor what names their episode alone."""
    everything = "".join(
        lines(package, identity, str(path.relative_to(package.folder)).removesuffix(".age"))
        for path in package.folder.rglob("*.age")
    )
    assert people.stays["survivor_id"] in everything
    assert people.erased["survivor_id"] not in everything
    assert people.erased["id"] not in everything
    assert "Erased-Name" not in everything
    (breach,) = records(package, identity, "case.breaches")
    assert [one["survivor_id"] for one in breach["touched"]] == [people.stays["survivor_id"]]


def test_nothing_of_a_person_lies_plain_on_the_disk(package, people):
    """Nor how many there are; what is plain names nobody."""
    plain = [p for p in package.folder.rglob("*") if p.is_file() and p.suffix != ".age"]
    content = b"".join(path.read_bytes() for path in plain)
    for one in ("Zlatan", people.stays["survivor_id"], people.erased["survivor_id"], '"kept"'):
        assert one.encode() not in content
    assert {path.relative_to(package.folder).parts[0] for path in plain} == {
        "MANIFEST.json", "MANIFEST.sig", "schema.json", "csv-metadata.json", "audit-log",
    }  # fmt: skip


def test_a_table_is_read_by_any_spreadsheet_and_runs_nothing(package, people, identity):
    """A name that begins like a formula is plain text; the words of a note keep their lines."""
    described = json.loads((package.folder / "csv-metadata.json").read_text(encoding="utf-8"))
    urls = {one["url"]: [c["name"] for c in one["tableSchema"]["columns"]] for one in described["tables"]}
    rows = list(
        csv.DictReader(io.StringIO(lines(package, identity, "tables/case.survivors.csv").removeprefix("\ufeff")))
    )
    assert [row["name"] for row in rows] == ["'=Zlatan-Name"]
    assert list(rows[0]) == urls["tables/case.survivors.csv"]
    text = lines(package, identity, "tables/case.contacts.csv").removeprefix("\ufeff")
    notes = {row["note"] for row in csv.DictReader(io.StringIO(text, newline=""))}
    assert notes == {CONTACT["note"]}


def test_it_stands_at_the_host_that_it_was_written(tenant_place, identity, kept, tmp_path):
    """With the digest by which they know it again, and in the audit log."""
    state_it(tenant_place, identity.recipient)
    made = written(tenant_place, kept, tmp_path / "again", identity.recipient)
    row = tenant_place.get("/v1/leaving", "HOST_DPO").json
    assert row["manifest"] == made["manifest_sha256"]
    assert row["manifest"] == hashlib.sha256((tmp_path / "again" / "MANIFEST.json").read_bytes()).hexdigest()
    for action in ("case:leaving:export", "case:leaving:exported"):
        assert tenant_place.audited(action=action, role="SYSTEM")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda f: (f / "records/case.goals.jsonl.age").unlink(), "records/case.goals.jsonl.age is missing"),
        (lambda f: (f / "more.txt").write_text("x"), "more.txt lies there and is not in the manifest"),
        (lambda f: _flip(f / "records/case.contacts.jsonl.age"), "records/case.contacts.jsonl.age was altered"),
        (lambda f: _flip(f / "audit-log/checkpoint"), "audit-log/checkpoint was altered"),
        (lambda f: shutil.copy(f / "records/case.steps.jsonl.age", f / "records/case.needs.jsonl.age"),
         "records/case.needs.jsonl.age was altered"),
    ],
)  # fmt: skip
def test_what_was_changed_since_is_named(package, identity, tmp_path, harm, said):
    """Missing, added, altered, or put in another's place."""
    copy = shutil.copytree(package.folder, tmp_path / "copy")
    harm(copy)
    assert verify_package(copy, identity.opened, package.keys).problems == [said]


def _flip(file):
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)


def test_a_manifest_that_was_written_anew_is_not_signed(package, identity, tmp_path):
    """Nor is it with another host's keys, nor without the identity."""
    copy = shutil.copytree(package.folder, tmp_path / "copy")
    manifest = json.loads((copy / "MANIFEST.json").read_text(encoding="utf-8"))
    manifest["files"].popitem()
    (copy / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(PackageUnreadableError, match="not signed"):
        verify_package(copy, identity.opened, package.keys)
    with pytest.raises(PackageUnreadableError, match="does not open"):
        verify_package(package.folder, pyrage.x25519.Identity.generate(), package.keys)
    with pytest.raises(PackageUnreadableError, match="two lines of keys"):
        verify_package(package.folder, identity.opened, package.keys.splitlines()[0])


def test_without_two_people_nothing_is_written(tenant_place, people, identity, kept, tmp_path):
    """Nobody asked, one alone asked, or they named another key: no file, and no word of an export."""
    place, leavings = tenant_place, tenant_place.database("case")["leavings"]
    before = len(place.audited(action="case:leaving:export"))
    leavings.delete_many({})
    for step in (lambda: None, lambda: place.post("/v1/leaving", {"recipient": identity.recipient}, "HOST_DPO")):
        step()
        with pytest.raises(NotAgreedError):
            written(place, kept, tmp_path / "none", identity.recipient, write_log=not_read)
    state_it(place, OTHER_KEY)
    with pytest.raises(NotAgreedError, match="not the key"):
        written(place, kept, tmp_path / "none", identity.recipient, write_log=not_read)
    assert list(tmp_path.iterdir()) == []
    assert len(place.audited(action="case:leaving:export")) == before


def test_a_folder_that_is_there_is_left_as_it_is(tenant_place, people, identity, kept, tmp_path):
    """Nothing is written over."""
    with pytest.raises(PackagePlaceTakenError):
        written(tenant_place, kept, tmp_path, identity.recipient)


def test_taken_back_while_it_is_written_leaves_nothing(tenant_place, people, identity, kept, tmp_path, monkeypatch):
    """The last word is the host's."""
    state_it(tenant_place, identity.recipient)
    ends = HostReading.check_nobody_was_erased_meanwhile

    def take_back(reading):
        ends(reading)
        assert tenant_place.post("/v1/leaving/take-back", {}, "HOST_DPO", If_Match='"2"').status_code == 200

    monkeypatch.setattr(HostReading, "check_nobody_was_erased_meanwhile", take_back)
    with pytest.raises(NotAgreedError):
        written(tenant_place, kept, tmp_path / "none", identity.recipient)
    assert list(tmp_path.iterdir()) == []


def test_whoever_is_erased_while_it_is_written_does_not_stand_in_it(tenant_place, people, identity, kept, tmp_path):
    """All of it is deleted again, and the operator is told to begin anew."""
    state_it(tenant_place, identity.recipient)
    leaves = tenant_place.survivor(name="Leaves-Now")

    def erase_then_write(get, folder):
        tenant_place.contexts["case"].survivor_keys.forget(leaves)
        return write_export(get, folder)

    with pytest.raises(ErasedMeanwhileError):
        export_host(
            kept, tenant_place.tenant, to=tmp_path / "none", recipient=identity.recipient, write_log=erase_then_write
        )
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_does_not_open_is_named_and_nothing_is_put_in_its_place(
    tenant_place, people, identity, kept, tmp_path
):
    """Its line says so, it is counted, and the package verifies all the same."""
    contacts = tenant_place.database("case")["contacts"]
    stored = contacts.find_one({"survivor_id": people.stays["survivor_id"]})
    harmed = Binary(bytes(stored["sealed"]["note"])[:-1] + b"\0\0")
    contacts.update_one({"_id": stored["_id"]}, {"$set": {"sealed.note": harmed}})
    try:
        state_it(tenant_place, identity.recipient)
        made = written(tenant_place, kept, tmp_path / "harmed", identity.recipient)
    finally:
        contacts.replace_one({"_id": stored["_id"]}, stored)
    assert made["unreadable"] == 1
    found = verify_package(tmp_path / "harmed", identity.opened, "\n".join(made["keys"]))
    assert (found.problems, found.unreadable) == ([], {"case.contacts": 1})
    package = SimpleNamespace(folder=tmp_path / "harmed")
    (line,) = [row for row in records(package, identity, "case.contacts") if row.get("unreadable")]
    assert (line["id"], line["note"], line["mode"]) == (stored["_id"], None, None)


def test_people_go_out_and_come_in_again_by_the_ordinary_import(tenant_place, package, people, identity):
    """The core of a record: reference, referral and codes; a yes is to be confirmed again, since words are no cargo."""
    (episode,) = records(package, identity, "case.episodes")
    (consent,) = [row for row in records(package, identity, "consent.consents") if row["status"] == "GIVEN"]
    again = line(
        "CAME-OVER-1",
        Referral_Date=date.fromisoformat(episode["referral_date"]).strftime("%d/%m/%Y"),
        Age_At_Referral="Adult (18 or over)" if episode["age_band"].startswith("AGE_") else "",
        Gender=get("gender").label(episode["gender"]),
        Nationality="/".join(json.loads(episode["nationality"])),
        Exploitation_Type="; ".join(get("exploitation_type").label(one) for one in episode["exploitation_types"]),
        Nation=get("nation").label(episode["nation"]),
        Consent_Wording=f"elsewhere-{consent['entries'][0]['wording_code']}",
    )
    planned = tenant_place.plan(export(again))
    assert (planned["state"], planned["problems"]) == ("PLANNED", []), planned
    report = tenant_place.commit(planned, "HOST_DATA_LEAD")
    assert report["state"] == "DONE"
    (came,) = episodes_of(tenant_place, report).values()
    row = tenant_place.get(f"/v1/episodes/{came}").json
    for name in ("referral_date", "gender", "exploitation_types", "nation"):
        assert row[name] == episode[name], name
    assert row["nationality"] == json.loads(episode["nationality"])
    assert left_out(tenant_place, came) == "RECONFIRM_REQUIRED"
