"""Every query of casework's pages goes by an index, whoever looks: what the database itself says of each plan."""

from datetime import UTC, datetime, timedelta

import pytest

from shared.kernel.ids import new_id
from tests.integration.test_every_route import OUTCOME
from tests.kit.tenant_place import EPISODE


@pytest.fixture
def caseload(host):
    """Somebody with a contact, a goal, a step and an outcome, and somebody who waits."""
    host.login("IMSA")
    advocate = host.people["IMSA"]
    survivor = host.survivor(name="Ida", advocate_id=advocate)
    episode = host.episode(survivor_id=survivor, advocate_id=advocate)["id"]
    path = f"/v1/episodes/{episode}"
    contact = host.post(f"{path}/contacts", {"mode": "PHONE", "interpreter": "NONE_NEEDED", "next_step": "Ring"})
    host.post(f"{path}/contacts/{contact.json['id']}/ask", {"question": "Why?"})
    goal = host.post(f"{path}/goals", {"area": "NRM"})
    step = host.post(f"/v1/survivors/{survivor}/steps", {"what": "Ring", "due_on": "2199-01-01"})
    rating = host.post(f"{path}/outcomes", OUTCOME, "IMSA")
    host.post(f"{path}/risks", {"about": "HEALTH_CRISIS", "level": "LOW"}, "IMSA")
    nrm = host.post(f"/v1/survivors/{survivor}/nrm", {"stage": "RG_NEGATIVE", "on": "2026-08-04"}, "IMSA")
    waiting = host.survivor(advocate_id=advocate)
    host.post("/v1/episodes", {**EPISODE, "survivor_id": waiting, "status": "REFERRED", "advocate_id": advocate})
    host.post(f"/v1/survivors/{survivor}/handover/notes", {"words": "Ask"})
    host.post("/v1/caseload/give", {"from_id": advocate, "to_id": new_id(), "survivor_ids": [waiting]})
    said = {"agreement": "NOT_ASKED_YET"}
    approval = host.post(f"{path}/approvals/plan", said, "IMSA").json["id"]
    base = f"/support/{survivor}"
    host.post(f"/v1/survivors/{survivor}/interpreter-wishes", {"language": "sq"})
    host.post(f"/v1/survivors/{survivor}/interpreter-nevers", {"name": "Vera"})
    again = (datetime.now(UTC) + timedelta(weeks=1)).date().isoformat()
    host.post(f"/v1/survivors/{survivor}/dependants", {"answer": "NO", "ask_again_on": again})
    return {
        "both": [
            "/support", "/due", base, f"{base}/contact", f"{base}/contacts", f"{base}/contacts/{contact.json['id']}",
            f"{base}/goal", f"{base}/goals/{goal.json['id']}", f"{base}/step", f"{base}/steps/{step.json['id']}",
            f"{base}/episodes/{episode}", f"{base}/outcomes", f"{base}/outcomes/{rating.json['id']}", f"{base}/needs",
            f"{base}/nrm", "/questions", f"{base}/contacts/{contact.json['id']}/look", f"{base}/handover", "/handovers",
            "/approvals", f"/approvals/{approval}", f"{base}/episodes/{episode}/approval", f"{base}/interpreting", f"{base}/dependants",
        ],
        "IMSA": [f"{base}/nrm/new", f"{base}/nrm/{nrm.json['id']}"],
        "SUPERVISOR": ["/waiting", "/team", f"/team/{advocate}"],
    }  # fmt: skip


@pytest.mark.parametrize("role", ["IMSA", "SUPERVISOR"])
def test_no_page_reads_a_whole_collection(host, caseload, role):
    """Of case's own collections none is gone through from end to end."""
    browser = host.browser(role)
    database = host.database("case")
    database.command("profile", 2)
    try:
        for path in (*caseload["both"], *caseload.get(role, ())):
            assert browser.get(path).status_code == 200, path
    finally:
        database.command("profile", 0)
    reads = list(
        database["system.profile"].find({"op": {"$in": ["query", "command"]}, "planSummary": {"$exists": True}})
    )
    database["system.profile"].drop()
    assert {one["ns"].split(".", 1)[1] for one in reads} >= {
        "survivors",
        "episodes",
        "contacts",
        "goals",
        "steps",
        "nrm_entries",
        "outcome_ratings",
        "entitlements",
        "needs",
        "risks",
        "contact_looks",
        "approvals",
        "interpreter_wishes",
        "interpreter_nevers",
        "interpreter_bookings",
        "dependant_answers",
        "handovers",
        "handover_notes",
    }
    assert [(one["ns"], one["command"]) for one in reads if "COLLSCAN" in one["planSummary"]] == []
