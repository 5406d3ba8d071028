"""A mapping that is chosen on a page: each fault at its place, and nothing that a profile could not say."""

import pytest
import yaml

from services.case.imports.rules.profile import parse_profile
from services.case.mappings.rules.draft import (
    NOT_KNOWN,
    Named,
    field_name,
    fields_of,
    missing,
    word_name,
    words_to_say,
    write,
)
from services.case.mappings.rules.seen import Kept, Said, SeenColumn, SeenFile

SEEN = SeenFile(
    kind="csv",
    fingerprint="f" * 32,
    columns=(
        SeenColumn(name="Ref"),
        SeenColumn(name="Began"),
        SeenColumn(name="Sex", words=(("Frau", 3), ("Female", 2), ("tbc", 1)), means={"Frau": "FEMALE"}),
        SeenColumn(name="Kind", words=(("Field work", 2), ("Labour", 2))),
        SeenColumn(name="Stats", words=(("Form B", 2), ("declined", 1))),
        SeenColumn(name="Consent withdrawn on"),
        SeenColumn(name="Notes"),
    ),
    stated=Said(encoding="windows-1250"),
)
FIELDS = {"c0": "reference", "c1": "referral_date", "c2": "gender", "c3": "exploitation", "c4": "consent"}
NAMED = Named(name="house", title="Our house", source="casefile", constants={"nation": "WALES", "gender": ""})


def written(form=None, named=NAMED, seen=SEEN):
    chosen, faults = fields_of(seen, FIELDS)
    assert faults == {}
    return write(seen, chosen, {**FIELDS, **(form or {})}, named)


def test_what_is_chosen_is_written_as_a_profile():
    """For this header and system alone; a column that is left out is not named."""
    text, faults = written(
        {"c2": "gender", "w2-0": "FEMALE", "w2-2": NOT_KNOWN, "w3-0": "LABOUR", "s3": ";", "o1": "month-first"}
    )
    assert faults == {}
    assert yaml.safe_load(text) == {
        "format": 1, "id": "house", "title": "Our house", "version": 1, "source": "casefile", "kind": "csv",
        "fingerprint": "f" * 32, "file": {"encoding": "windows-1250"},
        "columns": {
            "Ref": "reference",
            "Began": {"field": "referral_date", "order": "month-first"},
            "Sex": {"field": "gender", "words": {"Frau": "FEMALE"}},
            "Kind": {"field": "exploitation", "separator": ";", "words": {"Field work": "LABOUR"}},
            "Stats": "consent",
            "Consent withdrawn on": "consent_withdrawn",
        },
        "constants": {"nation": "WALES"}, "not_known": ["tbc"],
    }  # fmt: skip
    profile = parse_profile(text)
    assert (profile.applies_itself, profile.fingerprint) == (False, "f" * 32)


def test_only_words_that_no_list_knows_are_asked():
    """A no is understood, so nobody can make anything else of it; a country's word is read by its own list."""
    assert [word for _, word, _ in words_to_say(SEEN.columns[2], "gender")] == ["Frau", "tbc"]
    assert [word for _, word, _ in words_to_say(SEEN.columns[4], "consent")] == ["Form B"]
    assert words_to_say(SEEN.columns[2], "reference") == []
    countries = SeenColumn(name="Nat.", words=(("Albanian", 1), ("Shqip", 1)))
    assert [word for _, word, _ in words_to_say(countries, "nationality")] == ["Shqip"]


def test_a_no_or_a_child_that_a_tampered_form_explains_away_is_refused_at_its_word():
    """Even where an earlier mapping had proposed it."""
    for field, word, meaning in (("consent", "declined", "GIVEN"), ("age_at_referral", "U18", "ADULT_18_OVER")):
        seen = SeenFile(
            kind="csv", fingerprint=None, columns=(SeenColumn(name="X", words=((word, 1),), means={word: meaning}),)
        )
        text, faults = write(seen, [field], {word_name(0, 0): meaning}, NAMED)
        assert text == ""
        assert "is never anything else" in faults[word_name(0, 0)]


