"""The pages of copies: collected, read through, judged by a second reader, given, and printed; by the API's own commands."""

import re

import pytest

from services.case.access.beginning import CollectCopy
from services.case.access.commands import AgreeLeftOut, GiveCopy
from services.case.access.jobs import jobs
from shared.kernel.ids import new_id
from tests.kit.page_browser import audited, fields_of, words

PARTIES = ("case", "consent", "audit", "integrations", "reporting")
SAFE = {"way_confirmed": "yes", "not_forced": "yes", "safe_to_keep": "yes"}


@pytest.fixture
def case_id(host, monkeypatch):
    """Somebody asked to see what is kept about them."""
    host.pump()
    monkeypatch.setattr(host, "deaf", ())
    for name in ("access_copies", "access_parts"):
        host.database("case")[name].delete_many({})
    survivor = host.survivor("IMSA", name="Zlatan-Name", safe_contact="Tuesdays at noon")
    body = {"survivor_id": survivor, "kind": "ACCESS", "channel": "IN_PERSON", "words": "Zlatan-Words"}
    return host.post("/v1/rights-cases", body, "HOST_DPO").json["id"]


def form_of(browser, path, verb):
    """The form of a page that asks for one thing."""
    (part,) = [
        one for one in re.findall(r"<form.*?</form>", browser.get(path).text, re.DOTALL) if f'value="{verb}"' in one
    ]
    return fields_of(part, path)


def test_it_is_collected_judged_given_and_printed(host, case_id):
    """By two people; on the paper stand no id, nothing that is left out, and not this software."""
    dpo, path = host.browser("HOST_DPO"), f"/copies/{case_id}"
    assert f'href="{path}"' in dpo.get(f"/rights/{case_id}").text
    done = f"{path}?done=yes"
    assert dpo.post(path, **form_of(dpo, path, "begin")).headers["Location"] == done
    assert dpo.get(f"{path}/case").status_code == 200
    assert "This part has not come yet" in words(dpo.get(f"{path}/case").text)
    assert dpo.get(f"{path}/document").status_code == 422
    (job,) = jobs(host.contexts["case"])
    job.run()
    host.pump()
    own = dpo.get(f"{path}/case").text
    number = re.search(r'id="thing-(\d+)">\d+\. Something that you asked for', own).group(1)
    left = form_of(dpo, f"{path}/case", "leave-out")
    assert dpo.post(f"{path}/case", **left, numbers=number, reason="").status_code == 422
    asked = dpo.post(f"{path}/case", **left, numbers=number, reason="OTHER_PEOPLE")
    assert asked.headers["Location"] == f"{path}/case?done=yes"
    for party in PARTIES:
        read = form_of(dpo, f"{path}/{party}", "look-through")
        assert dpo.post(f"{path}/{party}", **read).status_code == 303
    assert "Waits for a second reader" in words(dpo.get(path).text)
    assert "You asked for this" in words(dpo.get("/copies-left-out").text)
    second = host.browser("SAFEGUARDING_LEAD")
    shown = second.get("/copies-left-out").text
    assert "Zlatan-Words" in shown
    assert "Zlatan-Name" not in shown
    judge = re.search(r'action="(/copies-left-out/[^"]+)"', shown).group(1)
    agreed = second.post(judge, **{**fields_of(shown, judge), "verb": "agree"})
    assert agreed.headers.get("Location") == "/copies-left-out?done=yes", agreed.text
    assert "Tuesdays at noon" in words(dpo.get(path).text)
    refused = dpo.post(path, **{**form_of(dpo, path, "safe"), **SAFE, "not_forced": "no"})
    assert (refused.status_code, "Do not give it now" in words(refused.text)) == (422, True)
    assert dpo.post(path, **{**form_of(dpo, path, "safe"), **SAFE}).headers["Location"] == done
    paper = dpo.get(f"{path}/document").text
    assert "Zlatan-Name" in paper
    for told in ("Zlatan-Words", "Alongside", case_id):
        assert told not in paper.partition("<main")[2]
    assert dpo.post(path, **{**form_of(dpo, path, "give"), "how": "IN_PERSON_PRIVATE"}).headers["Location"] == done
    assert "They were given it on" in words(dpo.get(path).text)
    for action in (CollectCopy.action, GiveCopy.action):
        assert audited(host, "case", action=action, actor_id=host.people["HOST_DPO"])
    assert audited(host, "case", action=AgreeLeftOut.action, actor_id=host.people["SAFEGUARDING_LEAD"])


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR", "SAFEGUARDING_LEAD", "HOST_ADMIN"])
def test_nobody_else_sees_or_makes_one(host, case_id, role):
    """The address is as one that is not there; a second reader sees what is to be left out alone."""
    browser = host.browser(role)
    for path in (f"/copies/{case_id}", f"/copies/{case_id}/case", f"/copies/{case_id}/document"):
        assert browser.get(path).status_code == 404
    assert (browser.get("/copies-left-out").status_code == 200) == (role == "SAFEGUARDING_LEAD")
    assert host.browser("HOST_DPO").get(f"/copies/{new_id()}").status_code == 404
