"""The pages of approvals: asked for on the episode's page, decided by somebody else, the answer in sight."""

from datetime import UTC, datetime

import pytest

from shared.kernel.ids import new_id
from tests.kit.page_browser import fields_of, words

YES = {"agreement": "AGREED", "on_day": "5", "on_month": "8", "on_year": "2026", "how": "VIA_INTERPRETER"}


@pytest.fixture
def support(host):
    """The page of an episode of the advocate who signs in, with a goal."""
    host.login("IMSA")
    advocate = host.people["IMSA"]
    survivor = host.survivor(name="Ida <b>", reference="REF-7", advocate_id=advocate)
    episode = host.episode(survivor_id=survivor, advocate_id=advocate)["id"]
    assert host.post(f"/v1/episodes/{episode}/goals", {"area": "HOUSING", "words": "A <home>"}).status_code == 201
    return f"/support/{survivor}/episodes/{episode}"


def the_one(host):
    (found,) = host.get("/v1/approvals?waits_for=APPROVER").json["items"]
    return f"/approvals/{found['id']}"


def test_a_plan_is_asked_for_and_sent_back_and_asked_for_again_and_approved(host, support):
    """From the episode's page to the answer; what is typed wrongly stays."""
    advocate, supervisor = host.browser("IMSA"), host.browser("SUPERVISOR")
    ask = f"{support}/approval"
    assert "Ask for an approval of the plan" in words(advocate.get(support).text)
    wrong = advocate.send(ask, f"{ask}/plan", agreement="AGREED", plan_asked_of="SUPERVISOR")
    assert wrong.status_code == 422
    assert "Give the day on which they agreed" in words(wrong.text)
    assert '<option value="AGREED" selected>' in wrong.text
    done = advocate.send(ask, f"{ask}/plan", plan_asked_of="SUPERVISOR", **YES)
    assert done.headers["Location"] == f"{support}?done=asked"
    host.at(datetime(2027, 1, 1, tzinfo=UTC))
    supervisor, advocate = host.browser("SUPERVISOR"), host.browser("IMSA")
    team = words(supervisor.get("/team").text)
    assert "What waits for an approval Ida <b>: The plan , for" in team
    one = the_one(host)
    page = words(supervisor.get(one).text)
    assert "Goal, housing: A <home>." in page
    assert "They agreed to it, on 5 August 2026" in page
    assert supervisor.send(one, f"{one}/send-back", words=" ").status_code == 422
    assert supervisor.send(one, f"{one}/send-back", words="Ask <them>").status_code == 303
    assert "1 thing that you asked an approval for was sent back" in words(advocate.get("/support").text)
    assert "Ask <them>" in words(advocate.get(one).text)
    assert advocate.send(ask, f"{ask}/plan", plan_asked_of="SUPERVISOR", **YES).status_code == 303
    assert "was sent back" not in words(advocate.get("/support").text)
    again = the_one(host)
    assert supervisor.send(again, f"{again}/approve").status_code == 303
    assert "The plan: Approved They agreed to it" in words(advocate.get(support).text)
    assert host.post(f"/v1/episodes/{support.split('/')[-1]}/goals", {"area": "NRM"}).status_code == 201
    assert "Changed since it was approved" in words(advocate.get(support).text)
    assert "1 added, 0 reworded, 0 dropped" in words(advocate.get(again).text)


def test_an_end_waits_and_a_person_who_wants_to_leave_does_not(host, support):
    """The page says what to do."""
    advocate, supervisor = host.browser("IMSA"), host.browser("SUPERVISOR")
    refused = advocate.send(support, f"{support}/close", closure="MOVED_OUT_OF_AREA")
    assert refused.status_code == 422
    assert "Ask for approval; it ends when they approve" in words(refused.text)
    ask = f"{support}/approval"
    assert advocate.send(ask, f"{ask}/closure", reason="DECEASED", asked_of="SUPERVISOR").status_code == 422
    assert advocate.send(ask, f"{ask}/closure", reason="INELIGIBLE", asked_of="SUPERVISOR").status_code == 303
    one = the_one(host)
    form = fields_of(supervisor.get(one).text, f"{one}/approve")
    assert advocate.post(f"{one}/approve", **{**form, "form_number": new_id()}).status_code in (403, 404)
    assert advocate.send(support, f"{support}/close", closure="SURVIVOR_ENDED_OTHER").status_code == 303
    late = supervisor.post(f"{one}/approve", **form)
    assert late.status_code == 422
    assert "This waits for no answer any more" in words(late.text)
    review = the_one(host)
    assert "somebody looks at it afterwards" in words(supervisor.get(review).text)
    assert supervisor.send(review, f"{review}/approve").status_code == 303
    assert "Nothing waits" in words(supervisor.get("/approvals").text)


def test_the_lead_sees_what_is_asked_of_them_and_no_name(host, support):
    """And approves it; of anything else nothing is there."""
    advocate, lead = host.browser("IMSA"), host.browser("SAFEGUARDING_LEAD")
    ask = f"{support}/approval"
    assert advocate.send(ask, f"{ask}/plan", plan_asked_of="SUPERVISOR", **YES).status_code == 303
    other = the_one(host)
    assert lead.get(other).status_code == 404
    assert "Nothing waits" in words(lead.get("/approvals").text)
    assert advocate.send(ask, f"{ask}/plan", plan_asked_of="SAFEGUARDING_LEAD", **YES).status_code == 303
    one = the_one(host)
    for page in (lead.get("/approvals").text, lead.get(one).text):
        assert "REF-7" in words(page)
        assert "Ida" not in words(page)
    assert lead.send(one, f"{one}/approve").status_code == 303
    assert lead.get(one).status_code == 200
    form = fields_of(lead.get("/start").text, "/sign-out")
    assert lead.post(f"{one}/agreement", **form, form_number=new_id(), agreement="SAID_NO").status_code == 404
    no = advocate.send(one, f"{one}/agreement", agreement="SAID_NO")
    assert no.status_code == 303
    assert "They said no to it" in words(advocate.get(support).text)


def test_an_administrator_states_the_setting_and_sees_nobody(host, support):
    """Then an end waits no more."""
    admin, advocate = host.browser("HOST_ADMIN"), host.browser("IMSA")
    ask = f"{support}/approval"
    assert advocate.send(ask, f"{ask}/closure", reason="INELIGIBLE", asked_of="SUPERVISOR").status_code == 303
    page = words(admin.get("/approvals").text)
    assert "Somebody else approves it first" in page
    assert "Ida" not in page
    assert "End of support" not in page
    assert admin.get(the_one(host)).status_code == 404
    assert admin.send("/approvals", "/approvals/setting").status_code == 303
    assert "An advocate ends it without asking" in words(advocate.get("/approvals").text)
    assert advocate.send(support, f"{support}/close", closure="MOVED_OUT_OF_AREA").status_code == 303
