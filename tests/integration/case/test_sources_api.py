"""Sources over HTTP: who may, what is refused, what is audited, and that a credential is shown to nobody."""

import io
import json
import logging

import pytest

from tests.kit.import_files import references
from tests.kit.salesforce import CLIENT, PERSON, SETTINGS, salesforce
from tests.kit.sources import FIELDS, add, approve, person, planned, pull, shown

pytestmark = pytest.mark.integration


@pytest.fixture
def place(several_systems):
    for one in ("sources", "source_roll"):
        several_systems.database("case")[one].delete_many({})
    return several_systems


@pytest.fixture
def name(place):
    (reference,) = references(1)
    name = reference[4:14]
    approve(place, name)
    return name


def body(name, **values):
    return {"name": name, "kind": "salesforce", "profile": name, **SETTINGS, "credentials": CLIENT, **values}


def secrets_in(text):
    return [value for value in (*CLIENT.values(), *PERSON.values()) if value in text]


@pytest.fixture
def logged():
    """Whatever anybody logs, down to the libraries' own whispers."""
    text = io.StringIO()
    handler, root = logging.StreamHandler(text), logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield text
    root.removeHandler(handler)
    root.setLevel(before)


def test_no_credential_stands_anywhere(place, name, tmp_path, logged):
    """Neither in an answer, nor in any database of the tenant, its outboxes and audit included, nor in a log."""
    with salesforce(tmp_path, [person(ref) for ref in references(1)], FIELDS) as there:
        source_id = add(place, name)
        answers = [shown(place, source_id), place.get("/v1/sources", "HOST_ADMIN").json]
        changed = {"sign_in": "password", "credentials": PERSON}
        answer = place.post(f"/v1/sources/{source_id}/credentials", changed, "HOST_ADMIN")
        assert answer.status_code == 200
        answers.append(pull(place, source_id, there.adapter()))
        assert answers[-1]["standing"] == "GOOD"
        answers.append(planned(place, answers[-1]))
        place.post(
            f"/v1/sources/{source_id}/credentials",
            {"sign_in": "password", "credentials": {**PERSON, "more": "x"}},
            "HOST_ADMIN",
        )
        there.wrong = lambda request: (500, "no " + " ".join(PERSON.values()))
        answers.append(pull(place, source_id, there.adapter()))
    found = [
        repr(document)
        for base in ("case", "audit", "strongroom", "keys")
        for collection in place.database(base).list_collection_names()
        for document in place.database(base)[collection].find()
    ]
    assert secrets_in(json.dumps([*answers, answer.json], default=str)) == []
    assert [text for text in found if secrets_in(text)] == []
    assert secrets_in(logged.getvalue()) == []


def test_each_act_is_audited(place, name):
    """By whom, and on which source."""
    source_id = add(place, name)
    for verb in ("test", "pause", "resume", "remove"):
        assert place.post(f"/v1/sources/{source_id}/{verb}", {}, "HOST_ADMIN").status_code in {200, 202}
    acts = [one["action"] for one in place.audited("case", object_id=source_id)]
    assert acts == [f"case:source:{verb}" for verb in ("add", "test", "pause", "resume", "remove")]
    assert place.get(f"/v1/sources/{source_id}", "HOST_DPO").status_code == 404


def test_what_a_job_brings_in_is_audited_as_its_askers(place, name, tmp_path):
    """As a source's doing."""
    with salesforce(tmp_path, [person(ref) for ref in references(1)], FIELDS) as there:
        source = pull(place, add(place, name), there.adapter())
    (entry,) = place.audited("case", object_id=source["last_import_id"])
    assert (entry["action"], entry["role"]) == ("case:import:start", "SOURCE")
    assert entry["actor_id"] == place.actor("HOST_DATA_LEAD")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"profile": "no-such-mapping"}, "profile"),
        ({"profile": "charitylog_referrals"}, "profile"),
        ({"system": "another"}, "system"),
        ({"host": None}, "host"),
        ({"object": None}, "object"),
        ({"credentials": None}, "credentials"),
        ({"credentials": {**CLIENT, "consumer_secret": ""}}, "credentials"),
        ({"credentials": {**CLIENT, "more": "x"}}, "credentials"),
        ({"host": "login.salesforce.com"}, "host"),
        ({"kind": "folder"}, "host"),
        ({"host": "evil.example.org"}, "host"),
        ({"host": "x.my.salesforce.com\n"}, "host"),
        ({"object": "Contact; x"}, "object"),
        ({"at": "25:00"}, "at"),
        ({"name": "../keys"}, "name"),
        ({"kind": "ftp"}, "kind"),
    ],
)
def test_what_does_not_fit_is_refused_by_its_field(place, name, changes, field):
    """And its value is not said back."""
    answer = place.post("/v1/sources", {**body(name), **changes}, "HOST_DATA_LEAD")
    assert answer.status_code == 422, answer.json
    assert field in {one["pointer"].removeprefix("#/").partition("/")[0] for one in answer.json["errors"]}
    assert secrets_in(json.dumps(answer.json)) == []
    assert place.database("case")["sources"].count_documents({}) == 0


def test_a_mapping_without_a_system_needs_one(place):
    """Whose references they are."""
    answer = place.post("/v1/sources", {"name": "a", "kind": "folder", "profile": "standard"}, "HOST_DATA_LEAD")
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/system")


def test_a_name_is_one_sources_and_there_are_twenty_at_most(place, name):
    """A removed one's name is free again."""
    first = add(place, name)
    assert place.post("/v1/sources", body(name), "HOST_ADMIN").json["code"] == "source-name-taken"
    assert place.post(f"/v1/sources/{first}/remove", {}, "HOST_ADMIN").status_code == 200
    for number in range(20):
        add(place, name if number == 0 else f"{name}.{number}", profile=name)
    assert (
        place.post("/v1/sources", body(f"{name}.more", profile=name), "HOST_ADMIN").json["code"] == "too-many-sources"
    )


def test_a_folder_has_no_credentials(place):
    """Who may write there, its system says."""
    added = {"name": "a", "kind": "folder", "profile": "standard", "system": "casefile"}
    source_id = place.post("/v1/sources", added, "HOST_DATA_LEAD").json["id"]
    answer = place.post(
        f"/v1/sources/{source_id}/credentials", {"sign_in": "password", "credentials": PERSON}, "HOST_ADMIN"
    )
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, "#/credentials")
