"""A mapping profile as it is written: every fault is told with its line; a no is never explained away."""

import pytest

from services.case.imports.rules.form import FormError
from services.case.imports.rules.profile import parse_profile, shipped

WHOLE = """format: 1
id: house
title: A house's own
version: 3
tenant: grove
source: casefile
kind: csv
fingerprint: 0123456789abcdef
file: {encoding: windows-1250, delimiter: ";", header_row: 3}
columns:
  Client: reference
  Start: {field: referral_date, order: month-first}
  Sex:
    field: gender
    words: {Frau: FEMALE}
  Kind: {field: exploitation, separator: "|"}
  Stats:
    field: consent
    words: {oui-oui: YES_UNSPECIFIED, absent: NOT_STATED}
constants: {nation: WALES}
defaults: {advocacy_area: HOUSING}
not_known: [N/K]
footer: [Filtered By]
drop: [Notes]
"""


def faults(text):
    with pytest.raises(FormError) as caught:
        parse_profile(text)
    return caught.value


def with_words(field, word, meaning):
    return f"format: 1\nid: x\ncolumns:\n  A:\n    field: {field}\n    words:\n      {word}: {meaning}\n"


def test_everything_that_a_profile_may_say():
    """Each part is read as it stands."""
    profile = parse_profile(WHOLE)
    assert (profile.id, profile.version, profile.tenant, profile.source, profile.kind) == (
        "house",
        3,
        "grove",
        "casefile",
        "csv",
    )
    assert (profile.rules["referral_date"].order, profile.rules["exploitation"].separator) == ("month-first", "|")
    assert profile.rules["gender"].words == {"frau": "FEMALE"}
    assert (profile.constants, profile.defaults) == ({"nation": "WALES"}, {"advocacy_area": "HOUSING"})
    assert (profile.stated.encoding, profile.stated.delimiter, profile.stated.header_row) == ("windows-1250", ";", 3)
    assert (profile.not_known, profile.footer, profile.drop) == (frozenset({"n/k"}), ("filtered by",), ("Notes",))


@pytest.mark.parametrize(
    "word", ['"No"', "'n'", "Withdrawn", "declined", '"0"', '"false"', "nie", "No consent given", '"\u2717"']
)
@pytest.mark.parametrize("meaning", ["GIVEN", "YES_UNSPECIFIED", "NOT_STATED"])
def test_a_word_for_no_means_nothing_else(word, meaning):
    """Refused when it is loaded, with its line; the word itself is not repeated."""
    assert faults(with_words("consent", word, meaning)).faults == (
        (7, "this word says no, and a no is never anything else."),
    )


@pytest.mark.parametrize(
    ("field", "word", "meaning", "part"),
    [
        ("consent", '""', "GIVEN", "empty cell says nothing"),
        ("consent", "not recorded", "GIVEN", "nothing is never a yes"),
        ("consent", "oui", "MAYBE", "GIVEN, YES_UNSPECIFIED"),
        ("consent_withdrawn", '"left"', '"no"', "read as they stand"),
        ("age_at_referral", '"17"', "ADULT_18_OVER", "never anything else"),
        ("age_at_referral", "minor", "NOT_KNOWN", "never anything else"),
        ("age_at_referral", "grown", "MIDDLING", "no code"),
        ("gender", "X", "UNICORN", "no code"),
        ("reference", "X", "Y", "read as they stand"),
        ("date_of_birth", "X", "1990-01-01", "read as they stand"),
    ],
)
def test_what_no_word_may_mean(field, word, meaning, part):
    """An empty cell is no yes, a child no adult, and a code is one of its list."""
    (found,) = faults(with_words(field, word, meaning)).faults
    assert found[0] == 7
    assert part in found[1]


@pytest.mark.parametrize(
    ("change", "line", "part"),
    [
        (("version: 3", "version: three"), 4, "whole number"),
        (("kind: csv", "kind: pdf"), 7, "csv, spreadsheet, any"),
        (("windows-1250", "unicode_escape"), 9, "one of utf-8"),
        (('";"', '"ab"'), 9, "at most 1"),
        (("Client: reference", "Client: name"), 11, "not known"),
        (("Client: reference", "Client: gender"), 13, "second column"),
        (("order: month-first", "order: backwards"), 12, "day-first, month-first"),
        (("order: month-first", "words: {a: b}"), 12, "as they stand"),
        (('separator: "|"', "order: day-first"), 16, "only a column of dates"),
        (("nation: WALES", "consent: GIVEN"), 20, "same for everybody"),
        (("nation: WALES", "gender: FEMALE"), 20, "has a column already"),
        (("nation: WALES", "nation: ATLANTIS"), 20, "no code"),
        (("[N/K]", "[minor]"), 22, "may mean a child"),
        (("drop: [Notes]", "dropp: [Notes]"), 24, "not known"),
        (("title: A house's own", "id: other"), 3, "stands twice"),
        (("Client: reference", "Age at exploitation: age_at_referral"), 11, "age at exploitation"),
        (("Client: reference", "Date withdrawn: consent_date"), 11, "notes that a consent ended"),
        (("Client: reference", "Opted out: advocacy_area"), 11, "notes that a consent ended"),
        (("Client: reference", "Statistics  consent: consent_wording"), 11, "may be a no"),
        (("format: 1", "format: 2"), 1, "one of 1"),
    ],
)
def test_each_fault_is_told_with_its_line(change, line, part):
    """Misspelt, twice, of another kind, or of another format."""
    found = faults(WHOLE.replace(*change)).faults
    assert any(at == line and part in what for at, what in found), found


def test_several_faults_are_told_at_once():
    """Nobody mends one to meet the next."""
    found = faults(WHOLE.replace("kind: csv", "kind: pdf").replace("[N/K]", "[minor]"))
    assert [line for line, _ in found.faults] == [7, 22]
    assert "Line 7:" in str(found)


@pytest.mark.parametrize(
    "text",
    ["format: 1\n- x", "format: 1\na: &a [x]\nb: *a", "format: 1\nx: " + "[" * 2_000, "format: 1\n" + "x" * 70_000, "format: 1\n\x00",
     "format: 1\nid: [", "format: 1\n[format: 1"],
)  # fmt: skip
def test_what_is_no_yaml_is_one_sentence(text):
    """Also what is made to keep a reader busy."""
    assert faults(text).faults


def test_no_error_repeats_what_stands_there():
    """A column's name may say something of a person."""
    assert "Planted" not in str(faults(WHOLE.replace("Client: reference", "Planted Name: planted")))


def test_every_shipped_profile_is_read():
    """Six systems, and the layouts that we suggest; only these apply themselves."""
    assert {one for one, profile in shipped().items() if not profile.applies_itself} == {
        "salesforce_npsp_report", "salesforce_data_loader", "inform_star", "lamplight_work", "charitylog_referrals",
        "advicepro_cases", "worker_sheet",
    }  # fmt: skip
