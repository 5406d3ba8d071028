"""The commands of casework: what each asks of the API, and that no word of a survivor stands on a command line."""

import json

import pytest
from rich.console import Console
from typer.testing import CliRunner

from client import casework as commands
from client import (
    casework_approvals,
    casework_episodes,
    casework_goals,
    casework_handovers,
    casework_questions,
    casework_steps,
)
from client import shown as shown_by_client
from client.main import app

EPISODE, CONTACT = "3f1c0000-0000-4000-8000-000000000000", "4a1c0000-0000-4000-8000-000000000000"
PATH = f"/v1/episodes/{EPISODE}/contacts"
ROW = {
    "id": CONTACT, "on": "2026-08-04", "mode": "PHONE", "minutes": 5, "areas": ["HOUSING"], "interpreter": "DECLINED",
    "note": "Planted", "next_step": None, "corrects": None, "corrected_by": None, "taken_back": False,
}  # fmt: skip
SAID = {"mode": "PHONE", "interpreter": "DECLINED", "on": "2026-08-04", "minutes": 5, "areas": ["HOUSING", "NRM"]}
NOTHING = {"mode": None, "interpreter": None, "on": None, "minutes": None, "areas": [], "clear": []}
OPTIONS = ("--mode", "PHONE", "--interpreter", "DECLINED", "--on", "2026-08-04", "--minutes", "5", "--area", "HOUSING",
           "--area", "NRM")  # fmt: skip


class Api:
    """Stands for a host's API; keeps what it was told."""

    def __init__(self):
        self.told = []
        self.rows = [ROW]

    def items(self, path):
        self.asked = path
        return self.rows

    def get(self, path):
        assert path == f"/v1/episodes/{EPISODE}"
        return {"version": 4}

    def post(self, path, body, version=None):
        self.told.append((path, body) if version is None else (path, body, version))
        return {"id": CONTACT, "version": 1}


@pytest.fixture
def api(monkeypatch):
    api = Api()
    for module in (commands, casework_steps, casework_goals, casework_episodes):
        monkeypatch.setattr(module, "host_client", lambda tenant, role: api if role == "advocate" else None)
    return api


def run(*words, **options):
    return CliRunner().invoke(app, ["casework", *words, "-t", "alder"], **options)


def test_a_supervisor_asks_and_an_advocate_answers(api, monkeypatch):
    """Words from standard input; each as who may."""
    roles = []
    monkeypatch.setattr(casework_questions, "host_client", lambda tenant, role: roles.append(role) or api)
    one = f"{PATH}/{CONTACT}"
    assert run("ask", EPISODE, CONTACT, "--words", "-", input='{"question": "Why?"}').exit_code == 0
    assert run("answer", EPISODE, CONTACT, "--words", "-", input='{"answer": "So."}').exit_code == 0
    assert run("acknowledge", EPISODE, CONTACT).exit_code == 0
    assert api.told == [
        (f"{one}/ask", {"question": "Why?"}), (f"{one}/answer", {"answer": "So."}), (f"{one}/acknowledge", {}),
    ]  # fmt: skip
    assert roles == ["supervisor", "advocate", "supervisor"]
    api.rows = []
    assert "No question is open." in run("questions").output
    assert api.asked == "/v1/contact-looks?state=ASKED"


def test_a_hand_over_is_shown_read_and_told_without_a_word_on_the_line(api, monkeypatch):
    """How much there is stands in the table; the words only in JSON."""
    roles, person = [], f"/v1/survivors/{EPISODE}/handover"
    names = ("handovers", "notes", "questions", "approvals", "steps", "goals", "contacts", "covers")
    pack = {
        "safe_contact": "Planted",
        "interpreting": {"nevers": [{"name": "Planted"}]},
        **{name: [{"words": "Planted"}] for name in names},
    }
    monkeypatch.setattr(api, "get", lambda path: pack if path == person else None)
    monkeypatch.setattr(casework_handovers, "host_client", lambda tenant, role: roles.append(role) or api)
    shown = run("handover", EPISODE).output
    assert "is written down" in shown
    assert "Interpreter: 1 who never may" in shown
    assert "Planted" not in shown
    assert json.loads(run("handover", EPISODE, "-o", "json").output) == pack
    note = ("handover-note", EPISODE, "--as", "supervisor")
    assert run(*note, "--words", "-", input='{"words": "Ask"}').exit_code == 0
    assert run(*note, "--replaces", CONTACT, "--take-back").exit_code == 0
    assert run("read-handover", EPISODE, CONTACT).exit_code == 0
    assert api.told == [
        (f"{person}/notes", {"words": "Ask", "replaces": None}),
        (f"{person}/notes", {"words": None, "replaces": CONTACT}), (f"{person}/{CONTACT}/read", {}),
    ]  # fmt: skip
    api.rows = []
    assert "Every hand-over was read." in run("handovers").output
    assert api.asked == "/v1/handovers?state=WAITING"
    assert run("handovers", "--as", "nobody").exit_code != 0
    assert roles == ["advocate"] * 2 + ["supervisor"] * 2 + ["advocate", "supervisor"]


