"""How webhooks and queues stand, in words: each trouble with its cause and what to do."""

import pytest

from services.integrations.queues.documents import WAITS
from services.integrations.webhooks.rules import BY_PERSON, FAILED_FOR_DAYS, GONE, RESTORED
from services.reporting.connection.integrators import of_queue, of_webhook

WEBHOOK = {
    "host": "hooks.example.org", "url": "https://hooks.example.org/in?token=theirs", "status": "ACTIVE",
    "disabled_for": None, "failing_since": None, "warned": False, "succeeded_at": "2026-11-27T09:00:00Z",
    "not_sent": 0, "given_up": 0,
}  # fmt: skip
SINCE = "2026-11-25T09:00:00Z"


@pytest.mark.parametrize(
    ("told", "word", "kind"),
    [
        ({}, "Answered", "good"),
        ({"succeeded_at": None}, "Nothing sent yet", "wait"),
        ({"given_up": 3}, "Some given up", "wait"),
        ({"failing_since": SINCE}, "Not answered", "wait"),
        ({"failing_since": SINCE, "warned": True}, "Not answered", "bad"),
        *(
            ({"status": "DISABLED", "disabled_for": why}, "Disabled", "bad")
            for why in (GONE, FAILED_FOR_DAYS, RESTORED)
        ),
        ({"status": "DISABLED", "disabled_for": BY_PERSON}, "Disabled", "wait"),
        ({"status": "DISABLED", "disabled_for": "OF_TOMORROW"}, "Disabled", "bad"),
    ],
)
def test_a_webhook(told, word, kind):
    """What is wrong has a cure; the receiver's address, which may hold a secret, is never in it."""
    found = of_webhook({**WEBHOOK, **told})
    assert (found.word, found.kind) == (word, kind)
    assert bool(found.cure) == (word not in ("Answered", "Nothing sent yet"))
    assert "theirs" not in repr(found)


@pytest.mark.parametrize("waits", [None, *WAITS, "OF_TOMORROW"])
def test_a_queue(waits):
    """Every reason for which nothing goes into it has words of its own; one that nobody knows yet is bad."""
    found = of_queue({"queue": "a-queue", "waits_for": waits})
    assert found.kind == {None: "good", "NOT_MADE": "wait"}.get(waits, "bad")
    assert bool(found.cure) == (found.kind == "bad")
