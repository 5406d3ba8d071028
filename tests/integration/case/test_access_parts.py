"""Parts of a copy on their way, over a whole host: who answers, what counts, and what no queue and no store shows."""

from datetime import UTC, datetime, timedelta

import pytest
from pymongo.errors import OperationFailure

from services.case.access.jobs import jobs
from shared.contracts.access import AuditPartLeft, ConsentPartLeft
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.runtime.access_parts import PARTS, Item, Part, leave

DPO = "HOST_DPO"
OTHERS = ("consent", "audit", "integrations", "reporting")
CONTACT = {
    "on": "2026-08-20",
    "mode": "PHONE",
    "minutes": 20,
    "areas": ["HOUSING"],
    "interpreter": "NONE_NEEDED",
    "note": "Zlatan-Note",
}


@pytest.fixture
def whole(place, monkeypatch):
    """The host, where audit and integrations hear too; what earlier tests said is carried first."""
    place.pump()
    monkeypatch.setattr(place, "deaf", ())
    place.know_words("stats-2026-1")
    return place


def asked_by(place, survivor, kind="ACCESS"):
    body = {"survivor_id": survivor, "kind": kind, "channel": "IN_PERSON", "words": "Zlatan-Words"}
    return place.post("/v1/rights-cases", body, DPO).json["id"]


def collect(place, case_id, **headers):
    version = place.get(f"/v1/rights-cases/{case_id}", DPO).json["version"]
    answer = place.post(f"/v1/rights-cases/{case_id}/copy", {}, DPO, If_Match=f'"{version}"', **headers)
    assert answer.status_code == 201, answer.json
    return answer.json


def run(place):
    (job,) = jobs(place.contexts["case"])
    job.run()


def state(place, case_id):
    """How far it is, and which parts are there."""
    row = place.get(f"/v1/rights-cases/{case_id}/copy", DPO).json
    return row["state"], {one["party"] for one in row["parts"] if one["answered_at"] is not None}


def words_of(place, case_id, party):
    answer = place.get(f"/v1/rights-cases/{case_id}/copy/parts/{party}", DPO)
    assert answer.status_code == 200, answer.json
    return answer.text


def say(place, service, event):
    """Let a service state something, whatever it thinks of it."""

    def state_it(work):
        work.record(event, sequence=1)
        return Answer(status=200)

    place.contexts[service].committer.execute(Command(run=state_it))


def test_every_service_answers_and_nothing_of_it_travels(whole):
    """Each part has what its service keeps, of this person alone; in no outbox and no strongroom stands a word of it."""
    episode = whole.episode("IMSA")
    survivor = episode["survivor_id"]
    other = whole.survivor("IMSA", name="Dragana-Name", safe_contact="Dragana-Contact")
    told = whole.post(f"/v1/episodes/{episode['id']}/contacts", CONTACT, "IMSA")
    assert told.status_code == 201, told.json
    whole.give(survivor)
    whole.pump()
    case_id = asked_by(whole, survivor)
    collect(whole, case_id)
    assert state(whole, case_id) == ("COLLECTING", set())
    run(whole)
    assert state(whole, case_id) == ("COLLECTING", {"case"})
    whole.pump()
    assert state(whole, case_id) == ("TO_READ", {"case", *OTHERS})
    own = words_of(whole, case_id, "case")
    assert "Zlatan-Note" in own
    assert "Zlatan-Words" in own
    assert "Housing" in own
    assert "Said yes" in words_of(whole, case_id, "consent")
    assert "Released" in words_of(whole, case_id, "reporting")
    assert "episode" in words_of(whole, case_id, "integrations")
    assert "Who saw your record" in words_of(whole, case_id, "audit")
    for party in ("case", *OTHERS):
        said = words_of(whole, case_id, party)
        assert not {one for one in (survivor, other, "Dragana") if one in said}
    for service in ("case", *OTHERS):
        bodies = b"".join(bytes(e["body"]) for e in whole.stated(service) if "access" in e["type"])
        assert b"Zlatan" not in bodies
    strongroom = list(whole.database("strongroom")[PARTS].find())
    kept = list(whole.database("case")["access_parts"].find({"copy_id": case_id}))
    assert len(kept) == 5
    assert not any(b"Zlatan" in bytes(one["sealed"]) for one in strongroom)
    assert not any(b"Zlatan" in bytes(one["sealed"]["content"]) for one in kept)
    reporting = whole.stated("reporting", "access_answered.v1")
    assert reporting
    assert not any(survivor in bytes(e["body"]).decode() for e in reporting)
    identity = whole.database("identity")
    for name in set(identity.list_collection_names()) - {"outbox", "inbox", "relay", "streams", "latest"}:
        assert not any(survivor in str(one) for one in identity[name].find())