@pytest.mark.parametrize(
    ("words", "typed", "role", "told"),
    [
        (("ask-plan", EPISODE, "--agreement", "AGREED", "--agreed-on", "2026-08-05", "--agreed-how", "WRITTEN"), None,
         "advocate", (f"/v1/episodes/{EPISODE}/approvals/plan",
                      {"agreement": "AGREED", "agreed_on": "2026-08-05", "agreed_how": "WRITTEN",
                       "asked_of": "SUPERVISOR"})),
        (("ask-closure", EPISODE, "--reason", "INELIGIBLE", "--of", "SAFEGUARDING_LEAD"), None, "advocate",
         (f"/v1/episodes/{EPISODE}/approvals/closure", {"reason": "INELIGIBLE", "asked_of": "SAFEGUARDING_LEAD"})),
        (("agreement", CONTACT, "--agreement", "SAID_NO"), None, "advocate",
         (f"/v1/approvals/{CONTACT}/agreement", {"agreement": "SAID_NO", "agreed_on": None, "agreed_how": None})),
        (("approve", CONTACT, "--as", "safeguarding"), None, "safeguarding", (f"/v1/approvals/{CONTACT}/approve", {})),
        (("send-back", CONTACT, "--words", "-"), '{"words": "Planted"}', "supervisor",
         (f"/v1/approvals/{CONTACT}/send-back", {"words": "Planted"})),
        (("settle-approval", CONTACT), None, "advocate", (f"/v1/approvals/{CONTACT}/settle", {})),
        (("closures-wait", "--no"), None, "admin", ("/v1/approvals/setting", {"closures_wait": False})),
    ],
)  # fmt: skip
def test_an_approval_is_asked_for_and_given(api, monkeypatch, words, typed, role, told):
    """Exactly as the API takes it, by whoever may; no word on the line."""
    roles = []
    monkeypatch.setattr(casework_approvals, "host_client", lambda tenant, role: roles.append(role) or api)
    assert run(*words, input=typed).exit_code == 0
    assert (api.told, roles) == ([told], [role])


def test_what_waits_is_listed_with_the_oldest_first_and_without_a_word(api, monkeypatch):
    """Of nothing it says so; nobody else asks."""
    monkeypatch.setattr(casework_approvals, "host_client", lambda tenant, role: api)
    row = {"id": CONTACT, "kind": "PLAN", "words": "Planted", "asked_at": "2026-08-05"}
    api.rows = [row, {**row, "kind": "CLOSURE", "asked_at": "2026-08-04"}]
    shown = run("approvals", env={"COLUMNS": "300"}).output
    assert api.asked == "/v1/approvals?waits_for=APPROVER"
    assert shown.index("CLOSURE") < shown.index("PLAN")
    assert "Planted" not in shown
    assert json.loads(run("approvals", "-o", "json").output)["items"] == api.rows
    monkeypatch.setattr(api, "get", lambda path: {**row, "plan": ["Planted"], "changed": True})
    assert "Planted" not in run("approval", CONTACT, env={"COLUMNS": "300"}).output
    assert "Planted" in run("approval", CONTACT, "-o", "json").output
    api.rows = []
    assert "Nothing waits." in run("approvals").output
    assert run("approvals", "--as", "nobody").exit_code != 0