def test_what_may_mean_a_child_is_not_called_not_known():
    """The word stays what it is."""
    seen = SeenFile(
        kind="csv", fingerprint=None, columns=(SeenColumn(name="X", words=(("u18", 1),), means={"u18": "x"}),)
    )
    _, faults = write(seen, ["age_at_referral"], {word_name(0, 0): NOT_KNOWN}, NAMED)
    assert "may mean a child" in faults[word_name(0, 0)]


def test_a_country_is_written_in_english_or_asked_again():
    """By the list's own reader."""
    seen = SeenFile(kind="csv", fingerprint=None, columns=(SeenColumn(name="Nat.", words=(("Shqip", 1),)),))
    assert "Shqip: Albania" in write(seen, ["nationality"], {word_name(0, 0): "Albania"}, NAMED)[0]
    assert (
        "we do not know" in write(seen, ["nationality"], {word_name(0, 0): "Utopia"}, NAMED)[1][word_name(0, 0)].lower()
    )


@pytest.mark.parametrize(
    ("form", "name", "part"),
    [
        ({"c6": "reference"}, "c6", "Ref is this already"),
        ({"c6": "favourite_colour"}, "c6", "Choose one of the list."),
        ({"c6": ""}, None, ""),
    ],
)
def test_each_column_is_one_field_of_the_list(form, name, part):
    """And no two columns are the same one."""
    _, faults = fields_of(SEEN, {**FIELDS, **form})
    assert list(faults) == ([name] if name else [])
    assert part in faults.get(name, "")


def test_a_column_of_consent_or_of_ages_at_exploitation_is_not_mapped_otherwise():
    """Neither by mistake nor on purpose."""
    seen = SeenFile(
        kind="csv",
        fingerprint=None,
        columns=(SeenColumn(name="Statistics Consent"), SeenColumn(name="Age at exploitation")),
    )
    _, faults = fields_of(seen, {"c0": "reference", "c1": "age_at_referral"})
    assert "may be a no" in faults[field_name(0)]
    assert "age at exploitation says nothing" in faults[field_name(1)].lower()


def test_a_file_of_which_nothing_is_said_is_asked_about():
    """A mapping has a column."""
    seen = SeenFile(kind="csv", fingerprint=None, columns=(SeenColumn(name="A"),))
    assert fields_of(seen, {})[1] == {"columns": "Say of at least one column what it is."}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": ""}, "name"),
        ({"name": "two words"}, "name"),
        ({"source": ""}, "source"),
        ({"source": "a\nb"}, "source"),
        ({"title": "x" * 201}, "title"),
        ({"constants": {"nation": "MERCIA"}}, "all-nation"),
        ({"constants": {"consent": "GIVEN"}}, "all-consent"),
    ],
)
def test_names_and_what_holds_for_everybody_are_checked(changes, name):
    """A consent is never the same for everybody."""
    said = {"name": "house", "title": "", "source": "casefile", "constants": {}} | changes
    text, faults = written(named=Named(**said))
    assert (text, list(faults)) == ("", [name])


def test_what_nobody_can_be_counted_without_is_told():
    """Either of two columns says an age."""
    assert len(missing([])) == 4
    assert missing(["reference", "referral_date", "date_of_birth", "consent"]) == []
    assert "nobody is counted" in missing(["reference", "referral_date", "consent"])[0]


def test_a_later_version_counts_on():
    """And keeps what the page does not ask."""
    seen = SeenFile(
        kind="any",
        fingerprint=None,
        columns=(SeenColumn(name="Ref"),),
        kept=Kept(version=4, footer=("Total",), constants={"advocacy_area": "HOUSING", "nation": "WALES"}),
    )
    content = yaml.safe_load(write(seen, ["reference"], {}, NAMED)[0])
    assert (content["version"], content["footer"], "fingerprint" in content) == (5, ["Total"], False)
    assert content["constants"] == {"advocacy_area": "HOUSING", "nation": "WALES"}
