"""Case's documents keep the form in which other versions and restored backups read and wrote them."""

import json
from datetime import UTC, date, datetime

import pytest

from services.case.contacts.documents import CONTACT
from services.case.contacts.rules import Contact
from services.case.entries.documents import ENTRY
from services.case.entries.rules import Entry
from services.case.episodes.documents import CHANGE, EPISODE
from services.case.episodes.rules import Episode
from services.case.episodes.states import Change
from services.case.goals.documents import GOAL, SCORE
from services.case.goals.rules import Goal, Score
from services.case.imports.documents import IMPORT, KNOWN_ROW
from services.case.imports.rules.progress import Import
from services.case.imports.rules.settling import KnownRow
from services.case.needs.documents import NEED, RISK
from services.case.needs.rules import Need, Risk
from services.case.nrm.documents import NRM_ENTRY
from services.case.nrm.rules import Entry as NrmEntry
from services.case.outcomes.documents import ENTITLEMENT, RATING
from services.case.outcomes.rules import Entitlement, Rating
from services.case.steps.documents import STEP
from services.case.steps.rules import Step
from services.case.survivors.documents import COLLEAGUE, SURVIVOR
from services.case.survivors.rules import Colleague, Survivor
from services.case.tasks.documents import TASK
from services.case.tasks.rules import Task

