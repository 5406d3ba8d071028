"""Entries become lines of a paper: roles, sentences and parts of days, and nothing that tells more."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from services.audit.papers.rules import ACTS, BANDS, PEOPLE_ROLES, act_of, band_of, summed
from services.audit.papers.texts import words_in
from services.audit.papers.writing import Paper, written
from shared.kernel.ids import new_id

AT = datetime(2026, 8, 4, 9, 41, 17, tzinfo=UTC)


def entry(**values):
    said = {
        "id": new_id(), "action": "case:survivor:read", "role": "IMSA", "actor_id": new_id(), "object_id": new_id(),
        "outcome": "ALLOWED", "at": AT, "count": None,
    }  # fmt: skip
    return {**said, **values}


def paper(entries, *, withheld=(), names=False, organisation="Host Rowan", whole=True, more=False):
    _, words = words_in("en", demo=False)
    about = Paper(language="en", words=words, organisation=organisation, made_at=AT, whole=whole, more=more)
    return written(about, summed(entries, withheld=withheld, names=names))


@pytest.mark.parametrize(
    ("action", "outcome", "act"),
    [
        ("case:survivor:read", "ALLOWED", "RECORD_READ"),
        ("case:survivor:register", "ALLOWED", "RECORD_BEGUN"),
        ("case:referral:open", "ALLOWED", "RECORD_BEGUN"),
        ("case:nrm:list", "ALLOWED", "SUPPORT_READ"),
        ("case:outcome:rate", "ALLOWED", "SUPPORT_CHANGED"),
        ("case:outcome:changes", "ALLOWED", "SUPPORT_READ"),
        ("case:entitlement:read", "ALLOWED", "SUPPORT_READ"),
        ("case:need:now", "ALLOWED", "SUPPORT_READ"),
        ("case:risk:take-back", "ALLOWED", "SUPPORT_CHANGED"),
        # As outcomes were recorded and listed until they had a room of their own.
        ("case:episode:outcomes", "ALLOWED", "SUPPORT_CHANGED"),
        ("case:episode:list-outcomes", "ALLOWED", "SUPPORT_READ"),
        ("case:caseload:give", "ALLOWED", "SUPPORT_CHANGED"),
        ("case:handover:read", "ALLOWED", "SUPPORT_READ"),
        ("case:handover:acknowledge", "ALLOWED", "SUPPORT_CHANGED"),
        ("case:contact:record", "ALLOWED", "TALKS_CHANGED"),
        ("consent:consent:withdraw", "ALLOWED", "DECISIONS_CHANGED"),
        ("case:emergency:open", "ALLOWED", "EMERGENCY_OPENED"),
        ("case:emergency:read-record", "ALLOWED", "EMERGENCY_OPENED"),
        ("case:emergency:open", "REFUSED", "NOT_LET_IN"),
        ("case:emergency:review", "ALLOWED", "RECORD_CHANGED"),
        ("case:episode:read", "REFUSED", "NOT_LET_IN"),
        ("audit:history:list", "ALLOWED", "HISTORY_READ"),
        ("audit:paper:read", "ALLOWED", "PAPER_MADE"),
        ("case:umbrella:read", "ALLOWED", "OTHER_READ"),
        ("case:umbrella:paint", "ALLOWED", "OTHER_CHANGED"),
        ("odd", "ALLOWED", "OTHER_CHANGED"),
    ],
)
def test_every_act_has_a_sentence(action, outcome, act):
    """Also what nobody classed: it is shown, in general words."""
    assert act_of(action, outcome) == act
    assert act in ACTS


@pytest.mark.parametrize(
    ("at", "month", "band"),
    [
        (datetime(2026, 7, 31, 23, 30, tzinfo=UTC), "2026-08", "NIGHT"),
        (datetime(2026, 8, 4, 4, 59, tzinfo=UTC), "2026-08", "NIGHT"),
        (datetime(2026, 8, 4, 5, 0, tzinfo=UTC), "2026-08", "MORNING"),
        (datetime(2026, 1, 4, 12, 0, tzinfo=UTC), "2026-01", "AFTERNOON"),
        (datetime(2026, 1, 4, 23, 59, tzinfo=UTC), "2026-01", "EVENING"),
    ],
)
def test_a_time_is_a_month_and_a_part_of_londons_day(at, month, band):
    """Summer time is counted."""
    assert band_of(at) == (month, BANDS.index(band))


def test_a_paper_has_no_id_no_minute_and_no_day():
    """Whatever the entries are of; two that differ by minutes, or by who it was, are one line."""
    entries = [entry(), entry(at=AT + timedelta(days=2, minutes=7)), entry(role="SUPERVISOR"), entry(role="SYSTEM")]
    made = paper(entries)
    text = json.dumps(made)
    assert not any(one[name] in text for one in entries for name in ("id", "actor_id", "object_id"))
    assert not re.search(r"\d:\d\d|2026-|\b[0-9]{1,2} August", text)
    assert [(one["when"], one["who"], one["times"]) for one in made["lines"]] == [
        ("August 2026, in the morning", "An advocate", "2 times"),
        ("August 2026, in the morning", "A supervisor of advocates", "once"),
    ]
    assert made["lines"][0]["what"] == "They read your record. Advocates do this to support you."
    assert made["lines"][0]["organisation"] == "Host Rowan"


def test_programs_are_summed_up_in_words():
    """And a file that somebody brought in is told from a program's own work."""
    made = paper([entry(role="SYSTEM"), entry(role="CONSENT"), entry(role="INTEGRATOR"), entry(role="IMPORT", count=4)])
    assert made["lines"] == []
    assert made["nobody"]
    assert "3 times" in made["also"][0]
    assert "4 times" in made["also"][1]