def test_where_nothing_is_held_that_is_an_answer(whole):
    """And it is as large as any other small one, so that no queue and no size tells it."""
    survivor = whole.survivor("IMSA")
    case_id = asked_by(whole, survivor)
    collect(whole, case_id)
    run(whole)
    whole.pump()
    row = whole.get(f"/v1/rights-cases/{case_id}/copy", DPO).json
    things = {one["party"]: one["things"] for one in row["parts"]}
    assert (row["state"], things["reporting"], things["consent"]) == ("TO_READ", 0, 0)


@pytest.mark.parametrize("silent", [("audit",), ("consent", "reporting")])
def test_one_who_is_silent_holds_up_nobody_and_is_asked_again(whole, silent, monkeypatch):
    """The others' parts stand; asked again, it answers. Consent is who asks the statistics, so its silence is theirs."""
    case_id = asked_by(whole, whole.survivor("IMSA"))
    monkeypatch.setattr(whole, "deaf", silent[:1])
    collect(whole, case_id)
    run(whole)
    whole.pump()
    assert state(whole, case_id) == ("COLLECTING", {"case", *OTHERS} - set(silent))
    monkeypatch.setattr(whole, "deaf", ())
    whole.at(datetime.now(UTC) + timedelta(minutes=5))
    run(whole)
    whole.pump()
    assert state(whole, case_id)[0] == "TO_READ"


def test_an_answer_of_an_earlier_collection_counts_for_none(whole, monkeypatch):
    """It was on its way when everything was collected anew: other questions, another key."""
    case_id = asked_by(whole, whole.survivor("IMSA"))
    collect(whole, case_id)
    whole.pump(silent=OTHERS)
    whole.pump(silent=(*OTHERS[1:], "case"))  # Consent asked the statistics.
    collect(whole, case_id)
    monkeypatch.setattr(whole, "deaf", OTHERS)
    whole.pump()
    assert state(whole, case_id) == ("COLLECTING", set())
    assert whole.database("case")["access_parts"].count_documents({"copy_id": case_id}) == 0
    monkeypatch.setattr(whole, "deaf", ())
    whole.at(datetime.now(UTC) + timedelta(minutes=5))
    run(whole)
    whole.pump()
    assert state(whole, case_id)[0] == "TO_READ"


def test_what_is_about_another_person_question_or_service_is_no_answer(whole, monkeypatch):
    """Nor what was altered where it waits, nor what is not there; the service is asked again."""
    survivor, other = whole.survivor("IMSA"), whole.survivor("IMSA", name="Dragana-Name")
    case_id = asked_by(whole, survivor)
    monkeypatch.setattr(whole, "deaf", OTHERS)
    collect(whole, case_id)
    kept = whole.database("case")["access_copies"].find_one({"_id": case_id})
    question = {one["party"]: one["id"] for one in kept["questions"]}
    key, items = kept["public_key"], (Item(what="Dragana", when=None, lines=()),)

    def left(service, question_id, about):
        return leave(whole.contexts[service], Part(question_id=question_id, about=about, items=items), key)

    theirs = left("consent", question["consent"], other)
    say(whole, "consent", ConsentPartLeft(**theirs))
    for_audit = left("consent", question["audit"], survivor)
    say(whole, "consent", ConsentPartLeft(**for_audit))
    say(whole, "audit", AuditPartLeft(**for_audit))
    moved = {**left("consent", question["audit"], survivor), "question_id": question["consent"]}
    say(whole, "consent", ConsentPartLeft(**moved))
    altered = left("consent", question["consent"], survivor)
    say(whole, "consent", ConsentPartLeft(**{**altered, "part_hash": "0" * 64}))
    say(whole, "consent", ConsentPartLeft(**{**altered, "part_id": new_id()}))
    whole.pump()
    assert state(whole, case_id) == ("COLLECTING", set())
    say(whole, "consent", ConsentPartLeft(**altered))
    say(whole, "consent", ConsentPartLeft(**left("consent", question["consent"], survivor)))
    whole.pump()
    assert state(whole, case_id) == ("COLLECTING", {"consent"})
    assert whole.database("case")["access_parts"].count_documents({"copy_id": case_id}) == 1


def test_who_leaves_a_part_reads_none(whole):
    """The database itself refuses it, its own as any other's, and lets a part wait a day at most."""
    for service in OTHERS:
        parts = whole.contexts[service].client[f"as_{whole.tenant}_strongroom"][PARTS]
        with pytest.raises(OperationFailure, match="not authorized"):
            parts.find_one()
        with pytest.raises(OperationFailure, match="not authorized"):
            parts.delete_many({})
    indexes = whole.database("strongroom")[PARTS].index_information().values()
    assert 24 * 3600 in [one.get("expireAfterSeconds") for one in indexes]