AT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
SAID = {
    "stated": "GIVEN", "said_at": AT, "wording_code": "stats-2026-1", "language": "en", "method": None,
    "setting_private": True,
}  # fmt: skip
SURVIVOR_FORM = {
    "_id": "s", "sealed": {"reference": "R-1", "name": None, "safe_contact": None}, "updated_at": AT, "advocate_ids": ["a"],
}  # fmt: skip
EPISODE_FORM = {
    "_id": "e", "survivor_id": "s", "status": "CLOSED",
    "sealed": {"referral_date": "2026-09-30", "nationality": '["ALB", "ITA"]'},
    "age_band": "ADULT_18_OVER", "gender": "FEMALE", "region": "EUROPE", "exploitation_types": ["LABOUR"],
    "nation": "ENGLAND", "advocacy_area": None, "advocate_id": "a", "transfer_in": False, "excluded": False,
    "recorded_in_error": False, "left_out": ["AGE_UNREADABLE"], "facts_recorded_at": AT, "closure_reason": "DECEASED",
    "closed_at": AT, "updated_at": AT,
}  # fmt: skip
CHANGE_FORM = {
    "_id": "h", "episode_id": "e", "survivor_id": "s", "before": "ACTIVE", "after": "ON_HOLD", "reason": "HEALTH",
    "tier": None, "actor_id": "a", "role": "IMSA", "recorded_at": AT, "updated_at": AT,
}  # fmt: skip
WAITING_FORM = {
    "_id": "i", "state": "WAITING", "why": None, "known_rows": "ask", "exact_references": False, "profile": "standard",
    "source": None, "actor_id": "a", "received_at": AT, "done": 0, "counts": {}, "problems": [], "problems_omitted": 0,
    "held_rows": [], "dropped_columns": [], "traceparent": None, "consents_ended": 0,
}  # fmt: skip
PROBLEM = {"row": 3, "column": "age_at_referral", "code": "age", "sentence": "Write the age.", "urgent": False}
ENDED_FORM = {
    **WAITING_FORM, "state": "DONE", "source": "standard", "done": 500, "counts": {"ACCEPTED": 499, "HELD": 1},
    "problems": [PROBLEM], "held_rows": [3], "dropped_columns": ["C"], "tried": {"at": 0, "times": 2},
    "source_is_new": False, "unread_columns": [], "ignored_rows": [502], "header_row": 1, "encoding": "utf-8",
    "ended_at": AT, "consents_ended": 2,
}  # fmt: skip
ROW_FORM = {
    "_id": "k", "survivor_id": "s", "episode_id": "e", "statement": {"id": "e", "sequence": 2, "said": SAID}, "tasked": [],
    "twins": ["t"], "import_id": "i", "row": 7, "kind": "ACCEPTED", "content": "c",
}  # fmt: skip
NOBODY_FORM = {**ROW_FORM, "survivor_id": None, "episode_id": None, "statement": None, "tasked": ["c"], "twins": []}
TASK_FORM = {
    "_id": "t", "kind": "POSSIBLE_CHILD_REFUSED", "state": "OPEN", "urgent": True, "nation": "WALES", "import_id": "i",
    "row": 7, "opened_at": AT, "updated_at": AT,
}  # fmt: skip
STEP_FORM = {
    "_id": "p", "survivor_id": "s", "kind": "REVIEW", "state": "OPEN", "due_on": "2026-12-01", "every_weeks": 12,
    "contact_id": None, "taken_by": "a", "opened_by": "a", "opened_at": AT, "why": None, "ended_by": None, "ended_at": None,
    "updated_at": AT, "sealed": {"what": "Ring"},
}  # fmt: skip
GOAL_FORM = {
    "_id": "g", "survivor_id": "s", "episode_id": "e", "area": "HOUSING", "set_by": "SURVIVOR", "state": "REACHED",
    "first_score": 2, "last_score": 9, "last_answer": "SCORED", "opened_by": "a", "recorded_at": AT, "ended_by": "a",
    "ended_at": AT, "updated_at": AT, "sealed": {"words": "A home"},
}  # fmt: skip
SCORE_FORM = {
    "_id": "o", "goal_id": "g", "survivor_id": "s", "answer": "DECLINED_TO_ANSWER", "score": None, "said_by": "SURVIVOR",
    "actor_id": "a", "recorded_at": AT, "updated_at": AT,
}  # fmt: skip
KEPT_FORM = {
    "_id": "n", "survivor_id": "s", "episode_id": "e", "corrects": "m", "why": "WRITTEN_WRONGLY", "taken_back": False,
    "actor_id": "a", "role": "IMSA", "first_recorded_at": AT, "recorded_at": AT, "updated_at": AT,
}  # fmt: skip
RATING_FORM = {
    **KEPT_FORM,
    "sealed": {
        "outcome": "MSCOS_6_ACCESS_EDUCATION", "rating": "PARTLY", "rated_by": "SURVIVOR", "point": "REVIEW",
        "asked": None, "on": "2026-10-31",
    },
}  # fmt: skip
ENTITLEMENT_FORM = {**KEPT_FORM, "goal_id": "g", "sealed": {"entitlement": "HOUSING", "on": None}}
WEIGHED_FORM = {
    **KEPT_FORM,
    "sealed": {"about": "HOUSING", "level": "URGENT", "view": None, "on": "2026-10-31", "words": "x"},
}
CONTACT_NOW = {
    "_id": "n", "survivor_id": "s", "episode_id": "e", "mode": "PHONE", "minutes": 5, "areas": ["HOUSING"],
    "interpreter": "DECLINED", "corrects": "m", "why": "WRITTEN_WRONGLY", "taken_back": False, "actor_id": "a",
    "role": "IMSA", "recorded_at": AT, "updated_at": AT,
    "sealed": {"on": "2026-10-31", "next_step": "Ring", "note": None},
}  # fmt: skip
CONTACT_FORM = {
    "_id": "c", "episode_id": "e", "kind": "contacts", "recorded_at": AT, "updated_at": AT, "mode": "PHONE",
    "interpreter": "NO",
}  # fmt: skip
NRM_FORM = {
    "_id": "n", "survivor_id": "s", "corrects": None, "why": None, "taken_back": False, "actor_id": "a", "role": "IMSA",
    "first_id": "n", "first_at": AT, "recorded_at": AT, "updated_at": AT,
    "sealed": {
        "stage": "RG_NEGATIVE", "on": "2026-10-12", "told_on": "NOT_KNOWN", "told_by": None, "authority": "SCA", "note": None,
    },
}  # fmt: skip
FORMS = [
    (SURVIVOR, Survivor, SURVIVOR_FORM),
    (SURVIVOR, Survivor, {**SURVIVOR_FORM, "turn": 4}),
    (EPISODE, Episode, EPISODE_FORM),
    (
        EPISODE,
        Episode,
        {**EPISODE_FORM, "begun": False, "referral_source": "SELF", "tier": "TIER_1", "state_since": AT},
    ),
    (CHANGE, Change, CHANGE_FORM),
    (IMPORT, Import, WAITING_FORM),
    (IMPORT, Import, ENDED_FORM),
    (KNOWN_ROW, KnownRow, ROW_FORM),
    (KNOWN_ROW, KnownRow, NOBODY_FORM),
    (TASK, Task, TASK_FORM),
    (ENTRY, Entry, CONTACT_FORM),
    (ENTRY, Entry, {**CONTACT_FORM, "minutes": 0}),
    (ENTRY, Entry, {**CONTACT_FORM, "brought_over": True}),
    (CONTACT, Contact, CONTACT_NOW),
    (NRM_ENTRY, NrmEntry, NRM_FORM),
    (STEP, Step, STEP_FORM),
    (STEP, Step, {**STEP_FORM, "goal_id": "g"}),
    (GOAL, Goal, GOAL_FORM),
    (SCORE, Score, SCORE_FORM),
    (RATING, Rating, RATING_FORM),
    (ENTITLEMENT, Entitlement, ENTITLEMENT_FORM),
    (NEED, Need, WEIGHED_FORM),
    (RISK, Risk, WEIGHED_FORM),
    (STEP, Step, {**STEP_FORM, "due_on": None}),
    (SURVIVOR, Survivor, {**SURVIVOR_FORM, "sealed": {**SURVIVOR_FORM["sealed"], "last_contact_on": "2026-10-31"}}),
    (COLLEAGUE, Colleague, {"_id": "u", "is_advocate": True}),
]


