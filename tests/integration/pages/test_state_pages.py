"""Support's states on the pages: who waits, the next step with what it needs, and the end."""

import re

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words
from tests.kit.tenant_place import EPISODE


@pytest.fixture
def support(host):
    """The page of a referral of the advocate who signs in."""
    host.login("IMSA")
    survivor = host.survivor(name="Ida Planted", advocate_id=host.people["IMSA"])
    body = {**EPISODE, "survivor_id": survivor, "status": "REFERRED", "referral_source": "SELF"}
    episode = host.post("/v1/episodes", {**body, "advocate_id": host.people["IMSA"]}).json["id"]
    return f"/support/{survivor}/episodes/{episode}"


@pytest.fixture
def advocate(host, support):
    return host.browser("IMSA")


def move(browser, support, **typed):
    return browser.send(support, f"{support}/move", **typed)


def shown(browser, support):
    return words(browser.get(support).text)


def test_a_supervisor_sees_who_waits_and_support_begins_step_by_step(host, support, advocate):
    """Each step by one form; who waits no more stands on the list no more."""
    supervisor = host.browser("SUPERVISOR")
    assert "1 person waits" in words(supervisor.get("/waiting").text)
    for typed in ({"after": "TRIAGED", "tier": "TIER_1"}, {"after": "OFFERED"}, {"after": "ACTIVE"}):
        assert move(advocate, support, **typed).headers["Location"] == f"{support}?done=moved"
    told = shown(advocate, support)
    assert "Where it stands Active" in told
    assert "Self" in told
    assert "Tier 1" in told
    assert "Nobody waits." in words(supervisor.get("/waiting").text)
    assert "Ida Planted" in words(advocate.get("/support").text).split("Support has not begun")[0]


def test_it_ends_with_a_reason_and_begins_again_with_one(support, advocate):
    """What happened stands below, with why."""
    for typed in ({"after": "TRIAGED", "tier": "TIER_1"}, {"after": "OFFERED"}, {"after": "ACTIVE"}):
        move(advocate, support, **typed)
    assert advocate.send(support, f"{support}/close", closure="").status_code == 422
    assert advocate.send(support, f"{support}/close", closure="SURVIVOR_ENDED_OTHER").status_code == 303
    assert "/close" not in advocate.get(support).text
    assert move(advocate, support, after="REOPENED").status_code == 422
    assert move(advocate, support, after="REOPENED", reason="NEW_NEED").status_code == 303
    told = shown(advocate, support)
    assert "the survivor ended it for another reason" in told
    assert "they need support again" in told


@pytest.mark.parametrize(
    ("typed", "target"),
    [({}, "after"), ({"after": "ACTIVE"}, "after"), ({"after": "CLOSED"}, "after"), ({"after": "TRIAGED"}, "tier"),
     ({"after": "TRIAGED", "tier": "TIER_9"}, "tier"), ({"after": "DECLINED"}, "reason"),
     ({"after": "DECLINED", "reason": "HEALTH"}, "reason")],
)  # fmt: skip
def test_what_a_step_needs_is_said(support, advocate, typed, target):
    """And nothing changes."""
    again = move(advocate, support, **typed)
    assert again.status_code == 422
    assert f'href="#{target}"' in again.text
    assert "Where it stands Referred" in shown(advocate, support)


def test_what_somebody_else_changed_meanwhile_is_not_written_over(host, support, advocate):
    """The page says so, and shows what stands now."""
    form = fields_of(advocate.get(support).text, f"{support}/move")
    move(host.browser("SUPERVISOR"), support, after="TRIAGED", tier="TIER_3")
    late = advocate.post(f"{support}/move", **form, after="TRIAGED", tier="TIER_1")
    assert late.status_code == 422
    forged = {**fields_of(advocate.get(support).text, f"{support}/move"), "version": "-1"}
    assert advocate.post(f"{support}/move", **forged, after="OFFERED").status_code == 422
    stale = {**fields_of(advocate.get(support).text, f"{support}/move"), "version": form["version"]}
    again = advocate.post(f"{support}/move", **stale, after="OFFERED")
    assert "Somebody changed this meanwhile." in words(again.text)
    assert "Tier 3" in shown(advocate, support)


def test_another_persons_support_is_not_there(host, support, advocate):
    """Nor one that there is not; and the list is for supervisors."""
    other = host.survivor(advocate_id=host.people["IMSA"])
    survivor = re.search(r"/support/([^/]+)/", support)[1]
    assert advocate.get(support.replace(survivor, other)).status_code == 404
    assert advocate.get(f"/support/{survivor}/episodes/{new_id()}").status_code == 404
    assert advocate.get("/waiting").status_code == 404
