"""The commands for webhooks: what each asks of the API, and what it shows."""

import json

import pytest
from typer.testing import CliRunner

from client import webhooks as commands
from client.main import app

HOOK = "3f1c0000-0000-4000-8000-000000000000"
ROW = {
    "id": HOOK, "host": "hooks.example.org", "status": "ACTIVE", "failing_since": None, "disables_at": None,
    "waiting": 1, "not_sent": 2, "given_up": 3, "lag": 4,
}  # fmt: skip
DELIVERY = {
    "id": f"{HOOK}.7",
    "type": "t",
    "state": "SENT",
    "attempts": 1,
    "last_status": 200,
    "reason": "ANSWERED",
    "next_at": None,
}


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.resent = [{"id": HOOK, "queued": 500, "next": 640}, {"id": HOOK, "queued": 3, "next": None}]

    def get(self, path):
        if path == "/v1/webhooks":
            return {"items": [ROW, {**ROW, "id": "4a" + HOOK[2:]}]}
        raise AssertionError(path)

    def items(self, path, **query):
        self.asked.append((path, query))
        return [DELIVERY, DELIVERY]

    def post(self, path, body):
        self.asked.append((path, body))
        if path.endswith("resend"):
            return self.resent.pop(0)
        return {"id": HOOK, "version": 1, "secret": "whsec_shown", "delivery_id": f"{HOOK}.test"}


@pytest.fixture
def run(monkeypatch):
    api = Api()
    monkeypatch.setattr(commands, "administrator_of", lambda tenant, by: api)

    def run(*words):
        done = CliRunner().invoke(app, ["webhooks", *words, "-t", "alder"])
        return done, api.asked

    return run


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (("add", "https://h.example.org/"), "", {"url": "https://h.example.org/", "types": None, "signature": "HMAC"}),
        (("add", "https://h.example.org/", "--type", "a", "--type", "b", "--signature", "ED25519"), "", {"url": "https://h.example.org/", "types": ["a", "b"], "signature": "ED25519"}),
        (("test", "3f1c"), f"/{HOOK}/test", {}),
        (("rotate", "3f"), f"/{HOOK}/rotate", {"overlap_hours": 24}),
        (("rotate", HOOK, "--overlap-hours", "0"), f"/{HOOK}/rotate", {"overlap_hours": 0}),
        (("disable", "3f1c"), f"/{HOOK}/disable", {}),
        (("enable", "3f1c"), f"/{HOOK}/enable", {}),
        (("remove", "3f1c"), f"/{HOOK}/remove", {}),
    ],
)  # fmt: skip
def test_each_asks_one_thing(run, words, path, body):
    """Of the webhook that begins so; and answers programs in JSON."""
    done, asked = run(*words)
    assert (done.exit_code, asked) == (0, [(f"/v1/webhooks{path}", body)]), done.output
    said, _ = run(*words, "-o", "json")
    assert json.loads(said.stdout)["id"] == HOOK


@pytest.mark.parametrize("words", [("add", "https://h.example.org/"), ("rotate", "3f1c")])
def test_the_secret_is_shown(run, words):
    """It is the only chance to see it."""
    assert "whsec_shown" in run(*words)[0].stdout


@pytest.mark.parametrize(
    ("words", "body"),
    [
        (("--delivery", "a", "--delivery", "b"), {"deliveries": ["a", "b"], "sent_too": False}),
        (("--after", "0"), {"after": 0, "sent_too": False}),
        (("--since", "2026-11-20", "--sent-too"), {"since": "2026-11-20T00:00:00Z", "sent_too": True}),
    ],
)
def test_resend_goes_on_until_nothing_is_left(run, words, body):
    """The API takes so many at once; the command asks again from where it stopped, and says the sum."""
    done, asked = run("resend", "3f1c", *words)
    assert asked == [
        (f"/v1/webhooks/{HOOK}/resend", body),
        (f"/v1/webhooks/{HOOK}/resend", {"after": 640, "sent_too": body["sent_too"]}),
    ]
    assert "503 go out again" in done.stdout


@pytest.mark.parametrize("words", [(), ("--after", "0", "--since", "2026-11-20"), ("--delivery", "a", "--after", "1")])
def test_resend_wants_one_thing(run, words):
    """Exit code 2, and nothing is asked."""
    done, asked = run("resend", "3f1c", *words)
    assert (done.exit_code, asked) == (2, [])


@pytest.mark.parametrize("beginning", ["", "9"])
def test_a_beginning_that_fits_none_or_several_is_refused(run, beginning):
    """Nobody disables another webhook than was meant."""
    done, asked = run("disable", beginning)
    assert (done.exit_code, asked) == (2, [])


def test_lists(run):
    """Tables for people, JSON for programs, every page."""
    assert "ACTIVE" in run("list")[0].stdout
    assert len(json.loads(run("list", "-o", "json")[0].stdout)["items"]) == 2
    done, asked = run("deliveries", "3f1c", "--state", "SENT")
    assert done.exit_code == 0
    assert [query for _, query in asked] == [{"state": "SENT"}]
    assert len(json.loads(run("deliveries", "3f1c", "-o", "json")[0].stdout)["items"]) == 2