def read(kind, thing, stored):
    values = kind.values({**stored, "version": 3}, opened=dict)
    return thing(**{name: value for name, value in values.items() if name in thing.__dataclass_fields__})


@pytest.mark.parametrize(("kind", "thing", "stored"), FORMS, ids=lambda one: getattr(one, "__name__", ""))
def test_what_is_read_is_written_as_it_was(kind, thing, stored):
    """Each field under its name and in its form; none more, none less."""
    assert kind.document(read(kind, thing, stored), seal=dict) == stored


@pytest.mark.parametrize(
    ("kind", "thing", "stored", "lacking", "expected"),
    [
        (SURVIVOR, Survivor, SURVIVOR_FORM, ["advocate_ids"], {"advocate_ids": None, "turn": None}),
        (
            EPISODE, Episode, EPISODE_FORM, ["closure_reason", "closed_at", "left_out"],
            {"closure_reason": None, "closed_at": None, "left_out": ()},
        ),
        (
            IMPORT, Import, WAITING_FORM, ["known_rows", "exact_references", "consents_ended", "problems_omitted"],
            {"known_rows": "ask", "exact_references": False, "consents_ended": 0, "problems_omitted": 0},
        ),
        (KNOWN_ROW, KnownRow, ROW_FORM, ["twins", "tasked"], {"twins": None, "tasked": ()}),
    ],
    ids=lambda one: getattr(one, "__name__", ""),
)  # fmt: skip
def test_a_document_from_before_a_field_was_kept_is_read(kind, thing, stored, lacking, expected):
    """It says what the earlier version meant without it."""
    older = {name: value for name, value in stored.items() if name not in lacking}
    made = read(kind, thing, older)
    assert {name: getattr(made, name) for name in expected} == expected


def test_the_exact_day_and_the_nationalities_are_sealed_only():
    """No other field of an episode's document holds them in any form."""
    episode = read(EPISODE, Episode, EPISODE_FORM)
    assert (episode.referral_date, episode.nationality) == (date(2026, 9, 30), ("ALB", "ITA"))
    document = EPISODE.document(episode, seal=lambda values: dict.fromkeys(values, "closed"))
    assert not {"2026-09-30", "ALB"} & set(json.dumps(document, default=str).replace('"', " ").split())
