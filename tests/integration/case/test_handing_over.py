"""Hand-overs over HTTP: everything at one look, a sealed note, and that it was read."""

from datetime import UTC, datetime

import pytest

from services.case.caseload.commands import GivePeople, give_people
from services.case.handing_over.commands import ReadHandover, WriteNote, read_handover, write_note
from services.case.handing_over.errors import NoteChangedError, NothingToReadError
from services.case.survivors.sealing import Sealer
from shared.kernel.ids import new_id
from tests.integration.case.test_case_races import both_ways, processes, race
from tests.integration.case.test_who_may_act import Advocate

__all__ = ["processes"]
DAYS = {"first_on": "2026-10-20", "last_on": "2026-10-27"}


@pytest.fixture
def team(place):
    """Two advocates, on a Monday."""
    place.at(datetime(2026, 10, 19, 12, tzinfo=UTC))
    yield Advocate(place), Advocate(place)
    place.at(None)


@pytest.fixture
def ida(place, team):
    """Somebody of the first advocate, with a bit of everything; gives her id."""
    ann = team[0]
    survivor_id = place.survivor(name="Planted Ida", safe_contact="Planted: Tuesdays", advocate_id=ann.id)
    episode = place.episode(survivor_id=survivor_id, advocate_id=ann.id)
    path = f"/v1/episodes/{episode['id']}"
    contact = {"mode": "PHONE", "interpreter": "NONE_NEEDED", "on": "2026-10-12", "note": "Planted words"}
    written = ann.post(f"{path}/contacts", contact).json["id"]
    place.post(f"{path}/contacts/{written}/ask", {"question": "Planted question"})
    ann.post(f"{path}/goals", {"area": "HOUSING", "words": "Planted goal", "set_by": "SURVIVOR"})
    ann.post(f"/v1/survivors/{survivor_id}/steps", {"what": "Planted step", "due_on": "2026-10-30"})
    ann.post(f"/v1/survivors/{survivor_id}/nrm", {"stage": "RG_NEGATIVE", "on": "2026-10-01"})
    return survivor_id


def pack_of(survivor_id):
    return f"/v1/survivors/{survivor_id}/handover"


def move(place, verb, giver, taker, survivor_id, **days):
    body = {"from_id": giver.id, "to_id": taker.id, "survivor_ids": [survivor_id], **days}
    answer = place.post(f"/v1/caseload/{verb}", body)
    assert (answer.status_code, answer.json["moved"]) == (201, 1)
    return answer.json["id"]


def write(who, survivor_id, words="Planted note", replaces=None):
    return who.post(f"{pack_of(survivor_id)}/notes", {"words": words, "replaces": replaces})


def read(who, survivor_id, handover_id):
    return who.post(f"{pack_of(survivor_id)}/{handover_id}/read", {})


def waiting(place, survivor_id, state="WAITING"):
    return [row for row in place.every(f"/v1/handovers?state={state}") if row["survivor_id"] == survivor_id]


def told(who, survivor_id):
    return [row["words"] for row in who.get(pack_of(survivor_id)).json["notes"]]


def test_whoever_takes_over_reads_it_all_at_one_look_and_says_so(place, team, ida):
    """Safe contact, note, question, dates, goals, days of contacts without their words; the reading is audited."""
    ann, ben = team
    assert write(ann, ida).status_code == 201
    assert ben.get(pack_of(ida)).status_code == 404
    move(place, "give", ann, ben, ida)
    pack = ben.get(pack_of(ida)).json
    assert (pack["name"], pack["safe_contact"]) == ("Planted Ida", "Planted: Tuesdays")
    assert [row["words"] for row in pack["notes"]] == ["Planted note"]
    assert [row["question"] for row in pack["questions"]] == ["Planted question"]
    assert [(row["what"], row["due_on"]) for row in pack["steps"]] == [("Planted step", "2026-10-30")]
    assert [row["words"] for row in pack["goals"]] == ["Planted goal"]
    (contact,) = pack["contacts"]
    assert (contact["on"], contact["mode"], sorted(contact)) == ("2026-10-12", "PHONE", ["id", "mode", "on"])
    assert pack["nrm"]["stage"] == "RG_NEGATIVE"
    assert [row["advocate_id"] for row in pack["support"]] == [ben.id]
    (handover,) = pack["handovers"]
    assert (handover["state"], handover["from_id"], handover["read_at"]) == ("WAITING", ann.id, None)
    assert place.audited("case", action="case:handover:read", object_id=ida, actor_id=ben.id, outcome="ALLOWED")
    assert [row["id"] for row in waiting(place, ida)] == [handover["id"]]
    assert read(ben, ida, handover["id"]).status_code == 200
    assert waiting(place, ida) == []
    (row,) = waiting(place, ida, "READ")
    assert row["read_at"].startswith("2026-10-19")
    again = read(ben, ida, handover["id"])
    assert (again.status_code, again.json["code"]) == (409, "nothing-to-read")
    assert ann.get(pack_of(ida)).status_code == 404


