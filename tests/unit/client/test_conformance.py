"""A receiver is tried by each rule: a right one passes all, and each broken one fails by the rule that it breaks."""

import json
import time
from datetime import UTC, datetime

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from typer.testing import CliRunner

from client.conformance.inventing import ALL_TYPES, OPENED, invent
from client.conformance.posting import Met, Receiver, UnusableAddressError, UnusableSecretError, read_key
from client.conformance.rules import BATCH, RULES, check
from client.main import app
from services.integrations.webhooks.signing import ED25519, HMAC, draw_key
from shared.contracts.public import PUBLIC
from tests.kit.receivers import badly, receiver

KEY = draw_key(HMAC)
KNOWN = {*ALL_TYPES, "alongside.integrations.left_out.v1"}


class Right:
    """A receiver that does what it must; each fault takes one thing away."""

    def __init__(self, *faults):
        self.faults, self.had, self.effects = faults, set(), []

    def __call__(self, request):
        headers, body = {k.lower(): v for k, v in request["headers"].items()}, request["body"]
        if "only the age unread" in self.faults and "webhook-timestamp" in headers:
            # Verified as of the moment that the sender says.
            at = datetime.fromtimestamp(int(headers["webhook-timestamp"]), UTC)
            if Webhook(KEY.secret).sign(headers["webhook-id"], at, body) not in headers["webhook-signature"].split():
                return 400
        elif "unsigned is let in" in self.faults and "webhook-signature" not in headers:
            return 204
        elif "nothing is verified" not in self.faults:
            verified = json.dumps(json.loads(body), separators=(",", ":")) if "read first" in self.faults else body
            if "first signature only" in self.faults and headers.get("webhook-signature"):
                headers["webhook-signature"] = headers["webhook-signature"].split()[0]
            try:
                Webhook(KEY.secret).verify(verified, headers)
            except WebhookVerificationError:
                return 500 if "refuses with 500" in self.faults else 400
        return self.take(headers.get("webhook-id"), json.loads(body))

    def take(self, name, event):
        if name in self.had:
            return 500 if "500 on a duplicate" in self.faults else 200
        self.had.add(name)
        if "unknown type" in self.faults and event["type"].rpartition(".v")[0] not in {
            one.rpartition(".v")[0] for one in KNOWN
        }:
            raise KeyError(event["type"])
        refusals = {
            "unknown version": (event["type"].endswith(".v999"), 422),
            "strict fields": ("inventedattribute" in event, 422),
            "always a subject": ("subject" not in event, 500),
            "strict order": (event.get("sequence") == "2", 409),
            "tires": (len(self.effects) >= BATCH, 429),
            "redirects": (True, 303),
        }
        status = next((s for fault, (meets, s) in refusals.items() if fault in self.faults and meets), 204)
        self.effects.append(event)
        return status


def failed_by(*faults):
    """The rules that a receiver with such faults fails."""
    with receiver(Right(*faults)) as (port, _):
        found = list(check(Receiver(f"http://127.0.0.1:{port}/in", KEY)))
    assert len(found) == len(RULES) + 1
    return {one.rule: one for one in found if not one.passed}


def test_a_right_receiver_passes_every_rule():
    """And it got every public type, fifty in a row."""
    right = Right()
    with receiver(right) as (port, _):
        found = list(check(Receiver(f"http://127.0.0.1:{port}/in", KEY)))
    assert [one.rule for one in found if not one.passed] == []
    assert {event["type"] for event in right.effects} > KNOWN
    assert len(right.effects) > BATCH


@pytest.mark.parametrize(
    ("fault", "rules"),
    [
        ("nothing is verified", {"Refuses an event without a signature", "Refuses an event that somebody else signed", "Refuses an event that was altered on its way", "Refuses an event that was signed ten minutes ago"}),
        ("unsigned is let in", {"Refuses an event without a signature"}),
        ("read first", {"Refuses an event that was altered on its way"}),
        ("only the age unread", {"Refuses an event that was signed ten minutes ago"}),
        ("first signature only", {"Takes an event that bears a second signature"}),
        ("500 on a duplicate", {"Answers 2xx to an event that it has already"}),
        ("strict order", {"Answers 2xx to older news after newer"}),
        ("unknown type", {"Answers 2xx to a type that it does not know"}),
        ("unknown version", {"Answers 2xx to a version that it does not know"}),
        ("strict fields", {"Answers 2xx to fields that it does not know"}),
        ("always a subject", {"Answers 2xx to an event that may not be told any more"}),
        ("tires", {"Takes 50 events one after the other, of every type"}),
    ],
)  # fmt: skip
def test_each_fault_fails_by_its_own_rule(fault, rules):
    """And by no other; what to mend is said."""
    found = failed_by(fault)
    assert found.keys() == rules
    assert all(one.met and one.mend for one in found.values())