def test_a_role_that_nobody_knows_is_a_person():
    """Nothing is missing because a word is."""
    assert paper([entry(role="NEW_ROLE")])["lines"][0]["who"] == "Somebody who works there"


def test_what_is_withheld_leaves_nothing_behind():
    """The paper is the one that would be without it."""
    hidden, seen = entry(action="case:contact:list"), entry()
    assert paper([hidden, seen], withheld={hidden["id"]}) == paper([seen])


def test_whoever_was_not_let_in_is_told_without_a_reason():
    """Their role is no reason for it."""
    assert paper([entry(outcome="REFUSED")])["lines"][0]["what"].endswith("The computer did not let them.")


def test_the_newest_month_comes_first_and_no_order_of_days_shows():
    """Within a month the parts of the day stand in their own order."""
    entries = [
        entry(at=AT.replace(day=2, hour=20)), entry(at=AT.replace(day=9, hour=7)), entry(at=AT.replace(month=9)),
    ]  # fmt: skip
    assert [one["when"] for one in paper(entries)["lines"]] == [
        "September 2026, in the morning", "August 2026, in the morning", "August 2026, in the evening",
    ]  # fmt: skip


def test_a_copy_names_neither_the_organisation_nor_anybody():
    """Only roles, and "the organisation that supports you"."""
    assert "the organisation that supports you" in paper([entry()], organisation=None)["intro"]
    assert "staff_id" not in paper([entry()])["lines"][0]


def test_who_it_was_stands_there_only_where_it_may():
    """Then two people are two lines."""
    one, other = entry(), entry()
    assert {line["staff_id"] for line in paper([one, other], names=True)["lines"]} == {
        one["actor_id"], other["actor_id"],
    }  # fmt: skip


def test_what_may_be_missing_is_said():
    """A record older than the list, and one with more entries than are read."""
    assert len(paper([entry()], whole=False, more=True)["also"]) == 2


def test_each_role_has_its_words():
    """Of every role in which people work with survivors."""
    _, words = words_in("en", demo=False)
    assert set(words["roles"]) == set(words["why"]) == {*PEOPLE_ROLES, "OTHER"}
