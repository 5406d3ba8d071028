"""The pages of rights: taken down by many, answered by the data protection officer, with the API's own commands."""

import re
from datetime import timedelta

import pytest

from services.case.rights.commands import DecideRightsCase
from services.case.rights.taking import TakeRightsCase
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from tests.kit.import_files import export, line
from tests.kit.page_browser import audited, fields_of, words

PAGE, TAKE = "/rights", "/rights/new"
SAID = {"kind": "ACCESS", "channel": "IN_PERSON", "words": "Zlatan-Words"}


@pytest.fixture
def survivor(host):
    """Somebody whose advocate is the one who signs in."""
    for name in ("rights_cases", "rights_steps"):
        host.database("case")[name].delete_many({})
    host.login("IMSA")
    return host.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays at noon")


def form_of(browser, path, verb):
    """The form of a case's page that asks for one thing."""
    page = browser.get(path).text
    (part,) = [one for one in re.findall(r"<form.*?</form>", page, re.DOTALL) if f'value="{verb}"' in one]
    return fields_of(part, path)


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_DPO", "SAFEGUARDING_LEAD", "HOST_ADMIN"])
def test_it_is_taken_down_and_the_taker_sees_how_it_goes(host, survivor, role):
    """By the API's own command, audited as such; nothing of what was said is shown to them again."""
    taker = host.browser(role)
    assert taker.send(TAKE, TAKE, person=survivor, **SAID).headers["Location"] == f"{TAKE}?done=taken"
    (one,) = host.get("/v1/rights-cases", "HOST_DPO").json["items"]
    assert (one["survivor_id"], one["kind"], one["taken_by"]) == (survivor, "ACCESS", host.people[role])
    shown = taker.get(f"{TAKE}?done=taken").text
    assert "to be answered by" in words(shown)
    assert "Zlatan" not in shown
    assert audited(host, "case", action=TakeRightsCase.action, actor_id=host.people[role])


def test_it_is_answered_on_its_page(host, survivor):
    """Clock, note and end; whose it is and how to reach them safely stand there, and it ends once."""
    host.browser("IMSA").send(TAKE, TAKE, person=survivor, **SAID)
    dpo = host.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/rights/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    page = words(dpo.get(path).text)
    for told in ("Zlatan-Name", "Zlatan-Words", "Tuesdays at noon", "The last day to answer is"):
        assert told in page
    done = f"{path}?done=yes"
    assert dpo.post(path, **form_of(dpo, path, "stop"), code="IDENTITY").headers["Location"] == done
    assert "Clock stopped" in words(dpo.get(PAGE).text)
    assert dpo.post(path, **form_of(dpo, path, "resume")).headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "acknowledge"), code="SAFE_CONTACT").headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "extend"), code="COMPLEX").headers["Location"] == done
    assert dpo.post(path, **form_of(dpo, path, "note"), words="Looked.").headers["Location"] == done
    ending = form_of(dpo, path, "decide")
    assert dpo.post(path, **ending, outcome="MET", told="SAFE_CONTACT", words="Here.").headers["Location"] == done
    page = dpo.get(path).text
    assert "done as they asked" in words(page)
    assert 'value="decide"' not in page
    assert "Every request has been answered." in words(dpo.get(PAGE).text)
    assert audited(host, "case", action=DecideRightsCase.action, actor_id=host.people["HOST_DPO"])


def test_a_no_without_its_reason_is_asked_for_again(host, survivor):
    """In a sentence, and nothing changes; so is a form that is not whole, or was changed on its way."""
    host.browser("IMSA").send(TAKE, TAKE, person=survivor, **SAID)
    dpo = host.browser("HOST_DPO")
    (path,) = re.findall(r'href="(/rights/[0-9a-f-]{36})"', dpo.get(PAGE).text)
    refused = dpo.post(path, **form_of(dpo, path, "decide"), outcome="REFUSED", told="SAFE_CONTACT")
    assert (refused.status_code, "Say why" in words(refused.text)) == (422, True)
    for change in ({"outcome": "GONE"}, {"told": ""}, {"version": "x"}, {"verb": "forget"}, {"refusals": "SILENCE"}):
        sent = {**form_of(dpo, path, "decide"), "outcome": "MET", "told": "SAFE_CONTACT", **change}
        assert dpo.post(path, **sent).status_code == 422, change
    older = form_of(dpo, path, "note")
    assert dpo.post(path, **form_of(dpo, path, "note"), words="First.").status_code == 303
    assert dpo.post(path, **older, words="Second.").status_code == 422
    (one,) = host.get("/v1/rights-cases", "HOST_DPO").json["items"]
    assert (one["state"], one["version"]) == ("OPEN", 2)


