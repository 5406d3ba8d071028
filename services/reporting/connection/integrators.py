"""How the ways to the host's own systems are: webhooks and queues, as the integrations service tells them. Pure rules.

Promise: of a receiver only the name of its machine stands on the page, never its address. Shown by
tests/unit/reporting/test_integrators.py and tests/integration/pages/test_connection_pages.py.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.reporting.connection.rules import Finding

READERS = ("HOST_ADMIN", "HOST_DPO")
"""Who may see them; nobody else is asked for, since each such question would stand in the audit as refused."""

_RESEND = "let what was not sent go out again: alongside webhooks resend."
_DISABLED: Mapping[str, tuple[str, str]] = {
    "BY_PERSON": ("Somebody disabled it here.", f"Enable it when it is wanted again, and {_RESEND}"),
    "GONE": (
        "Its receiver answered that it is gone for good.",
        f"Ask whoever runs it. Remove the webhook, or enable it, and {_RESEND}",
    ),
    "FAILED_FOR_DAYS": (
        "Nothing reached its receiver for five days.",
        f"Ask whoever runs it what is wrong. When it answers again, enable the webhook, and {_RESEND}",
    ),
    "RESTORED": (
        "This host was restored from a backup, and nobody knows what its receiver has heard since.",
        f"Look at it, enable it, and {_RESEND}",
    ),
}
_WAITS: Mapping[str, tuple[str, str]] = {
    "NOT_MADE": ("It is about to be made at the broker.", ""),
    "FULL": (
        "Its reader does not take what is in it, so nothing more goes in.",
        "Ask whoever runs the reader. Nothing is lost for 90 days; what is older can be had as a snapshot.",
    ),
    "BROKER_AWAY": ("The broker does not answer.", "Ask your operator to run: alongside doctor."),
    "AHEAD_OF_STORE": (
        "This host was restored from a backup, and the queue is further than the store.",
        "Remove the queue, add a new one, and let its reader begin with a snapshot.",
    ),
}


def of_webhook(told: Mapping[str, Any]) -> Finding:
    """Say how a webhook stands."""
    name, reached = f"Webhook to {told['host']}", _at(told["succeeded_at"])
    if told["status"] == "DISABLED":
        unknown = ("It is disabled.", "See: alongside webhooks list")
        cause, cure = _DISABLED.get(told["disabled_for"] or "", unknown)
        by_person = told["disabled_for"] == "BY_PERSON"
        value = f"{told['not_sent']} not sent." if told["not_sent"] else ""
        return Finding(
            name=name, word="Disabled", kind="wait" if by_person else "bad", value=value, cause=cause, cure=cure
        )
    if told["failing_since"] is not None:
        return Finding(
            name=name,
            word="Not answered",
            kind="bad" if told["warned"] else "wait",
            value="Since",
            at=_at(told["failing_since"]),
            cause="Its receiver does not take what is sent. Each event is tried again after longer and "
            "longer times; after five days without an answer the webhook is disabled.",
            cure="Ask whoever runs the receiver. See what it answered: alongside webhooks deliveries",
        )
    if told["given_up"]:
        return Finding(
            name=name,
            word="Some given up",
            kind="wait",
            value=f"{told['given_up']} given up.",
            cause="It answers now. Some events were given up before.",
            cure=f"If its receiver still needs them, {_RESEND}",
        )
    return Finding(
        name=name,
        word="Answered" if reached else "Nothing sent yet",
        kind="good" if reached else "wait",
        value="Last:" if reached else "",
        at=reached,
        cause="What happens here goes out to it, signed.",
    )


def of_queue(told: Mapping[str, Any]) -> Finding:
    """Say how a queue of events stands."""
    name, waits = f"Queue {told['queue']}", told["waits_for"]
    if waits is None:
        return Finding(name=name, word="Filled", kind="good", cause="What happens here goes into it as it comes.")
    cause, cure = _WAITS.get(waits, ("Nothing goes into it.", "See: alongside queues list"))
    return Finding(name=name, word="Waits", kind="wait" if waits == "NOT_MADE" else "bad", cause=cause, cure=cure)


def _at(instant: str | None) -> datetime | None:
    return None if instant is None else datetime.fromisoformat(instant)
