"""A mapping is proposed with its reasons; what is doubtful is asked, and nothing becomes a yes."""

import random

import pytest
import yaml

from services.case.imports.rules.form_words import said_wrongly
from services.case.imports.rules.profile import parse_profile, shipped
from services.case.imports.rules.reading import read_sheet
from services.case.imports.rules.table import table_of
from services.case.mappings.rules.proposal import propose
from tests.kit.import_files import COLUMNS, export, line

SHIPPED = [profile for profile in shipped().values() if profile.id != "worker_sheet"]


def proposed(text):
    return propose(read_sheet(text.encode(), None))


def guess(proposal, column):
    return next(one for one in proposal.guesses if one.column == column)


def file(*columns, rows=1, **cells):
    lines = [",".join(cells.get(column.split()[0], "") for column in columns) for _ in range(rows)]
    return "\n".join([",".join(columns), *lines]) + "\n"


@pytest.mark.parametrize("profile", SHIPPED, ids=lambda profile: profile.id)
def test_the_columns_of_a_known_system_are_found(profile):
    """Each in its place; nothing is taken for another field."""
    columns = [*profile.columns, *profile.drop]
    header = ";".join(f'"{name}"' for name in columns)
    found = proposed(header + "\n" + ";".join("" for _ in columns) + "\n")
    wrong = {
        one.column: one.field for one in found.guesses if one.is_sure and one.field != profile.columns.get(one.column)
    }
    assert wrong == {}
    sure = {one.column for one in found.guesses if one.is_sure}
    assert len(sure) >= len(profile.columns) * 3 // 4


def test_a_proposal_is_a_profile_that_reads_its_file():
    """Approved as it stands, it maps every column, for this header alone; the questions stand above it."""
    content = export(line("R-1"), line("R-2"))
    sheet = read_sheet(content, None)
    text = propose(sheet).as_yaml("house", source="casefile")
    profile = parse_profile(text)
    table = table_of(sheet, profile.bind(sheet))
    assert len(table.fields) == len(COLUMNS) - 1
    assert (profile.fingerprint, profile.source, profile.applies_itself) == (sheet.fingerprint, "casefile", False)


def test_each_guess_says_why_and_repeats_no_cell():
    """The name it is like, how many cells were looked at, and how many can be read."""
    found = proposed("Client No,Sex,Consent to share stats\nPLANTED-1,Female,Yes\nPLANTED-2,Unicorn,No\n")
    sex = guess(found, "Sex")
    assert (sex.field, sex.seen, sex.understood) == ("gender", 2, 1)
    assert sex.why == "Its name is 100 % like the gender; 1 of 2 cells can be read so."
    told = " ".join([*(one.why for one in found.guesses), *found.questions])
    assert "PLANTED" not in told
    assert "Unicorn" not in told


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("Client Ref,Case Ref\nA-1,B-1\n", "Is Client Ref or Case Ref the person's own number?"),
        ("Client Ref,Consent\nA-1,Yes\n", "Is Consent the answer about statistics?"),
        ("Client Ref,Consent to photographs\nA-1,Yes\n", "Consent to photographs"),
        ("Client Ref,Gender\nA-1,Female\n", "In which nation"),
        ("Client Ref,Gender\nA-1,Female\n", "age at referral, or the birth date"),
        ("Gender,Age\nFemale,34\n", "the person's own number in your system?"),
        ("Client Ref,Gender\nA-1,Unicorn\n", "Gender: 1 cells hold words"),
        ("Client Ref,Stats consent\nA-1,perhaps\n", "Stats consent: 1 cells hold words"),
    ],
)
def test_what_is_doubtful_is_asked(text, part):
    """Two that fit one field, a consent that does not say for what, an unknown word, what is missing."""
    assert any(part in question for question in proposed(text).questions), proposed(text).questions


def test_what_is_asked_is_not_in_the_profile():
    """Until somebody has answered."""
    found = proposed("Client Ref,Case Ref,Consent,Gender\nA-1,B-1,Yes,Female\n")
    assert found.content("house")["columns"] == {"Gender": "gender"}


def test_age_at_exploitation_is_never_the_age():
    """Whatever else its name is like."""
    found = proposed("Client Ref,Age at exploitation\nA-1,34\n")
    assert guess(found, "Age at exploitation").field is None


def test_misspelt_words_and_words_for_not_known():
    """Nearly a label is proposed with its code; a consent's word never is."""
    found = proposed(
        "Client Ref,Exploitation type,Sex,Stats consent\n" + "A-1,Domestik servitude,N/K,yess\nA-2,Labor,Femmale,yess\n"
    )
    about = found.content("house")
    assert about["columns"]["Exploitation type"]["words"] == {"Domestik servitude": "DOMESTIC", "Labor": "LABOUR"}
    assert about["columns"]["Sex"]["words"] == {"Femmale": "FEMALE"}
    assert (about["columns"]["Stats consent"], about["not_known"]) == ("consent", ["N/K"])


def test_the_order_of_dates_and_separators_come_from_the_cells():
    """Only where some cell is sure of it."""
    found = proposed(
        "Client Ref,Referral date,Consent date,Exploitation type\nA-1,10/25/2026,04/10/2026,Labour;Sexual\n"
    )
    columns = found.content("house")["columns"]
    assert columns["Referral date"] == {"field": "referral_date", "order": "month-first"}
    assert columns["Consent date"] == "consent_date"
    assert columns["Exploitation type"] == {"field": "exploitation", "separator": ";"}


def test_no_proposal_makes_a_yes_of_anything():
    """Over many headers and cells of every kind: no words of a consent, and every word passes the profile's own check."""
    draw = random.Random(7)
    names = [
        "Client Ref",
        "Stats consent",
        "Consent",
        "Sex",
        "Age",
        "Exploitation type",
        "Nation",
        "Need",
        "Notes",
        "Withdrawn?",
    ]
    cells = [
        "No",
        "Yes",
        "N/K",
        "withdrawn",
        "17",
        "child",
        "Femal",
        "Labuor",
        "",
        "0",
        "Refused",
        "Englnd",
        "2026-10-02",
    ]
    for _ in range(40):
        columns = draw.sample(names, 6)
        rows = [",".join(draw.choice(cells) for _ in columns) for _ in range(5)]
        content = yaml.safe_load(proposed("\n".join([",".join(columns), *rows]) + "\n").as_yaml("x"))
        for about in content["columns"].values():
            if isinstance(about, dict):
                assert not (about["field"] in {"consent", "age_at_referral"} and "words" in about)
                assert not any(
                    said_wrongly(about["field"], word, code) for word, code in about.get("words", {}).items()
                )
