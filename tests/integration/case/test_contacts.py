"""Contacts over HTTP: sealed, corrected in sight, never written over, and those of the version before."""

from datetime import UTC, datetime

import pytest
from pymongo.errors import OperationFailure

from services.case.contacts.jobs import bring_over
from services.case.survivors.documents import SURVIVOR
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id

SAYS = {
    "on": "2026-08-20", "mode": "CUSTODY_OR_DETENTION_VISIT", "minutes": 45, "areas": ["HOUSING", "ASYLUM"],
    "interpreter": "PROFESSIONAL", "next_step": "Planted-step", "note": "Planted-note",
}  # fmt: skip
OPENED = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def episode(place):
    """An episode of the advocate who acts below; it is 1 September."""
    place.at(OPENED)
    yield place.episode(advocate_id=place.actor("IMSA"))
    place.at(None)


def path_of(episode):
    return f"/v1/episodes/{episode['id']}/contacts"


def record(place, episode, role="IMSA", **changes):
    answer = place.post(path_of(episode), {**SAYS, **changes}, role)
    assert answer.status_code == 201, answer.json
    return answer.json["id"]


def listed(place, episode, role="IMSA"):
    return {row["id"]: row for row in place.get(path_of(episode), role).json["items"]}


def last_day(place, survivor_id):
    """The day of the last contact, as the survivor's own document keeps it."""
    document = place.database("case")["survivors"].find_one({"_id": survivor_id})
    opening = Sealer.of_known(place.contexts["case"], [survivor_id]).opening(survivor_id)
    day = SURVIVOR.values(document, opened=opening)["last_contact_on"]
    return None if day is None else day.isoformat()


class TestRecording:
    def test_what_was_said_is_read_again_and_stands_nowhere_in_clear(self, place, episode):
        """The day and the words are sealed; how, how long and about what are codes; who wrote it is known."""
        contact_id = record(place, episode)
        row = listed(place, episode)[contact_id]
        assert {name: row[name] for name in SAYS} == SAYS
        assert (row["actor_id"], row["role"], row["corrected_by"]) == (place.actor("IMSA"), "IMSA", None)
        database = place.database("case")
        stored = str([list(database[name].find()) for name in database.list_collection_names()])
        assert "Planted" not in stored
        assert "2026-08-20" not in stored
        assert place.audited(action="case:contact:record", object_id=contact_id, actor_id=place.actor("IMSA"))

    def test_integrators_learn_that_there_was_one_and_neither_when_nor_how(self, place, episode):
        """A mode can say that somebody is detained."""
        contact_id = record(place, episode)
        (stated,) = [e for e in place.stated("case", "contact_recorded.v1") if e["subject"] == contact_id]
        for secret in (b"CUSTODY", b"2026-08-20", b"HOUSING", b"Planted"):
            assert secret not in stated["body"]

    def test_only_what_must_be_said_must(self, place, episode):
        """A client of before that sends no day: nobody knows it, and nothing is guessed."""
        answer = place.post(path_of(episode), {"mode": "PHONE", "interpreter": "NONE_NEEDED", "note": " "}, "IMSA")
        row = listed(place, episode)[answer.json["id"]]
        assert [row[name] for name in ("on", "minutes", "areas", "next_step", "note")] == [None, None, [], None, None]
        assert last_day(place, episode["survivor_id"]) is None

    @pytest.mark.parametrize(
        ("changes", "pointer"),
        [
            ({"on": "2026-09-02"}, "#/on"), ({"on": "20/08/2026"}, "#/on"), ({"on": "0001-01-01"}, "#/on"),
            ({"mode": None}, "#/mode"), ({"minutes": -1}, "#/minutes"), ({"minutes": 12.9}, "#/minutes"), ({"areas": ["CHESS"]}, "#/areas/0"),
            ({"areas": ["HOUSING"] * 22}, "#/areas"), ({"interpreter": "FAMILY_MEMBER"}, "#/interpreter"),
            ({"note": "x" * 4001}, "#/note"), ({"next_step": "x" * 501}, "#/next_step"), ({"colour": "x"}, "#"),
        ],
    )  # fmt: skip
    def test_a_bad_field_is_pointed_at_and_nothing_is_written(self, place, episode, changes, pointer):
        """A day that has not come, by the business clock; a family member is no interpreter."""
        answer = place.post(path_of(episode), {**SAYS, **changes}, "IMSA")
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
        assert listed(place, episode) == {}

    def test_the_last_day_is_the_latest_whatever_was_written_last(self, place, episode):
        """Somebody writes down an older contact later."""
        record(place, episode)
        record(place, episode, on="2026-08-10")
        assert last_day(place, episode["survivor_id"]) == "2026-08-20"

    def test_an_imported_episode_is_for_whoever_may_act_on_its_survivor(self, place):
        """It names no advocate; who was assigned writes there, and nobody else finds it."""
        survivor_id = place.survivor()
        episode = place.episode(survivor_id=survivor_id)
        assert place.post(path_of(episode), SAYS, "IMSA").status_code == 404
        place.post(f"/v1/survivors/{survivor_id}/advocates", {"advocate_ids": [place.actor("IMSA")]})
        assert place.post(path_of(episode), SAYS, "IMSA").status_code == 201
        mine = [row["id"] for row in place.every("/v1/episodes", "IMSA")]
        assert episode["id"] in mine
        place.post(f"/v1/survivors/{survivor_id}/advocates", {"advocate_ids": []})
        assert place.get(path_of(episode), "IMSA").status_code == 404
        assert episode["id"] not in [r["id"] for r in place.every("/v1/episodes", "IMSA")]


