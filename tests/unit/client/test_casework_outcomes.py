"""The commands of outcomes, entitlements, needs and risks: what each asks of the API, and nothing of a person on a command line."""

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from client import casework_needs, casework_outcomes
from client import shown as shown_by_client
from client.main import app

EPISODE, KEPT = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
BASE = f"/v1/episodes/{EPISODE}"
ROW = {"id": KEPT, "on": None, "outcome": "MSCOS_6_ACCESS_EDUCATION", "rating": "PARTLY", "rated_by": "SURVIVOR", "point": "REVIEW",
       "asked": None, "entitlement": "HOUSING", "goal_id": None, "about": "HOUSING", "level": "LOW", "view": None, "words": "Planted",
       "first": "PARTLY", "newest": "MOSTLY", "change": "IMPROVED", "last_answer": "MOSTLY", "corrects": None, "corrected_by": None,
       "taken_back": False}  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told, self.asked, self.rows = [], [], [ROW]

    def items(self, path):
        self.asked.append(path)
        return self.rows

    def get(self, path):
        self.asked.append(path)
        return {"items": self.rows}

    def post(self, path, body):
        self.told.append((path, body))
        return {"id": KEPT, "version": 1}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    monkeypatch.setattr(shown_by_client, "out", Console(width=300, highlight=False))
    for module in (casework_outcomes, casework_needs):
        monkeypatch.setattr(module, "host_client", lambda tenant, role: api if role == "advocate" else None)
    return api


def run(*words, **options):
    return CliRunner().invoke(app, ["casework", *words, "-t", "alder"], env={"COLUMNS": "300"}, **options)


@pytest.mark.parametrize(
    ("words", "path", "shown"),
    [(("outcomes",), "outcomes", "PARTLY"), (("outcomes", "--changes"), "outcomes/changes", "IMPROVED"), (("entitlements",), "entitlements", "HOUSING"),
     (("needs",), "needs", "LOW"), (("needs", "--now"), "needs/now", "LOW"), (("risks",), "risks", "LOW"), (("risks", "--now"), "risks/now", "LOW")],
)  # fmt: skip
def test_a_list_shows_codes_and_no_word(api, words, path, shown):
    """Words only where a machine asks for them; of nothing it says so."""
    text = run(words[0], EPISODE, *words[1:]).output
    assert api.asked == [f"{BASE}/{path}"]
    assert shown in text
    assert "Planted" not in text
    assert json.loads(run(words[0], EPISODE, *words[1:], "-o", "json").output)["items"] == [ROW]
    api.rows = []
    assert run(words[0], EPISODE, *words[1:]).output.strip().endswith(".")


@pytest.mark.parametrize(
    ("changes", "state"),
    [({"corrects": EPISODE}, "corrects"), ({"corrected_by": EPISODE}, "corrected or taken back"), ({"taken_back": True, "corrects": EPISODE}, "takes back")],
)  # fmt: skip
def test_a_list_shows_what_stands(api, changes, state):
    """And what was corrected."""
    api.rows = [{**ROW, **changes}]
    assert state in run("risks", EPISODE).output


SAID = json.dumps({"rating": "NOT_ASKED", "on": "2026-08-04"})
GAINED = json.dumps({"entitlement": "HOUSING", "goal_id": KEPT})
WEIGHED = json.dumps({"about": "HEALTH_CRISIS", "view": "DECLINED_TO_ANSWER", "words": "x"})


@pytest.mark.parametrize(
    ("noun", "writes", "said", "path"),
    [("rating", "rate", SAID, "outcomes"), ("entitlement", "record-entitlement", GAINED, "entitlements"),
     ("need", "weigh-need", WEIGHED, "needs"), ("risk", "weigh-risk", WEIGHED, "risks")],
)  # fmt: skip
def test_each_command_asks_its_route_and_what_is_said_comes_from_standard_input(api, noun, writes, said, path):
    """Exactly as the API takes it; what there is not is refused before anything is asked."""
    for words in (
        (writes, EPISODE, "--words", "-"),
        (f"correct-{noun}", EPISODE, KEPT, "--why", "WRITTEN_WRONGLY", "--clear", "on", "--words", "-"),
        (f"take-{noun}-back", EPISODE, KEPT, "--why", "ANOTHER_PERSON"),
    ):
        done = run(*words, input=said)
        assert done.exit_code == 0, done.output
    known = json.loads(said)
    assert api.told == [
        (f"{BASE}/{path}", known),
        (f"{BASE}/{path}/{KEPT}/corrections", {**known, "clear": ["on"], "why": "WRITTEN_WRONGLY"}),
        (f"{BASE}/{path}/{KEPT}/take-back", {"why": "ANOTHER_PERSON"}),
    ]
    assert run(writes, EPISODE, "--words", "-", input='{"score": "5"}').exit_code == 2
    assert len(api.told) == 3