def test_a_cover_is_read_on_its_days_by_whoever_covers_and_no_other(place, team, ida):
    """Not before the first, not after the last, not by a colleague of the same person; who covers finds the question."""
    ann, ben = team
    cat = Advocate(place)
    write(ann, ida)
    place.post(f"/v1/survivors/{ida}/advocates", {"advocate_ids": [ann.id, cat.id]})
    move(place, "cover", ann, ben, ida, **DAYS)
    assert ben.get(pack_of(ida)).status_code == 404
    (handover,) = waiting(place, ida)
    # Nor are they told whose turn will come: a cover can still be taken back.
    assert ben.get("/v1/handovers").json["items"] == []
    beside = cat.get(pack_of(ida)).json
    assert (beside["notes"], beside["questions"], beside["contacts"], beside["handovers"]) == ([], [], [], [])
    assert read(cat, ida, handover["id"]).status_code == 404
    place.at(datetime(2026, 10, 20, 9, tzinfo=UTC))
    pack = ben.get(pack_of(ida)).json
    assert [len(pack[name]) for name in ("notes", "questions", "contacts", "handovers", "covers")] == [1] * 5
    assert [row["id"] for row in ben.get("/v1/handovers").json["items"]] == [handover["id"]]
    place.at(datetime(2026, 10, 28, 9, tzinfo=UTC))
    assert ben.get(pack_of(ida)).status_code == 404
    assert read(ben, ida, handover["id"]).status_code == 404


@pytest.mark.parametrize("how", ["given on", "cover ends"])
def test_what_is_nobodys_any_more_waits_no_more(place, team, ida, how):
    """Who has the person no more has nothing to read; whoever has them now does, and their notes come along."""
    ann, ben = team
    cat = Advocate(place)
    write(ann, ida)
    if how == "given on":
        move(place, "give", ann, ben, ida)
        first = waiting(place, ida)[0]["id"]
        move(place, "give", ben, cat, ida)
        assert [row["to_id"] for row in waiting(place, ida)] == [cat.id]
        assert told(cat, ida) == ["Planted note"]
    else:
        cover = move(place, "cover", ann, ben, ida, first_on="2026-10-19", last_on="2026-10-27")
        first = waiting(place, ida)[0]["id"]
        place.post(f"/v1/caseload/moves/{cover}/end", {})
        assert waiting(place, ida) == []
    assert [row["id"] for row in waiting(place, ida, "OVER")] == [first]
    assert read(ben, ida, first).status_code == 404
    assert [row for row in ben.get("/v1/handovers").json["items"] if row["survivor_id"] == ida] == []


def test_a_note_is_never_written_over(place, team, ida):
    """Replaced by name, taken back, written again; a supervisor's own stands beside it, and they may mend another's."""
    ann, ben = team
    first = write(ann, ida, "One").json["id"]
    assert write(ann, ida, "Two").json["code"] == "handover-note-changed"
    second = write(ann, ida, "Two", first).json["id"]
    assert write(ann, ida, "Three", first).json["code"] == "handover-note-changed"
    assert write(ann, ida, " ", second).json["code"] == "nothing-said"
    assert told(ann, ida) == ["Two"]
    place.post(f"{pack_of(ida)}/notes", {"words": "Supervisor's"})
    assert sorted(told(ann, ida)) == ["Supervisor's", "Two"]
    theirs = next(row for row in ann.get(pack_of(ida)).json["notes"] if row["words"] == "Supervisor's")
    assert write(ann, ida, "Mine now", theirs["id"]).status_code == 404
    assert place.post(f"{pack_of(ida)}/notes", {"words": None, "replaces": second}).status_code == 201
    assert told(ann, ida) == ["Supervisor's"]
    assert write(ann, ida, "Three").status_code == 201
    assert sorted(told(ann, ida)) == ["Supervisor's", "Three"]
    assert place.database("case")["handover_notes"].count_documents({"survivor_id": ida}) == 5
    assert write(ben, ida).status_code == 404