def test_a_refusal_is_4xx_and_taking_is_2xx():
    """500 is no refusal, since it would be tried again; a redirect is not followed, and is a failure."""
    assert [name for name in failed_by("refuses with 500") if not name.startswith("Refuses")] == []
    assert len(failed_by("refuses with 500")) == 4
    assert "Takes an event that is rightly signed" in failed_by("redirects")


def test_a_crash_is_told_and_the_rules_after_it_are_tried():
    """A type that it does not know ends the connection without an answer."""
    found = failed_by("unknown type")
    assert found["Answers 2xx to a type that it does not know"].met == "it closed the connection without an answer"


def test_whatever_it_sends_the_time_is_bounded():
    """A receiver that sends a byte now and then has not answered in time."""

    def drip(connection, ended):
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        while not ended.wait(0.05):
            connection.sendall(b"a: b\r\n")

    with badly(drip) as port:
        began = time.monotonic()
        met = Receiver(f"http://127.0.0.1:{port}/", KEY, whole_s=0.5).send(invent())
    assert not met.taken
    assert "within 0.5 seconds" in met.why
    assert time.monotonic() - began < 20


def test_a_slow_receiver_fails_the_last_rule(monkeypatch):
    """It is told how long the slowest answer took."""
    monkeypatch.setattr("client.conformance.rules.RULES", RULES[:1])

    class Late(Receiver):
        def post(self, body, headers):
            return Met(status=200, took_s=15.0)

    (first, last) = check(Late("http://127.0.0.1:1/", KEY))
    assert (first.passed, last.passed) == (True, False)
    assert last.met == "the slowest answer took 15.0 seconds"


def test_what_is_sent_is_invented():
    """Of a host that is none, with ids that are drawn anew, and no field but the public ones."""
    one, other = invent(OPENED), invent(OPENED)
    assert one["tenantid"] == "invented"
    assert one["id"] != other["id"]
    assert one["subject"] != other["subject"]
    for event_type in ALL_TYPES:
        assert set(invent(event_type)["data"]) == set(PUBLIC[event_type].public_fields)


def test_the_command_says_one_line_a_rule_and_what_to_mend(monkeypatch):
    """At 80 columns; exit code 0 or 1; and JSON for programs."""
    monkeypatch.setenv("WEBHOOK_SECRET", KEY.secret)
    with receiver(Right()) as (port, _):
        done = CliRunner().invoke(app, ["consumer", "check", f"http://127.0.0.1:{port}/in"])
    assert done.exit_code == 0, done.output
    assert [line.split("  ")[0] for line in done.stdout.splitlines()] == ["passed"] * (len(RULES) + 1)
    with receiver(Right("500 on a duplicate", "nothing is verified")) as (port, _):
        url = f"http://127.0.0.1:{port}/in"
        done = CliRunner().invoke(app, ["consumer", "check", url])
        said = CliRunner().invoke(app, ["consumer", "check", url, "-o", "json"])
    assert done.exit_code == said.exit_code == 1
    assert max(map(len, done.stdout.splitlines())) <= 80
    assert "failed  Answers 2xx to an event that it has already" in done.stdout.splitlines()
    assert "It answered 500. Answer 2xx to a webhook-id that you have" in " ".join(done.stdout.split())
    assert sum(not one["passed"] for one in json.loads(said.stdout)["items"]) == 5


@pytest.mark.parametrize("secret", ["", "hunter2", "whsec_", "whsec_!!!", "whpk_" + "A" * 43 + "=", "whsk_AAAA"])
def test_a_secret_that_is_none_is_refused_unread(secret):
    """The sentence says how to get one, and not what was given."""
    with pytest.raises(UnusableSecretError) as told:
        read_key(secret)
    assert not secret.strip("whsec_") or secret not in str(told.value)


@pytest.mark.parametrize("kind", [HMAC, ED25519])
def test_a_drawn_key_is_taken(kind):
    """By the check, as the command shows it."""
    done = json.loads(CliRunner().invoke(app, ["consumer", "secret", "--signature", kind, "-o", "json"]).stdout)
    assert read_key(done["check"]).shown == done["receiver"]


@pytest.mark.parametrize("url", ["feed://x", "127.0.0.1:8000", "", "http://", "http://[::1"])
def test_an_address_that_is_none_is_refused(url):
    """Before anything is sent."""
    with pytest.raises(UnusableAddressError):
        Receiver(url, KEY)
