"""Acknowledge or ask, over HTTP: sealed words, one look a contact, only for whoever may see the contact."""

import pytest

from services.case.asking.commands import AnswerQuestion, LookAtContact, answer_question, look_at_contact
from services.case.asking.errors import LookedAtError, NothingAskedError
from services.case.asking.views import LookViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from tests.integration.case.test_case_races import processes, race
from tests.integration.case.test_who_may_act import Advocate

__all__ = ["processes"]
CONTACT = {"mode": "PHONE", "interpreter": "PROFESSIONAL", "minutes": 5}
QUESTION, ANSWER = {"question": "Planted question"}, {"answer": "Planted answer"}


@pytest.fixture
def ann(place):
    return Advocate(place)


@pytest.fixture
def contact(place, ann):
    """The address of a contact that an advocate wrote."""
    episode = place.episode(advocate_id=ann.id)
    path = f"/v1/episodes/{episode['id']}/contacts"
    return f"{path}/{ann.post(path, CONTACT).json['id']}"


def listed(who, state="ASKED"):
    """What an advocate of one test sees: they have nobody of another one's."""
    return who.get(f"/v1/contact-looks?state={state}").json["items"]


def test_a_question_waits_until_it_is_answered_and_both_stay(place, ann, contact):
    """Sealed; who asked and who answered is known; both are audited."""
    asked = place.post(f"{contact}/ask", QUESTION)
    assert asked.status_code == 201, asked.json
    (row,) = listed(ann)
    assert (row["question"], row["answer"], row["looked_by"]) == ("Planted question", None, place.actor("SUPERVISOR"))
    answered = ann.post(f"{contact}/answer", ANSWER)
    assert answered.status_code == 200, answered.json
    assert listed(ann) == []
    (row,) = listed(ann, "ANSWERED")
    assert (row["question"], row["answer"], row["answered_by"]) == ("Planted question", "Planted answer", ann.id)
    database = place.database("case")
    assert "Planted" not in str([list(database[name].find()) for name in database.list_collection_names()])
    for action in ("case:contact:look", "case:contact:answer"):
        assert place.audited("case", action=action, object_id=contact.split("/")[-1], outcome="ALLOWED")


@pytest.mark.parametrize("first", ["acknowledge", "ask"])
def test_a_contact_is_looked_at_once(place, ann, contact, first):
    """Whichever came first; what is not open is not answered."""
    assert place.post(f"{contact}/{first}", QUESTION if first == "ask" else {}).status_code == 201
    for verb, body in (("acknowledge", {}), ("ask", QUESTION)):
        again = place.post(f"{contact}/{verb}", body)
        assert (again.status_code, again.json["code"]) == (409, "looked-at")
    statuses = [ann.post(f"{contact}/answer", ANSWER).status_code for _ in range(2)]
    assert statuses == ([200, 409] if first == "ask" else [409, 409])


def test_a_colleague_sees_no_question_and_whoever_takes_over_does(place, ann, contact):
    """A second advocate of the same person has their own work; who is given the person has the question too."""
    survivor_id = place.get("/".join(contact.split("/")[:4])).json["survivor_id"]
    ben = Advocate(place)
    place.post(f"/v1/survivors/{survivor_id}/advocates", {"advocate_ids": [ann.id, ben.id]})
    place.post(f"{contact}/ask", QUESTION)
    assert listed(ben) == []
    assert ben.post(f"{contact}/answer", ANSWER).status_code == 404
    place.post("/v1/caseload/give", {"from_id": ann.id, "to_id": ben.id, "survivor_ids": [survivor_id]})
    team = {row["advocate_id"]: row for row in place.get("/v1/caseload").json["items"]}
    assert team[ben.id]["questions"] == 1
    assert len(listed(ben)) == 1
    assert listed(ann) == []
    assert ben.post(f"{contact}/answer", ANSWER).status_code == 200


def test_a_colleagues_questions_hide_nobody_elses(place, ann, contact):
    """However many of theirs come first, an advocate is shown their own."""
    survivor_id = place.get("/".join(contact.split("/")[:4])).json["survivor_id"]
    ben = Advocate(place)
    place.post(f"/v1/survivors/{survivor_id}/advocates", {"advocate_ids": [ann.id, ben.id]})
    path = f"/v1/episodes/{place.episode(survivor_id=survivor_id, advocate_id=ben.id)['id']}/contacts"
    later = f"{path}/{ben.post(path, CONTACT).json['id']}"
    for one in (contact, later):
        assert place.post(f"{one}/ask", QUESTION).status_code == 201
    who = Principal(
        actor_id=ben.id, tenant_id=place.tenant, organisation_id=str(place.tenant), role="IMSA", scopes=frozenset()
    )
    context = place.contexts["case"]
    ((row,), answered) = LookViews(context, SurvivorViews(context)).questions(who, 1)
    assert (row["contact_id"], answered) == (later.rsplit("/", maxsplit=1)[-1], [])


def test_an_erasure_reaches_question_and_answer(place, ann, contact):
    """They stand on no list, and no key opens them."""
    survivor_id = place.get("/".join(contact.split("/")[:4])).json["survivor_id"]
    place.post(f"{contact}/ask", QUESTION)
    place.contexts["case"].survivor_keys.forget(survivor_id)
    assert listed(ann) == []
    assert survivor_id not in {row["survivor_id"] for row in place.every("/v1/contact-looks")}
    assert ann.post(f"{contact}/answer", ANSWER).status_code == 404


@pytest.mark.parametrize("words", [{}, {"question": ""}, {"question": " \u200b "}, {"question": "x" * 2001},
                                   {"question": 3}, {"question": "x", "answer": "y"}])  # fmt: skip
def test_a_question_has_words(place, contact, words):
    """And not too many."""
    answer = place.post(f"{contact}/ask", words)
    assert answer.status_code == 422
    assert answer.json["errors"][0]["pointer"] in {"#/question", "#/answer"}


def test_nobody_asks_about_what_is_not_there(place, contact):
    """Nor about a contact of another episode."""
    other = place.episode()["id"]
    elsewhere = f"/v1/episodes/{other}/contacts/{contact.split('/')[-1]}"
    for path in (f"{contact.rsplit('/', 1)[0]}/{new_id()}", elsewhere):
        assert place.post(f"{path}/ask", QUESTION).status_code == 404
        assert place.post(f"{path}/answer", ANSWER).status_code == 404


def test_two_supervisors_look_at_one_contact_at_once(place, processes, contact):
    """One look stands, and the other one is told; likewise of two answers."""
    _, _, _, episode_id, _, contact_id = contact.split("/")
    survivor_id = place.get(f"/v1/episodes/{episode_id}").json["survivor_id"]
    sealer = Sealer.of_known(place.contexts["case"], [survivor_id])
    about = {"episode_id": episode_id, "survivor_id": survivor_id, "contact_id": contact_id, "actor_id": "a"}

    def looks(question):
        return lambda work: look_at_contact(LookAtContact(question=question, **about), work, sealer=sealer)

    def answers(work):
        return answer_question(AnswerQuestion(answer="So.", **about), work, sealer=sealer)

    met, failures = race(processes, False, looks("Why?"), looks(None))
    assert (met, [type(one) for one in failures]) == (True, [LookedAtError])
    if place.database("case")["contact_looks"].find_one({"contact_id": contact_id})["state"] == "ASKED":
        met, failures = race(processes, False, answers, answers)
        assert (met, [type(one) for one in failures]) == (True, [NothingAskedError])
