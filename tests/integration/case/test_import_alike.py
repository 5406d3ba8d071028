"""Files whose references name no single person: refused with what to look at, before anything of them is carried out."""

import pytest

from services.case.imports import planning
from services.case.imports.rules import groups
from tests.kit.import_files import WORDS, episodes_of, export, left_out, line, listed, references, tasks_of

pytestmark = pytest.mark.integration


def refused(report):
    assert (report["state"], report["done"]) == ("REFUSED", 0), report
    assert "references" in report["why"]
    assert "Check the column of references" in report["why"]


def test_too_many_references_on_several_rows(place, monkeypatch):
    """Planned or not, nobody is made; what one row of them says is told nowhere. One fewer is carried out."""
    monkeypatch.setattr(groups, "MOST_REPEATED", 2)
    refs = references(3)
    rows = [line(ref, Gender=gender) for ref in refs for gender in ("Female", "Male")]
    before = place.database("case")["episodes"].count_documents({})
    refused(place.plan(export(*rows)))
    refused(place.upload(export(*rows)))
    assert place.database("case")["episodes"].count_documents({}) == before
    assert place.plan(export(*rows[:4]))["state"] == "PLANNED"


def test_too_many_rows_of_references_on_several_rows(place, monkeypatch):
    """However few references they have."""
    monkeypatch.setattr(groups, "MOST_TOGETHER", 3)
    (ref,) = references(1)
    rows = [line(ref, Consent_Wording=f"w{n}") for n in range(4)]
    refused(place.plan(export(*rows)))
    assert place.plan(export(*rows[:3]))["state"] == "PLANNED"


def test_too_many_references_that_look_alike(place, monkeypatch):
    """Whoever a later row may be about is held in memory, so they are counted too."""
    monkeypatch.setattr(planning, "_MOST_KEPT", 3)
    refs = references(3)
    rows = [line(one) for ref in refs for one in (ref, ref.lower())]
    refused(place.plan(export(*rows)))


@pytest.fixture
def alike(place, monkeypatch):
    """A file that is refused, and the episodes of four adults in it who are counted until then.

    The first says no, the last may be a child, and somebody whom nobody knows says no.
    """
    monkeypatch.setattr(groups, "MOST_REPEATED", 2)
    place.know_words(WORDS, languages=["sq"])
    *refs, stranger = references(5)
    known = episodes_of(place, place.upload(export(*(line(ref) for ref in refs))))
    rows = [
        *(line(ref, Gender=gender) for ref in refs[:3] for gender in ("Female", "Male")),
        line(refs[0], Statistics_Consent="Withdrawn"),
        line(refs[3], Age_At_Referral="16"),
        line(stranger, Gender="?!", Statistics_Consent="Refused"),
    ]
    return export(*rows), [known[row] for row in (2, 3, 4, 5)]


def test_a_no_and_a_child_are_heard_though_the_file_is_refused(place, alike):
    """Once, also when the file comes again; nothing else of it is taken, and a no that finds nobody is told first."""
    content, known = alike
    report, again = place.upload(content), place.upload(content)
    refused(report)
    assert (report["counts"], report["consents_ended"], again["consents_ended"]) == ({}, 1, 0)
    assert listed(report) == {(10, "no-unmatched")}
    assert "heard" in report["why"]
    assert (tasks_of(place, report), tasks_of(place, again)) == ([9], [])
    assert [left_out(place, one) for one in known] == ["WITHDRAWN", None, None, "EXCLUDED_BY_IMPORT"]


def test_a_plan_that_is_refused_opens_the_task_of_a_child_and_says_that_no_no_is_heard(place, alike):
    """Nobody's record changes for a file that was only to be looked at."""
    content, known = alike
    report = place.plan(content)
    refused(report)
    assert "Nobody's no in it is heard yet" in report["why"]
    assert (tasks_of(place, report), report["consents_ended"]) == ([9], 0)
    assert [left_out(place, one) for one in known] == [None] * 4
