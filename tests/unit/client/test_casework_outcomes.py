"""The commands of outcomes, entitlements, needs and risks: what each asks of the API, and no word on a command line."""

import json

import pytest
from typer.testing import CliRunner

from client import casework_needs, casework_outcomes
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


SAID = {"outcome": "MSCOS_6_ACCESS_EDUCATION", "rating": "NOT_ASKED", "rated_by": "SURVIVOR", "point": "REVIEW"}
SILENT = dict.fromkeys(("outcome", "rating", "rated_by", "point", "asked", "on"))


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("rate", EPISODE, "--outcome", SAID["outcome"], "--rating", "NOT_ASKED", "--rated-by", "SURVIVOR", "--point", "REVIEW", "--asked", "ON_PAPER"),
         None, ("outcomes", {**SAID, "asked": "ON_PAPER", "on": None})),
        (("correct-rating", EPISODE, KEPT, "--why", "WRITTEN_WRONGLY", "--rating", "FULLY", "--clear", "on"), None,
         (f"outcomes/{KEPT}/corrections", {**SILENT, "rating": "FULLY", "clear": ["on"], "why": "WRITTEN_WRONGLY"})),
        (("take-rating-back", EPISODE, KEPT, "--why", "WRITTEN_TWICE"), None, (f"outcomes/{KEPT}/take-back", {"why": "WRITTEN_TWICE"})),
        (("record-entitlement", EPISODE, "--entitlement", "HOUSING", "--on", "2026-08-04", "--goal", KEPT), None,
         ("entitlements", {"entitlement": "HOUSING", "on": "2026-08-04", "goal_id": KEPT})),
        (("correct-entitlement", EPISODE, KEPT, "--why", "SURVIVOR_ASKED"), None,
         (f"entitlements/{KEPT}/corrections", {"entitlement": None, "on": None, "goal_id": None, "clear": [], "why": "SURVIVOR_ASKED"})),
        (("take-entitlement-back", EPISODE, KEPT, "--why", "DID_NOT_HAPPEN"), None,
         (f"entitlements/{KEPT}/take-back", {"why": "DID_NOT_HAPPEN"})),
        (("weigh-need", EPISODE, "--about", "HOUSING", "--level", "URGENT", "--view", "NO_NEED", "--words", "-"), '{"words": "x"}',
         ("needs", {"about": "HOUSING", "level": "URGENT", "view": "NO_NEED", "on": None, "words": "x"})),
        (("correct-need", EPISODE, KEPT, "--why", "WRITTEN_WRONGLY", "--level", "SOME_NEED"), None,
         (f"needs/{KEPT}/corrections", {"about": None, "level": "SOME_NEED", "view": None, "on": None, "clear": [], "why": "WRITTEN_WRONGLY"})),
        (("take-need-back", EPISODE, KEPT, "--why", "ANOTHER_PERSON"), None, (f"needs/{KEPT}/take-back", {"why": "ANOTHER_PERSON"})),
        (("weigh-risk", EPISODE, "--about", "HEALTH_CRISIS", "--level", "LOW", "--on", "2026-08-04"), None,
         ("risks", {"about": "HEALTH_CRISIS", "level": "LOW", "view": None, "on": "2026-08-04"})),
        (("correct-risk", EPISODE, KEPT, "--why", "WRITTEN_WRONGLY", "--view", "DECLINED_TO_ANSWER"), None,
         (f"risks/{KEPT}/corrections", {"about": None, "level": None, "view": "DECLINED_TO_ANSWER", "on": None, "clear": [], "why": "WRITTEN_WRONGLY"})),
        (("take-risk-back", EPISODE, KEPT, "--why", "ANOTHER_PERSON"), None, (f"risks/{KEPT}/take-back", {"why": "ANOTHER_PERSON"})),
    ],
)  # fmt: skip
def test_what_each_command_sends(api, words, typed, told):
    """Exactly as the API takes it."""
    done = run(*words, input=typed)
    assert done.exit_code == 0, done.output
    assert api.told == [(f"{BASE}/{told[0]}", told[1])]
