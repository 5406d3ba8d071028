"""Files whose references name no single person: refused with what to look at, before anything of them is carried out."""

import pytest

from services.case.imports import planning
from services.case.imports.rules import groups
from tests.kit.import_files import export, line, references

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
