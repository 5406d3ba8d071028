"""The team's pages, over the real case, consent and identity."""

import re
from datetime import UTC, datetime

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words
from tests.kit.tenant_place import EPISODE

TEAM = "/team"


@pytest.fixture
def supervisor(host):
    """It is a Monday; somebody else is an advocate too."""
    host.at(datetime(2026, 10, 19, 12, tzinfo=UTC))
    host.login("IMSA")
    yield host.browser("SUPERVISOR")
    host.at(None)


@pytest.fixture
def ben(host, supervisor):
    """A second advocate, of whom case has heard."""
    ben = new_id()
    host.database("case")["staff"].insert_one({"_id": ben, "is_advocate": True, "version": 1})
    yield ben
    host.database("case")["staff"].delete_one({"_id": ben})


def person(host, name, advocate, **values):
    survivor = host.survivor(name=name, advocate_id=advocate)
    host.post("/v1/episodes", {**EPISODE, "survivor_id": survivor, "advocate_id": advocate, **values})
    return survivor


def stored(host, survivor):
    return host.database("case")["survivors"].find_one({"_id": survivor})


def test_how_full_each_caseload_is_stands_in_words(host, supervisor):
    """With a bar that says nothing alone, who waits, and what is past its day."""
    ann = host.people["IMSA"]
    ida = person(host, "Ida", ann)
    person(host, "Una", ann)
    person(host, "Eve", ann, status="REFERRED")
    host.post(f"/v1/survivors/{ida}/steps", {"what": "Ring", "due_on": "2026-10-19"})
    host.at(datetime(2026, 10, 20, 12, tzinfo=UTC))
    assert "2 people supported" in words(supervisor.get(TEAM).text)
    answer = supervisor.send(TEAM, f"{TEAM}/limit", people="1")
    assert answer.headers["Location"] == f"{TEAM}?done=limit"
    page = supervisor.get(TEAM).text
    for sentence in (
        "Pat Imsa",
        "2 of 1 people supported",
        "1 over the limit",
        "1 person waits",
        "1 thing is past its day",
    ):
        assert sentence in words(page)
    assert 'class="as-bar"' in page
    wrong = supervisor.send(TEAM, f"{TEAM}/limit", people="many")
    assert wrong.status_code == 422
    assert "Give a whole number" in words(wrong.text)
    supervisor.send(TEAM, f"{TEAM}/limit", people="")
    assert "2 people supported" in words(supervisor.get(TEAM).text)


def test_people_are_given_by_name_and_a_form_sent_twice_does_one_thing(host, supervisor, ben):
    """The name of who has them stands above; the new advocate has them whole."""
    ann, page = host.people["IMSA"], f"{TEAM}/{ben}"
    ida, una = person(host, "Ida", ben), person(host, "Una", ben)
    text = supervisor.get(page).text
    assert "Ida" in words(text)
    sent = {**fields_of(text, page), "survivors": [ida], "to": ann, "how": "GIVE"}
    assert {supervisor.post(page, **sent).headers["Location"] for _ in range(2)} == {f"{page}?moved=1&left=0"}
    assert stored(host, ida)["advocate_ids"] == [ann]
    assert stored(host, una)["advocate_ids"] == [ben]
    shown = supervisor.get(f"{page}?moved=1&left=2&more=1").text
    assert "2 people had somebody else meanwhile" in words(shown)
    assert "do the same again" in words(shown)
    assert "Ida" in words(host.browser("IMSA").get("/support").text)


def test_whoever_covers_begins_on_my_people_and_the_supervisor_ends_it(host, supervisor, ben):
    """On the first day everything of the person is there; after the press nothing is."""
    ann, page = host.people["IMSA"], f"{TEAM}/{ben}"
    ida = person(host, "Ida", ben)
    days = {"first_day": "20", "first_month": "10", "first_year": "2026", "last_day": "27", "last_month": "10",
            "last_year": "2026"}  # fmt: skip
    answer = supervisor.send(page, page, everybody="yes", to=ann, how="COVER", **days)
    assert answer.headers["Location"] == f"{page}?moved=1&left=0"
    assert "Pat Imsa for Advocate" in words(supervisor.get(TEAM).text)
    assert "not yet" in words(supervisor.get(TEAM).text)
    advocate = host.browser("IMSA")
    assert "Ida" not in words(advocate.get("/support").text)
    host.pump()
    host.at(datetime(2026, 10, 20, 12, tzinfo=UTC))
    assert "Ida" in words(advocate.get("/support").text)
    screen = advocate.get(f"/support/{ida}").text
    assert re.search(rf'href="/support/{ida}/episodes/', screen)
    assert "Write a contact" in words(screen)
    assert "cannot be shown here" not in words(screen)
    (end,) = re.findall(rf'action="({TEAM}/covers/[^"]*/end)"', supervisor.get(TEAM).text)
    form = fields_of(supervisor.get(TEAM).text, end)
    assert supervisor.post(end, **form).headers["Location"] == f"{TEAM}?done=ended"
    assert advocate.get(f"/support/{ida}").status_code == 404
    assert "Nobody covers for anybody" in words(supervisor.get(TEAM).text)
    again = supervisor.post(end, **{**form, "form_number": new_id()})
    assert again.status_code == 422
    assert "over already" in words(again.text)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [({"survivors": []}, "Tick at least one person"), ({"survivors": ["x"]}, "Tick at least one person"),
     ({"to": ""}, "Choose the advocate who takes over"), ({"to": "HERSELF"}, "Choose another advocate"),
     ({"to": "LEFT"}, "not that of an active advocate"), ({"how": ""}, "Choose whether it is for good"),
     ({"first_day": "31", "first_month": "2"}, "Give a day from today on"),
     ({"first_day": "1"}, "Give a first day from today on"), ({"last_day": "19"}, "a last day not before it")],
)  # fmt: skip
def test_what_is_wrong_is_said_and_nobody_is_moved(host, supervisor, ben, changes, sentence):
    """In plain words, with what was typed."""
    page, ida = f"{TEAM}/{ben}", person(host, "Ida", ben)
    good = {
        "survivors": [ida], "to": host.people["IMSA"], "how": "COVER", "first_day": "20", "first_month": "10",
        "first_year": "2026", "last_day": "27", "last_month": "10", "last_year": "2026",
    }  # fmt: skip
    left = new_id()
    host.database("case")["staff"].insert_one({"_id": left, "is_advocate": False, "version": 1})
    sent = {**good, **changes}
    named = {"HERSELF": ben, "LEFT": left}
    answer = supervisor.send(page, page, **{**sent, "to": named.get(sent["to"], sent["to"])})
    assert answer.status_code == 422
    assert sentence in words(answer.text)
    assert stored(host, ida)["advocate_ids"] == [ben]
    assert "covers" not in stored(host, ida)


@pytest.mark.parametrize("role", ["IMSA", "HOST_ADMIN", "HOST_DPO"])
def test_to_others_there_is_no_such_page(host, role):
    """Neither to look at nor to send."""
    other = host.browser(role)
    form = fields_of(other.get("/start").text, "/sign-out")
    for path in (TEAM, f"{TEAM}/{new_id()}"):
        assert other.get(path).status_code == 404
    for path in (f"{TEAM}/limit", f"{TEAM}/{new_id()}", f"{TEAM}/covers/{new_id()}/end"):
        assert other.post(path, **form, form_number=new_id(), people="3").status_code == 404
