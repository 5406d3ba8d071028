"""The page of survivors without an advocate, over the real case and identity."""

import re

import pymongo
import pytest

from services.case.survivors.commands import AssignAdvocates
from services.case.survivors.schemas import MOST_AT_ONCE
from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words

PAGE = "/unassigned"


def ids_of(page):
    return re.findall(r'name="survivors" type="checkbox" value="([^"]*)"', page)


def advocates_of(host, survivor_id):
    return host.database("case")["survivors"].find_one({"_id": survivor_id})["advocate_ids"]


@pytest.fixture
def supervisor(host):
    host.login("IMSA")
    return host.browser("SUPERVISOR")


class TestAssigning:
    def test_many_are_given_to_one_advocate_and_each_is_audited(self, host, supervisor):
        """By the own reference, with the advocate's name from identity; consent hears of it."""
        survivors = [host.survivor(reference=f"R-{number}") for number in range(3)]
        page = supervisor.get(PAGE).text
        assert all(f"R-{number}" in page for number in range(3))
        assert "Pat Imsa" in page
        answer = supervisor.send(PAGE, PAGE, survivors=survivors[:2], advocate=host.people["IMSA"])
        assert answer.headers["Location"] == f"{PAGE}?assigned=2&left=0"
        assert [advocates_of(host, one) for one in survivors] == [[host.people["IMSA"]]] * 2 + [[]]
        assert ids_of(supervisor.get(PAGE).text) == survivors[2:]
        for survivor in survivors[:2]:
            assert len(host.audited(action=AssignAdvocates.action, object_id=survivor, outcome="ALLOWED")) == 1

    def test_who_was_given_an_advocate_meanwhile_is_left_alone(self, host, supervisor):
        """And the page says so; the others are assigned all the same."""
        taken, free = host.survivor(reference="R-1"), host.survivor(reference="R-2")
        form = fields_of(supervisor.get(PAGE).text, PAGE)
        other = host.database("case")["staff"]
        other.update_one({"_id": "another"}, {"$set": {"is_advocate": True, "version": 1}}, upsert=True)
        host.database("case")["survivors"].update_one({"_id": taken}, {"$set": {"advocate_ids": ["another"]}})
        gone = new_id()
        answer = supervisor.post(PAGE, **form, survivors=[taken, free, gone], advocate=host.people["IMSA"])
        assert answer.headers["Location"] == f"{PAGE}?assigned=1&left=2"
        assert advocates_of(host, taken) == ["another"]
        assert advocates_of(host, free) == [host.people["IMSA"]]
        assert "Nothing was changed for them" in words(supervisor.get(answer.headers["Location"]).text)

    def test_a_form_sent_twice_is_one_assignment(self, host, supervisor):
        """Loading the answer again changes nothing."""
        survivor = host.survivor(reference="R-1")
        form = fields_of(supervisor.get(PAGE).text, PAGE)
        sent = {**form, "survivors": [survivor], "advocate": host.people["IMSA"]}
        assert len({supervisor.post(PAGE, **sent).headers["Location"] for _ in range(2)}) == 1
        assert host.database("case")["survivors"].find_one({"_id": survivor})["version"] == 2

    @pytest.mark.parametrize(
        ("sent", "sentence"),
        [
            ({"survivors": []}, "Tick at least one person"),
            ({"survivors": ["nonsense"]}, "Tick at least one person"),
            ({"survivors": [new_id() for _ in range(MOST_AT_ONCE + 1)]}, "Tick at least one person"),
            ({"advocate": ""}, "Choose an advocate"),
            ({"advocate": "SUPERVISOR"}, "may not act any more"),
        ],
        ids=["nobody", "no id", "too many", "no advocate", "no longer one"],
    )
    def test_what_is_wrong_is_said_and_nobody_is_assigned(self, host, supervisor, sent, sentence):
        """In plain words, on the same page."""
        survivor = host.survivor(reference="R-1")
        good = {"survivors": [survivor], "advocate": host.people["IMSA"]}
        typed = {**good, **sent}
        answer = supervisor.send(
            PAGE, PAGE, **{**typed, "advocate": host.people.get(typed["advocate"], typed["advocate"])}
        )
        assert answer.status_code == 422
        assert sentence in words(answer.text)
        assert advocates_of(host, survivor) == []

    def test_somebody_erased_stands_on_no_list(self, host, supervisor):
        """Their key is gone, and so is every name."""
        host.survivor(reference="R-1")
        erased = host.survivor(reference="R-2")
        host.contexts["case"].survivor_keys.forget(erased)
        page = supervisor.get(PAGE).text
        assert "R-1" in page
        assert "R-2" not in page
        assert erased not in page

    def test_a_long_list_is_shown_in_parts(self, host, supervisor):
        """Each person stands on one of them."""
        there = {host.post("/v1/survivors", {"reference": f"R-{n}"}).json["id"] for n in range(60)}
        first = supervisor.get(PAGE).text
        second = supervisor.get(re.search(rf'href="({PAGE}\?after=[^"]*)"', first)[1]).text
        shown = ids_of(first) + ids_of(second)
        assert len(shown) == len(set(shown))
        assert set(shown) == there


@pytest.mark.parametrize("role", ["IMSA", "HOST_DPO", "HOST_DATA_LEAD", "HOST_ADMIN"])
def test_to_others_there_is_no_such_page_nor_list(host, role):
    """Neither to look at nor to send, nor over the API."""
    survivor = host.survivor(reference="R-1")
    other = host.browser(role)
    assert other.get(PAGE).status_code == 404
    form = fields_of(other.get("/start").text, "/sign-out")
    number = "0192a3b4-0000-7000-8000-000000000000"
    sent = other.post(PAGE, **form, form_number=number, survivors=[survivor], advocate=new_id())
    assert sent.status_code == 404
    assert host.get("/v1/survivors/unassigned", role).status_code == 404
    assert host.post("/v1/survivors/references", {"survivor_ids": [survivor]}, role).status_code == 404
    assert host.get("/v1/advocates", role).status_code == 404


def test_what_a_page_asks_of_another_service_leaves_its_own_request_as_it_was(host, supervisor):
    """Each has its own number, its own reader's rights and its own time; nothing of either stays behind."""
    host.survivor(reference="R-1")
    answer = supervisor.get(PAGE)
    (asked,) = host.audited("identity", action="identity:advocate:list", actor_id=host.people["SUPERVISOR"])[-1:]
    assert asked["role"] == "SUPERVISOR"
    assert answer.headers["X-Request-Id"]
    assert pymongo._csot.remaining() is None


def test_names_are_shown_by_identity_s_own_answer_or_not_at_all(host, supervisor, monkeypatch):
    """Where identity does not say, the page says so and offers no form to send."""
    host.survivor(reference="R-1")
    monkeypatch.setattr("services.case.survivors.pages.ask", lambda *_args, **_more: None)
    page = supervisor.get(PAGE).text
    assert "names of your advocates cannot be shown" in words(page)
    assert "Give them this advocate" not in page
