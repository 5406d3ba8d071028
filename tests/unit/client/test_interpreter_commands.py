"""The commands of interpreters: what each asks of the API, as whom, and that no name stands on a line."""

import json

import pytest
from typer.testing import CliRunner

from client import interpreting
from client.main import app

ID, OTHER = "3f1c0000-0000-4000-8000-000000000000", "3f1c0000-0000-4000-8000-000000000001"
VERA = {
    "id": OTHER, "name": "Planted", "languages": ["sq"], "gender": "FEMALE", "modes": ["VIDEO"],
    "from_on": "2026-01-01", "until_on": None,
}  # fmt: skip
BOOKED = {
    "id": ID, "state": "BOOKED", "at": "2026-12-01T14:00:00Z", "purpose": "VISIT", "mode": "VIDEO",
    "interpreter_id": OTHER, "interpreter": "Planted",
}  # fmt: skip
FOUND = {"interpreter_id": OTHER, "name": "Planted", "may": False, "may_if_agreed": True, "refusals": ["GENDER"]}
PERSON = f"/v1/survivors/{ID}"


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked = []
        self.role = None
        self.rows = [VERA]
        self.bookings = [BOOKED]

    def items(self, path):
        self.asked.append((self.role, path))
        return self.rows

    def get(self, path):
        self.asked.append((self.role, path))
        return {"bookings": self.bookings, "nevers": [{"name": "Planted"}]}

    def post(self, path, body):
        self.asked.append((self.role, path, body))
        found = {"items": [FOUND] if self.rows else []} if path.endswith("/search") else {}
        return {"id": ID, "version": 1, "find_others": 2, **found}


@pytest.fixture
def api(monkeypatch):
    made = Api()

    def client(tenant, role):
        assert tenant == "alder"
        made.role = role
        return made

    monkeypatch.setattr(interpreting, "host_client", client)
    return made


def run(*arguments, said=None):
    words = None if said is None else json.dumps(said)
    result = CliRunner().invoke(
        app, ["interpreters", *arguments, "-t", "alder"], input=words, env={"COLUMNS": "300"}, catch_exceptions=False
    )
    assert result.exit_code == 0, result.output
    # A worker's lines may be narrower than asked for.
    return " ".join(result.output.split())


@pytest.mark.parametrize(
    ("arguments", "said", "role", "path", "body"),
    [
        (
            ("add", "--words", "-", "--language", "sq", "--gender", "FEMALE", "--mode", "VIDEO", "--from", "2026-01-01"),
            {"name": "Planted"}, "supervisor", "/v1/interpreters",
            {"name": "Planted", "languages": ["sq"], "gender": "FEMALE", "modes": ["VIDEO"], "from_on": "2026-01-01"},
        ),
        (("last-day", OTHER, "--on", "2026-08-05"), None, "supervisor", f"/v1/interpreters/{OTHER}/change",
         {"until_on": "2026-08-05"}),
        (("tie", OTHER, "--kind", "RELATED_TO", "--words", "-"), {"name": "Planted"}, "supervisor",
         f"/v1/interpreters/{OTHER}/ties", {"kind": "RELATED_TO", "name": "Planted"}),
        (("wish", ID, "--words", "-", "--replaces", OTHER), {"language": "sq"}, "advocate",
         f"{PERSON}/interpreter-wishes", {"language": "sq", "replaces": OTHER}),
        (("never", ID, "--words", "-"), {"name": "Planted"}, "advocate", f"{PERSON}/interpreter-nevers",
         {"name": "Planted"}),
        (("who", ID, "--at", "2026-12-01T14:00:00", "--mode", "VIDEO"), None, "advocate",
         f"{PERSON}/interpreters/search", {"mode": "VIDEO"}),
        (("book", ID, OTHER, "--at", "2026-12-01T14:00:00", "--mode", "VIDEO", "--purpose", "VISIT", "--agreed"), None,
         "advocate", f"{PERSON}/interpreter-bookings",
         {"interpreter_id": OTHER, "mode": "VIDEO", "purpose": "VISIT", "agreed": True}),
        (("held", ID, OTHER), None, "advocate", f"{PERSON}/interpreter-bookings/{OTHER}/held", {}),
        (("cancel", ID, OTHER), None, "advocate", f"{PERSON}/interpreter-bookings/{OTHER}/cancel", {}),
    ],
    ids=["add", "last-day", "tie", "wish", "never", "who", "book", "held", "cancel"],
)  # fmt: skip
def test_each_command_asks_as_who_may(api, arguments, said, role, path, body):
    """Words come from a file, and no name is printed."""
    shown = run(*arguments, said=said)
    ((asked_as, asked, sent),) = api.asked
    at = sent.pop("at", None)
    assert (asked_as, asked, sent) == (role, path, body)
    assert at is None or at.startswith("2026-12-01T14:00:00")
    assert "Planted" not in shown


def test_lists_show_no_word_and_json_shows_all(api):
    """Of the register, and of one person."""
    assert "FEMALE" in run("list")
    assert "Planted" not in run("list")
    assert json.loads(run("list", "-o", "json")) == {"items": [VERA]}
    assert "BOOKED" in run("show", ID)
    assert "Planted" not in run("show", ID)
    assert json.loads(run("show", ID, "-o", "json"))["nevers"] == [{"name": "Planted"}]
    assert "Bookings that need somebody else: 2" in run("never", ID, "--words", "-", said={"name": "x"})
    assert json.loads(run("never", ID, "--words", "-", "-o", "json", said={"name": "x"}))["find_others"] == 2
    assert json.loads(run("who", ID, "--at", "2026-12-01T14:00:00", "--mode", "VIDEO", "-o", "json"))["items"] == [
        FOUND
    ]
    api.rows, api.bookings = [], []
    assert "The register is empty." in run("list")
    assert "Nothing is booked." in run("show", ID)
    assert "The register is empty." in run("who", ID, "--at", "2026-12-01T14:00:00", "--mode", "VIDEO")