@pytest.mark.parametrize(
    ("changes", "state"),
    [({}, ""), ({"corrects": EPISODE}, "corrects"), ({"corrected_by": EPISODE}, "taken back"),
     ({"taken_back": True, "corrects": EPISODE}, "takes back")],
)  # fmt: skip
def test_a_list_shows_what_stands_and_no_word(api, monkeypatch, changes, state):
    """Words only where a machine asks for them."""
    monkeypatch.setattr(shown_by_client, "out", Console(width=300, highlight=False))
    api.rows = [{**ROW, **changes}]
    shown = run("contacts", EPISODE).output
    assert "PHONE" in shown
    assert state in shown
    assert "Planted" not in shown
    assert json.loads(run("contacts", EPISODE, "-o", "json").output)["items"][0]["note"] == "Planted"


def test_of_nothing_it_says_so(api):
    """In words."""
    api.rows = []
    assert "No contact is written down yet." in run("contacts", EPISODE).output


def test_words_come_from_a_file_or_from_standard_input(api, tmp_path):
    """Never from the command line."""
    file = tmp_path / "words.json"
    file.write_text('{"note": "Planted"}', encoding="utf-8")
    assert run("record", EPISODE, *OPTIONS, "--words", str(file)).exit_code == 0
    assert run("record", EPISODE, *OPTIONS, "--words", "-", input='{"next_step": "Ring"}').exit_code == 0
    assert api.told == [(PATH, {**SAID, "note": "Planted"}), (PATH, {**SAID, "next_step": "Ring"})]
    assert "There is no such file." in run("record", EPISODE, *OPTIONS, "--words", str(tmp_path / "none")).output


@pytest.mark.parametrize("words", ["", "[]", '{"name": "x"}', "{", '{"note": "' + "x" * 20_000 + '"}'])
def test_what_are_no_words_is_refused_before_anything_is_sent(api, words):
    """Also more than any words may be."""
    assert run("record", EPISODE, *OPTIONS, "--words", "-", input=words).exit_code != 0
    assert api.told == []


def test_a_correction_says_only_what_is_to_change(api):
    """What is left out stays."""
    done = run("correct", EPISODE, CONTACT, "--why", "WRITTEN_WRONGLY", "--minutes", "9", "--clear", "note")
    assert done.exit_code == 0
    (told,) = api.told
    assert told == (
        f"{PATH}/{CONTACT}/corrections",
        {**NOTHING, "why": "WRITTEN_WRONGLY", "minutes": 9, "clear": ["note"]},
    )


def test_taking_back_says_why(api):
    """And nothing else."""
    assert run("take-back", EPISODE, CONTACT, "--why", "ANOTHER_PERSON", "-o", "json").exit_code == 0
    assert api.told == [(f"{PATH}/{CONTACT}/take-back", {"why": "ANOTHER_PERSON"})]


STEP = {
    "id": CONTACT, "survivor_id": EPISODE, "kind": "FOLLOW_UP", "due_on": "2026-12-01", "overdue": True, "taken_by": None,
    "what": "Planted",
}  # fmt: skip


def test_what_is_to_be_done_is_listed_by_its_day_and_without_a_word(api):
    """What has no day comes last."""
    api.rows = [{**STEP, "due_on": None, "kind": "LAST"}, STEP]
    shown = run("steps", env={"COLUMNS": "300"}).output
    assert api.asked == "/v1/steps?state=OPEN"
    assert shown.index("FOLLOW_UP") < shown.index("LAST")
    assert "Planted" not in shown
    assert json.loads(run("steps", "--overdue", "-o", "json").output)["items"][0]["what"] == "Planted"
    assert api.asked == "/v1/steps?overdue=true"
    api.rows = []
    assert "Nothing is open." in run("steps").output


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("add-step", EPISODE, "--due", "2026-12-01", "--words", "-"), '{"what": "Ring"}',
         (f"/v1/survivors/{EPISODE}/steps", {"due_on": "2026-12-01", "what": "Ring"})),
        (("add-step", EPISODE, "--due", "2026-12-01", "--every-weeks", "6"), None,
         (f"/v1/survivors/{EPISODE}/steps", {"due_on": "2026-12-01", "kind": "REVIEW", "every_weeks": 6})),
        (("take-step", CONTACT), None, (f"/v1/steps/{CONTACT}/take", {})),
        (("move-step", CONTACT, "--due", "2026-12-01"), None, (f"/v1/steps/{CONTACT}/move", {"due_on": "2026-12-01"})),
        (("finish-step", CONTACT), None, (f"/v1/steps/{CONTACT}/done", {})),
        (("drop-step", CONTACT, "--why", "SURVIVOR_DECIDED"), None,
         (f"/v1/steps/{CONTACT}/drop", {"why": "SURVIVOR_DECIDED"})),
    ],
)  # fmt: skip
def test_what_is_done_to_a_step(api, words, typed, told):
    """Exactly as the API takes it."""
    assert run(*words, input=typed).exit_code == 0
    assert api.told == [told]