class TestCorrecting:
    def correct(self, place, episode, contact_id, role="IMSA", **body):
        said = {"why": "WRITTEN_WRONGLY", **body}
        return place.post(f"{path_of(episode)}/{contact_id}/corrections", said, role)

    def take_back(self, place, episode, contact_id, role="IMSA", why="DID_NOT_HAPPEN"):
        return place.post(f"{path_of(episode)}/{contact_id}/take-back", {"why": why}, role)

    def test_both_stand_in_the_list_and_the_first_as_it_was_written(self, place, episode):
        """Each names the other; what was left blank stays."""
        contact_id = record(place, episode)
        answer = self.correct(place, episode, contact_id, minutes=15, note="")
        assert answer.status_code == 201, answer.json
        rows = listed(place, episode)
        before, now = rows[contact_id], rows[answer.json["id"]]
        assert {name: before[name] for name in SAYS} == SAYS
        assert {name: now[name] for name in SAYS} == {**SAYS, "minutes": 15}
        assert (before["corrected_by"], now["corrects"], now["why"]) == (now["id"], contact_id, "WRITTEN_WRONGLY")
        again = self.correct(place, episode, contact_id, minutes=16)
        assert (again.status_code, again.json["code"]) == (409, "contact-corrected")

    def test_the_last_day_follows_a_correction_and_a_taking_back(self, place, episode):
        """It is never the day of a contact that does not stand."""
        old = record(place, episode, on="2026-08-10")
        new = record(place, episode)
        self.correct(place, episode, new, on="2026-08-05")
        assert last_day(place, episode["survivor_id"]) == "2026-08-10"
        self.take_back(place, episode, old)
        assert last_day(place, episode["survivor_id"]) == "2026-08-05"
        self.correct(place, episode, listed(place, episode)[new]["corrected_by"], clear=["on"])
        assert last_day(place, episode["survivor_id"]) is None

    def test_it_is_corrected_also_after_support_has_ended(self, place, episode):
        """A right that does not end with support."""
        contact_id = record(place, episode)
        place.post(f"/v1/episodes/{episode['id']}/close", {"reason": "DECEASED"}, If_Match='"1"')
        assert self.correct(place, episode, contact_id, minutes=15).status_code == 201

    def test_a_colleagues_contact_is_not_ones_own_mistake(self, place, episode):
        """A supervisor wrote it: the advocate is told whom to ask, and nothing changes."""
        contact_id = record(place, episode, "SUPERVISOR")
        for answer in (
            self.correct(place, episode, contact_id, minutes=1),
            self.take_back(place, episode, contact_id),
        ):
            assert (answer.status_code, answer.json["code"]) == (409, "others-contact")
        assert len(listed(place, episode)) == 1

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [({"why": "BORED"}, "#/why"), ({"note": "x", "clear": ["note"]}, "#/clear"), ({"clear": ["mode"]}, "#/clear/0"),
         ({"on": "2026-09-02"}, "#/on")],
    )  # fmt: skip
    def test_a_bad_correction_is_pointed_at(self, place, episode, body, pointer):
        """Nothing is kept."""
        contact_id = record(place, episode)
        answer = self.correct(place, episode, contact_id, **body)
        assert (answer.status_code, [e["pointer"] for e in answer.json["errors"]]) == (422, [pointer])
        assert len(listed(place, episode)) == 1

    def test_a_contact_of_another_episode_is_not_there(self, place, episode):
        """Also where both are the caller's."""
        other = place.episode(advocate_id=place.actor("IMSA"))
        contact_id = record(place, other)
        assert self.correct(place, episode, contact_id, minutes=1).status_code == 404
        assert self.take_back(place, episode, new_id()).status_code == 404


def test_the_database_lets_the_service_neither_change_nor_delete_a_contact(place, episode):
    """Not even by a mistake of its own program."""
    contact_id = record(place, episode)
    context = place.contexts["case"]
    contacts = context.client[context.database_name]["contacts"]
    with pytest.raises(OperationFailure):
        contacts.update_one({"_id": contact_id}, {"$set": {"minutes": 1}})
    with pytest.raises(OperationFailure):
        contacts.delete_one({"_id": contact_id})


def test_contacts_of_the_version_before_are_brought_over_once(place, episode):
    """Of the same id, without a day or an author that nobody said; the entry stays for processes of that version."""
    recorded = datetime(2026, 8, 6, 10, tzinfo=UTC)
    old = {
        "_id": new_id(), "episode_id": episode["id"], "kind": "contacts", "recorded_at": recorded,
        "updated_at": recorded, "mode": "PHONE", "interpreter": "DECLINED", "minutes": 5, "version": 1,
    }  # fmt: skip
    stray = {**old, "_id": new_id(), "episode_id": new_id()}
    entries = place.database("case")["entries"]
    entries.insert_many([old, stray])
    execute = place.contexts["case"].committer.execute
    assert bring_over(execute) >= 2
    assert bring_over(execute) == 0
    row = listed(place, episode)[old["_id"]]
    assert (row["mode"], row["interpreter"], row["minutes"], row["on"], row["actor_id"]) == (
        "PHONE",
        "DECLINED",
        5,
        None,
        None,
    )
    assert row["recorded_at"].startswith("2026-08-06")
    assert entries.count_documents({"_id": old["_id"], "mode": "PHONE"}) == 1
