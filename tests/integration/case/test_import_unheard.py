"""A file that is refused as a whole, or stops on its way: for whom it says no is told, and nobody's record changes."""

import pytest

from services.case.imports import jobs
from services.case.imports.rules import groups
from services.case.imports.rules.settling import Outcome
from shared.kernel.errors import TemporarilyUnavailableError
from tests.kit.import_files import (
    COLUMNS,
    WORDS,
    episodes_of,
    export,
    left_out,
    line,
    open_data_tasks,
    references,
    tasks_of,
)

pytestmark = pytest.mark.integration

HELD = Outcome(kind="HELD")
KIND = "REFUSED_FILE_SAID_NO"
RENAMED = tuple("Their number" if name == "Client Ref" else name for name in COLUMNS)


@pytest.fixture
def taken(place):
    """Three people who are counted, by their references, and the import that brought them."""
    place.know_words(WORDS, languages=["sq"])
    refs = references(3)
    return refs, place.upload(export(*(line(ref) for ref in refs)))


@pytest.fixture
def known(taken):
    """Three people who are counted, by their references."""
    return taken[0]


def renamed(ref, **changes):
    """A row whose reference stands in a column of another name."""
    return line("", columns=RENAMED, Their_number=ref, **changes)


def tasks(place, report):
    """The open tasks of an import's refusal: how many people each is about."""
    found = open_data_tasks(place)
    return [one["people"] for one in found if (one["import_id"], one["kind"]) == (report["id"], KIND)]


def noes(*refs, columns=COLUMNS):
    """A file in which these say no."""
    row = line if columns is COLUMNS else renamed
    return export(*(row(ref, Statistics_Consent="Refused") for ref in refs), columns=columns)


def test_a_file_that_cannot_be_opened_is_looked_through_for_its_noes(place, known):
    """Here its column of references has another name; somebody whom nobody knows is not counted, nor is a yes."""
    (stranger,) = references(1)
    content = noes(*known[:2], stranger, columns=RENAMED) + renamed(known[2]).encode()
    for report in (place.upload(content), place.plan(content)):
        assert report["state"] == "REFUSED"
        assert "for 2 people who are known here" in report["why"]
        assert not any(ref in report["why"] for ref in known)


def test_the_task_of_the_same_people_is_one_and_nobodys_record_changes(place, known, taken):
    """However often the file comes; it is closed by whoever looked into it, and a supervisor has nothing to do."""
    episodes = [episode for _, episode in sorted(episodes_of(place, taken[1]).items())]
    first, second = (place.upload(noes(*known[:2], columns=RENAMED)) for _ in range(2))
    assert (tasks(place, first), tasks(place, second)) == ([2], [])
    assert [left_out(place, one) for one in episodes] == [None] * 3
    (task,) = [one for one in open_data_tasks(place, "HOST_DPO") if one["import_id"] == first["id"]]
    assert task["id"] not in {one["id"] for one in open_data_tasks(place, "SUPERVISOR")}
    assert place.post(f"/v1/data-tasks/{task['id']}/close", {}, "HOST_DPO").status_code == 200
    assert tasks(place, first) == []
    third = place.upload(noes(*known[:2], columns=RENAMED))
    assert tasks(place, third) == [2], "it says no again"


@pytest.mark.parametrize(
    "odd", [b"caf\xc3\xa9 caf\xe9", b"a\x00b", b"\xb9\xe6\xea\xf1"], ids=["two encodings", "a NUL", "a question"]
)
def test_letters_that_cannot_be_read_hide_nobody(place, known, odd):
    """The file is refused, and told of."""
    content = export(line(known[0], Notes="odd"), line(known[1], Statistics_Consent="No")).replace(b"odd", odd)
    report = place.upload(content)
    assert (report["state"], tasks(place, report)) == ("REFUSED", [1])
    assert "for one person who is known here" in report["why"]


def test_a_number_of_another_column_is_nobodys_reference(place, known):
    """Of columns without a known name the one counts in which most people are found."""
    columns = ("Number there", "Statistics Consent", "Other")
    lines = [f"{known[0]},No,{known[2]}", f"{known[1]},No,x"]
    report = place.upload(export(*lines, columns=columns))
    assert (report["state"], tasks(place, report)) == ("REFUSED", [2])


def test_of_columns_that_nobody_can_tell_apart_each_counts(place, known):
    """Those that a mapping knows by name, and two in which as many people are found: a no may stand in either."""
    columns = ("Client Ref", "Statistics Consent", "Client Ref")
    lines = [f"{known[0]},No,", f"{known[1]},No,", f",No,{known[2]}"]
    report = place.upload(export(*lines, columns=columns))
    assert (report["state"], tasks(place, report)) == ("REFUSED", [3])
    columns = ("Number there", "Statistics Consent", "Other")
    report = place.upload(export(f"{known[0]},No,{known[2]}", columns=columns))
    assert (report["state"], tasks(place, report)) == ("REFUSED", [2])


def test_a_plan_that_is_refused_tells_whom_it_says_no_for(place, known, monkeypatch):
    """Its task of a child is opened as ever."""
    monkeypatch.setattr(groups, "MOST_REPEATED", 2)
    rows = [line(ref, Gender=gender) for ref in known for gender in ("Female", "Male")]
    said = [line(known[0], Statistics_Consent="Withdrawn"), line(known[1], Age_At_Referral="16")]
    report = place.plan(export(*rows, *said))
    assert (report["state"], tasks(place, report), tasks_of(place, report)) == ("REFUSED", [1], [9])


def test_what_stands_behind_the_row_that_stopped_an_import_is_told(place, known, monkeypatch):
    """And what stood before it was carried out, so nobody is told of it."""
    made = jobs.Carrying.carry_out

    def stops(self, one):
        if one.tried.times <= jobs.MOST_ATTEMPTS:
            self._save(one.id, lambda now: now.went_on([(2, HELD)]) if now.done == 0 else now)
            raise TemporarilyUnavailableError
        return made(self, one)

    monkeypatch.setattr(jobs.Carrying, "carry_out", stops)
    sent = place.post("/v1/imports", noes(*known), "HOST_DPO")
    for _ in range(jobs.MOST_ATTEMPTS + 1):
        with pytest.raises(TemporarilyUnavailableError):
            place.run_imports()
    place.run_imports()
    report = place.get(f"/v1/imports/{sent.json['id']}", "HOST_DPO").json
    assert (report["state"], tasks(place, report)) == ("FAILED", [2])


def test_that_nobody_could_look_for_the_noes_of_what_stopped_is_said(place, known, monkeypatch):
    """Whatever kept it from being looked through: silence would read as if there were none."""

    def fails(self, *rest):
        raise ValueError

    monkeypatch.setattr(jobs.Carrying, "carry_out", fails)
    monkeypatch.setattr(jobs.Carrying, "unheard", fails)
    sent = place.post("/v1/imports", noes(*known), "HOST_DPO")
    place.run_imports()
    report = place.get(f"/v1/imports/{sent.json['id']}", "HOST_DPO").json
    assert (report["state"], tasks(place, report)) == ("FAILED", [])
    assert "look for each no in them" in report["why"]