GOAL = {
    "id": CONTACT,
    "area": "HOUSING",
    "state": "OPEN",
    "first_score": 2,
    "last_score": 7,
    "last_answer": "SCORED",
    "words": "Planted",
}
GOALS = f"/v1/episodes/{EPISODE}/goals"


def test_goals_are_listed_without_a_word(api):
    """Of none it says so."""
    api.rows = [GOAL]
    shown = run("goals", EPISODE, env={"COLUMNS": "300"}).output
    assert api.asked == GOALS
    assert "HOUSING" in shown
    assert "Planted" not in shown
    assert json.loads(run("goals", EPISODE, "-o", "json").output)["items"] == [GOAL]
    api.rows = []
    assert "No goal is written down yet." in run("goals", EPISODE).output


@pytest.mark.parametrize(
    ("words", "typed", "told"),
    [
        (("set-goal", EPISODE, "--area", "NRM", "--set-by", "SURVIVOR", "--words", "-"), '{"words": "Home"}',
         (GOALS, {"area": "NRM", "set_by": "SURVIVOR", "words": "Home"})),
        (("score-goal", EPISODE, CONTACT, "--said-by", "SURVIVOR", "--score", "0"), None,
         (f"{GOALS}/{CONTACT}/scores", {"said_by": "SURVIVOR", "score": 0})),
        (("score-goal", EPISODE, CONTACT, "--said-by", "SURVIVOR", "--answer", "NOT_ASKED"), None,
         (f"{GOALS}/{CONTACT}/scores", {"said_by": "SURVIVOR", "answer": "NOT_ASKED"})),
        (("end-goal", EPISODE, CONTACT, "--how", "REACHED"), None, (f"{GOALS}/{CONTACT}/end", {"how": "REACHED"})),
        (("take-up-goal", EPISODE, CONTACT), None, (f"{GOALS}/{CONTACT}/take-up", {})),
    ],
)  # fmt: skip
def test_what_is_done_to_a_goal(api, words, typed, told):
    """Exactly as the API takes it."""
    assert run(*words, input=typed).exit_code == 0
    assert api.told == [told]


@pytest.mark.parametrize("both", [(), ("--score", "3", "--answer", "NOT_ASKED")])
def test_a_score_or_why_there_is_none(api, both):
    """Never both, never neither."""
    assert run("score-goal", EPISODE, CONTACT, "--said-by", "SURVIVOR", *both).exit_code != 0
    assert api.told == []


def test_the_steps_of_support_are_listed(api):
    """Of none it says so."""
    api.rows = [
        {"recorded_at": "2026-08-04", "before": None, "after": "REFERRED", "reason": None, "tier": None, "role": "IMSA"}
    ]
    assert "REFERRED" in run("states", EPISODE, env={"COLUMNS": "300"}).output
    assert api.asked == f"/v1/episodes/{EPISODE}/states"
    assert json.loads(run("states", EPISODE, "-o", "json").output)["items"] == api.rows
    api.rows = []
    assert "No step was kept yet." in run("states", EPISODE).output


@pytest.mark.parametrize(
    ("words", "path", "body"),
    [
        (("move", EPISODE, "--after", "TRIAGED", "--tier", "TIER_1"), "move",
         {"after": "TRIAGED", "reason": None, "tier": "TIER_1"}),
        (("close", EPISODE, "--reason", "DECEASED"), "close", {"reason": "DECEASED"}),
    ],
)  # fmt: skip
def test_a_step_of_support_names_the_version_that_was_read(api, words, path, body):
    """What somebody else changed meanwhile is not written over."""
    assert run(*words).exit_code == 0
    assert api.told == [(f"/v1/episodes/{EPISODE}/{path}", body, 4)]
