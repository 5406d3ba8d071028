"""What the page of the connection tells of the ways to the host's own systems, and whom."""

import pytest

from tests.kit.page_browser import audited, words

PAGE = "/host/connection"
URL = "https://hooks.example.org/in?token=a-token-of-theirs"


@pytest.fixture
def host(host):
    """With a webhook that was disabled and a queue that is full."""
    for name in ("webhooks", "webhook_roll", "event_queues", "event_queue_roll"):
        host.database("integrations")[name].delete_many({})
    host.login("HOST_ADMIN")
    assert host.post("/v1/webhooks", {"url": URL}, "HOST_ADMIN").status_code == 201
    assert host.post("/v1/event-queues", {}, "HOST_ADMIN").status_code in {201, 202}
    changed = {"status": "DISABLED", "disabled_for": "FAILED_FOR_DAYS"}
    host.database("integrations")["webhooks"].update_one({}, {"$set": changed})
    host.database("integrations")["event_queues"].update_one({}, {"$set": {"waits_for": "FULL"}})
    return host


@pytest.mark.parametrize("role", ["HOST_ADMIN", "HOST_DPO"])
def test_webhooks_and_queues_stand_there_with_what_to_do(host, role):
    """By the receiver's name alone; its address may hold a secret of theirs."""
    page = host.browser(role).get(PAGE).text
    shown = words(page)
    assert "Webhook to hooks.example.org" in shown
    assert "Nothing reached its receiver for five days. What to do: Ask whoever runs it" in shown
    assert "Its reader does not take what is in it" in shown
    assert "a-token-of-theirs" not in page


def test_whoever_may_not_see_them_is_not_asked_for(host):
    """So that no refusal stands in the audit that nobody tried."""
    assert "Webhook" not in words(host.browser("HOST_DATA_LEAD").get(PAGE).text)
    lead = host.people["HOST_DATA_LEAD"]
    assert audited(host, "integrations", outcome="REFUSED", actor_id=lead) == []
