"""The commands of emergency access: what each asks of the API, in codes alone."""

import pytest
from typer.testing import CliRunner

from client import emergencies
from client.main import app

ID, SURVIVOR = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
NEVERS = f"/v1/survivors/{SURVIVOR}/emergency-nevers"


class Api:
    """Stands for a host's API; keeps what it was asked."""

    def __init__(self):
        self.asked, self.rows = [], []

    def get(self, path):
        if path == NEVERS:
            self.asked.append((path,))
        return {"version": 7, "items": self.rows}

    def items(self, path, **filters):
        self.asked.append((path, filters))
        return self.rows

    def post(self, path, body, *, version=None):
        self.asked.append((path, body, version))
        return {"id": ID, "version": 8}


@pytest.fixture
def api(monkeypatch):
    one = Api()
    monkeypatch.setattr(emergencies, "host_client", lambda _tenant, _name: one)
    return one


def run(typed):
    done = CliRunner().invoke(app, [*f"emergencies {typed}".split(), "-t", "alder"])
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(
    ("typed", "asked", "says"),
    [
        ("list", ("/v1/emergencies", {"state": "OPEN"}), "Nothing waits for a review."),
        ("list --late", ("/v1/emergencies", {"overdue": "true"}), "Nothing waits for a review."),
        (f"never {SURVIVOR}", (NEVERS,), "Nobody is named."),
        (
            f"review {ID} --outcome RIGHT", (f"/v1/emergencies/{ID}/review", {"outcome": "RIGHT"}, 7),
            "It is recorded.",
        ),
        (
            f"name-never {SURVIVOR} --staff {ID} --ground KNOWS_THEM",
            (NEVERS, {"staff_id": ID, "ground": "KNOWS_THEM"}, None), "They are named.",
        ),
    ],
    ids=["list", "late", "never", "review", "name"],
)  # fmt: skip
def test_a_command_asks_for_what_it_says(api, typed, asked, says):
    """With the version that it read, where something is changed."""
    assert says in run(typed)
    assert api.asked == [asked]
    assert '"' in run(f"{typed} -o json")


def test_what_waits_is_shown_in_a_table(api):
    """By its id, with its last day."""
    api.rows = [{"id": ID, "survivor_id": SURVIVOR, "why": "MISSING", "review_by": "2026-12-01", "overdue": False}]
    assert "2026-12-01" in run("list")
