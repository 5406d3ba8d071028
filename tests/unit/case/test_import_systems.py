"""Six systems' exports, row by row: what each shipped profile makes of a synthetic sample stands in a golden file.

Every person in ``tests/golden/imports`` is invented. ``alongside`` shows the same outcome before anything is taken.
"""

from dataclasses import replace
from datetime import date

import pytest
import yaml

from deploy.engines.layout import PROJECT_ROOT
from services.case.imports.rules.binding import ColumnRule
from services.case.imports.rules.opening import open_by_header, open_file
from services.case.imports.rules.profile import HeaderChangedError, Profile, ProfileError, shipped
from services.case.imports.rules.reading import Stated, UnreadableFileError, read_sheet
from services.case.imports.rules.table import Table
from services.case.imports.rules.verdicts import judge_table
from tests.kit.import_files import export, line

FOLDER = PROJECT_ROOT / "tests" / "golden" / "imports"
SYSTEMS = (
    "salesforce_npsp_report", "salesforce_data_loader", "inform_star", "lamplight_work", "charitylog_referrals",
    "advicepro_cases", "worker_sheet",
)  # fmt: skip
TODAY = date(2026, 11, 27)


def of_one_nation(name):
    """A host's own copy of a shipped profile, with the one nation in which it works."""
    return replace(shipped()[name], constants={"nation": "ENGLAND"})


def sample(name):
    return (FOLDER / f"{name}.csv").read_bytes()


def judged(mapped):
    table = Table(profile="", fields=mapped.fields, lines=tuple(mapped.lines()), encoding="", header_row=1)
    return judge_table(table, today=TODAY)


def plain(value):
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def told(verdict):
    """A verdict as a golden file tells it: what is None or empty is left out."""
    row = {
        "row": verdict.row,
        "kind": verdict.kind,
        "problems": [f"{problem.column} {problem.code}" for problem in verdict.problems],
        "no": verdict.no and verdict.no.stated,
        "facts": verdict.facts
        and {name: plain(value) for name, value in vars(verdict.facts).items() if value is not None},
        "consent": verdict.consent and verdict.consent.stated,
        "is_later": verdict.is_later,
    }
    return {name: value for name, value in row.items() if value}


@pytest.mark.parametrize("name", SYSTEMS)
def test_each_row_of_a_systems_export_has_its_outcome(name):
    """Header, closing lines, dropped columns, and every row: what is taken, held, refused, and who said no."""
    mapped = open_file(sample(name), of_one_nation(name))
    rows = [told(verdict) for verdict in judged(mapped)]
    found = {
        "header_row": mapped.facts.header_row,
        "ignored": list(mapped.ignored),
        "dropped": list(mapped.facts.dropped),
        "rows": rows,
    }
    assert found == yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", SYSTEMS)
@pytest.mark.parametrize(("encoding", "end"), [("utf-8-sig", "\r\n"), ("utf-16", "\n"), ("cp1252", "\r")])
def test_the_outcome_does_not_depend_on_how_the_file_was_saved(name, encoding, end):
    """Encoding and line ends; the row is the line of the file."""
    content = sample(name).decode().replace("\n", end).encode(encoding)
    rows = [told(verdict) for verdict in judged(open_file(content, of_one_nation(name)))]
    assert rows == yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))["rows"]


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_mapping_without_a_name_never_applies_itself(name):
    """A system's export is read by the profile that somebody named, and by no other."""
    with pytest.raises((UnreadableFileError, ProfileError)):
        open_file(sample(name), None)


def test_what_is_stated_goes_before_what_the_profile_says():
    """A file may differ from what its profile was made for."""
    profile = replace(of_one_nation("charitylog_referrals"), stated=Stated(delimiter=";"))
    with pytest.raises(UnreadableFileError):
        open_file(sample("charitylog_referrals"), profile)
    assert open_file(sample("charitylog_referrals"), profile, Stated(delimiter=",")).facts.delimiter == ","


def test_the_files_own_names_stand_beside_the_fields():
    """So that an error can name the column as its reader knows it."""
    facts = open_file(sample("salesforce_data_loader"), of_one_nation("salesforce_data_loader")).facts
    assert facts.columns["gender"] == ("Gender__c",)
    assert facts.columns["consent_withdrawn"] == ("Stats_Consent_Withdrawn__c",)
    assert (facts.kind, facts.sheet, len(facts.fingerprint)) == ("csv", None, 32)


HEADER = b"Client No,Start,Sex\nA-1,2026-10-02,Female\n"


def approved(name, source="casefile", content=HEADER):
    columns = {"Client No": "reference", "Start": "referral_date", "Sex": "gender"}
    fingerprint = read_sheet(content, None).fingerprint
    return Profile(id=name, title=name, columns=columns, source=source, fingerprint=fingerprint, is_whole=False)


def test_of_two_mappings_that_fit_neither_is_chosen():
    """Whoever imports names the one, or the system."""
    both = [approved("one"), approved("other", "helpline")]
    with pytest.raises(ProfileError, match="one, other"):
        open_by_header(HEADER, both, None)
    assert open_by_header(HEADER, both, "helpline").facts.profile == "other"


def test_an_approved_mapping_is_for_exactly_its_header():
    """Another header of its system asks; a file of another system is none of its business."""
    wider = HEADER.replace(b"Sex", b"Sex,Notes").replace(b"Female", b"Female,x")
    with pytest.raises(HeaderChangedError, match="column D"):
        open_by_header(wider, [approved("one")], "casefile")
    ours = export(line("R-1"))
    assert open_by_header(ours, [approved("one")], None).facts.profile == "standard"


def test_a_row_to_mend_shows_its_own_cells_but_no_birth_date():
    """Words and days as the file has them, also beside a birth date; where both stand, the age that was read of both."""
    profile = Profile(
        id="x",
        title="x",
        columns={"Ref": "reference", "Age": "age_at_referral", "Born": "date_of_birth", "Sex": "gender"},
        rules={"gender": ColumnRule(words={"frau": "FEMALE"})},
        not_known=frozenset({"n/k"}),
        is_whole=False,
    )
    file = open_file(b"Ref,Age,Born,Sex\nR-1,34,1/2/2015,Frau\nR-2,1/2/1980,,X\nR-3,34,,Frau\n", profile)
    shown = [dict(zip(file.fields, one.as_it_came(), strict=True)) for one in file.lines()]
    assert [(one["gender"], one["age_at_referral"]) for one in shown] == [
        ("Frau", "CHILD_17_UNDER"),
        ("X", "ADULT_18_OVER"),
        ("Frau", "34"),
    ]