def test_who_is_overdue_stands_first(host, survivor):
    """With a word for it, and the way to the ICO."""
    host.browser("IMSA").send(TAKE, TAKE, person=survivor, **SAID)
    host.at(real_now() + timedelta(days=40))
    page = words(host.browser("HOST_DPO").get(PAGE).text)
    assert "longer than the law allows" in page
    assert "Overdue" in page
    assert "Information Commissioner" in page


def test_more_overdue_than_stand_first_are_shown_below(host, survivor, monkeypatch):
    """None is left out of the page, and none stands on it twice."""
    monkeypatch.setattr("services.case.rights.views.MOST_OVERDUE", 1)
    for _ in range(2):
        host.browser("IMSA").send(TAKE, TAKE, person=survivor, **SAID)
    host.at(real_now() + timedelta(days=40))
    shown = re.findall(r'href="/rights/([0-9a-f-]{36})"', host.browser("HOST_DPO").get(PAGE).text)
    known = {one["id"] for one in host.get("/v1/rights-cases", "HOST_DPO").json["items"]}
    assert (len(shown), set(shown)) == (2, known)


def test_an_own_reference_finds_whom_it_means(host, survivor):
    """Also for an advocate, if they are theirs; the reference stands in no address and is shown to nobody else."""
    host.upload(export(line("R-1")))
    supervisor = host.browser("SUPERVISOR")
    assert supervisor.send(TAKE, TAKE, person="R-1", **SAID).status_code == 303
    assert host.browser("IMSA").send(TAKE, TAKE, person="R-1", **SAID).status_code == 422
    assert len(host.get("/v1/rights-cases", "HOST_DPO").json["items"]) == 1


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"person": ""}, "Write who asks"), ({"person": "R-999"}, "Nobody with this"), ({"kind": "X"}, "Choose what"),
        ({"person": new_id()}, "Nobody with this"), ({"channel": ""}, "Choose how it reached"),
        ({"received_day": "31", "received_month": "2", "received_year": "2026"}, "Write the day"),
        ({"received_day": "1", "received_month": "2", "received_year": "2099"}, "Give the day"),
        ({"words": "x" * 4001}, "at most 4000"),
    ],
)  # fmt: skip
def test_what_is_missing_is_asked_for_again(host, survivor, change, told):
    """With what was typed still there, and nothing kept."""
    answer = host.browser("IMSA").send(TAKE, TAKE, **{"person": survivor, **SAID, **change})
    assert (answer.status_code, told in words(answer.text)) == (422, True)
    if "words" not in change:
        assert "Zlatan-Words" in answer.text
    assert host.get("/v1/rights-cases", "HOST_DPO").json["items"] == []


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "HOST_ADMIN", "SAFEGUARDING_LEAD", "HOST_DATA_LEAD"])
def test_nobody_else_finds_what_was_said(host, survivor, role):
    """Neither the list nor the case; whoever takes nothing down finds no form either."""
    taken = host.post(
        "/v1/rights-cases", {"survivor_id": survivor, "kind": "COMPLAINT", "channel": "LETTER"}, "HOST_DPO"
    )
    other = host.browser(role)
    assert other.get(PAGE).status_code == 404
    assert other.get(f"{PAGE}/{taken.json['id']}").status_code == 404
    assert other.get(TAKE).status_code == (404 if role == "HOST_DATA_LEAD" else 200)