@pytest.mark.parametrize(("body", "pointer"), [
    ({}, "#/words"), ({"words": None}, "#/words"), ({"words": " \u200b "}, "#/words"), ({"words": "x" * 2001}, "#/words"),
    ({"words": "x", "replaces": "y"}, "#/replaces"), ({"words": 3}, "#/words"),
])  # fmt: skip
def test_a_note_has_words(place, body, pointer):
    """And not too many."""
    answer = place.post(f"{pack_of(place.survivor())}/notes", body)
    assert (answer.status_code, answer.json["errors"][0]["pointer"]) == (422, pointer)


def test_of_one_person_so_many_notes_are_written_and_no_more(place, team, ida, monkeypatch):
    """What stands can still be taken back."""
    monkeypatch.setattr("services.case.handing_over.commands.MOST_NOTES", 1)
    first = write(team[0], ida).json["id"]
    assert write(team[0], ida, "Two", first).json["code"] == "too-many-handover-notes"
    assert write(team[0], ida, None, first).status_code == 201


def test_an_erasure_reaches_note_and_list(place, team, ida):
    """The words stand nowhere in clear, and whoever was erased is on no list."""
    ann, ben = team
    write(ann, ida)
    move(place, "give", ann, ben, ida)
    notes = list(place.database("case")["handover_notes"].find({"survivor_id": ida}))
    assert len(notes) == 1
    assert "Planted" not in str(notes)
    place.contexts["case"].survivor_keys.forget(ida)
    assert waiting(place, ida) == []
    assert ben.get("/v1/handovers").json["items"] == []
    assert ben.get(pack_of(ida)).status_code in {404, 410}
    assert write(ben, ida).status_code in {404, 410}


def test_two_at_once_come_one_after_the_other(place, team, processes, ida):
    """Of two notes one stands and the other is told; likewise of two readings."""
    ann, ben = team
    sealer = Sealer.of_known(place.contexts["case"], [ida])
    about = {"survivor_id": ida, "role": "IMSA"}

    def writes(words):
        note = WriteNote(words=words, actor_id=ann.id, **about)
        return lambda work: write_note(note, work, sealer=sealer)

    met, failures = race(processes, False, writes("One"), writes("Two"))
    assert (met, [type(one) for one in failures]) == (True, [NoteChangedError])
    move(place, "give", ann, ben, ida)
    reading = ReadHandover(handover_id=waiting(place, ida)[0]["id"], actor_id=ben.id, **about)
    met, failures = race(
        processes, False, lambda work: read_handover(reading, work), lambda work: read_handover(reading, work)
    )
    assert (met, [type(one) for one in failures]) == (True, [NothingToReadError])


@both_ways
def test_nobody_reads_what_was_given_on_meanwhile(place, team, processes, ida, turned):
    """Read before it was given on, or told that it is over; it never waits for who has nobody there any more."""
    ann, ben = team
    cat = Advocate(place)
    move(place, "give", ann, ben, ida)
    first = waiting(place, ida)[0]["id"]
    reading = ReadHandover(handover_id=first, survivor_id=ida, actor_id=ben.id, role="IMSA")
    giving = GivePeople(
        move_id=new_id(), from_id=ben.id, to_id=cat.id, survivor_ids=(ida,), known_ids=frozenset({ida}), more=False,
        actor_id=place.actor("SUPERVISOR"), role="SUPERVISOR",
    )  # fmt: skip
    met, failures = race(
        processes, turned, lambda work: read_handover(reading, work), lambda work: give_people(giving, work)
    )
    kept = place.database("case")["handovers"].find_one({"_id": first})["state"]
    assert (met, kept, [type(one) for one in failures]) in ((True, "READ", []), (True, "OVER", [NothingToReadError]))
    assert [row["to_id"] for row in waiting(place, ida)] == [cat.id]


def test_nobody_reads_what_is_not_there(place, team, ida):
    """Nor another person's hand-over under this one's address."""
    ann, ben = team
    other = place.survivor(advocate_id=ben.id)
    move(place, "give", ann, ben, ida)
    handover_id = waiting(place, ida)[0]["id"]
    for survivor_id, named in ((ida, new_id()), (other, handover_id), (new_id(), handover_id)):
        assert read(ben, survivor_id, named).status_code == 404
