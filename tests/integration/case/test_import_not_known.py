"""Words for "not known": of somebody new they are what is known, to somebody known they change nothing."""

import pytest

from tests.kit.import_files import WORDS, episodes_of, export, left_out, line, listed, references

pytestmark = pytest.mark.integration

FACTS = ("Gender", "Nationality", "Exploitation_Type", "Nation")
OTHERS = ("Advocacy_Need", "Consent_Date", "Consent_Wording", "Consent_Language", "Consent_Method", "Private_Setting")
SHOWN = ("referral_date", "gender", "nationality", "exploitation_types", "nation", "advocacy_area")


def facts_of(place, episode):
    row = place.get(f"/v1/episodes/{episode}").json
    return {name: row[name] for name in SHOWN}


@pytest.fixture
def known(place):
    """Somebody who is counted, their reference and their episode."""
    place.know_words(WORDS, languages=["sq"])
    (ref,) = references(1)
    report = place.upload(export(line(ref, Advocacy_Need="Housing")))
    episode = episodes_of(place, report)[2]
    assert left_out(place, episode) is None
    return ref, episode


@pytest.mark.parametrize("word", ["N/K", "nk", "not known", "Unknown", "n/a", "Not recorded", ""])
def test_they_never_override_what_is_known(place, known, word):
    """Alone and together, in facts and in what was said of a consent: recorded and counted as before, and nothing to mend."""
    ref, episode = known
    before = facts_of(place, episode)
    together = dict.fromkeys((*FACTS, *OTHERS, "Referral_Date"), word)
    for changes in (*({name: value} for name, value in together.items()), {**together, "Statistics_Consent": word}):
        report = place.upload(export(line(ref, **{"Advocacy_Need": "Housing", **changes})))
        assert (listed(report), report["counts"]["QUARANTINED"]) == (set(), 0), changes
    assert facts_of(place, episode) == before
    assert left_out(place, episode) is None


def test_a_correction_to_not_known_is_none(place, known):
    """Nor where the upload says that known rows are corrections; another value is one."""
    ref, episode = known
    before = facts_of(place, episode)
    place.upload(export(line(ref, Gender="N/K", Nationality="N/K")), query="?known_rows=correct")
    assert {**facts_of(place, episode), "advocacy_area": None} == {**before, "advocacy_area": None}
    place.upload(export(line(ref, Gender="Male", Nationality="N/K")), query="?known_rows=correct")
    assert facts_of(place, episode)["gender"] == "MALE"


def test_what_somebody_declined_to_say_is_an_answer(place, known):
    """It is taken, as every answer is."""
    ref, episode = known
    place.upload(export(line(ref, Gender="Prefer not to say", Exploitation_Type="Declined to answer")))
    facts = facts_of(place, episode)
    assert (facts["gender"], facts["exploitation_types"]) == ("DECLINED_TO_ANSWER", ["DECLINED_TO_ANSWER"])


def test_of_somebody_new_they_are_what_is_known(place):
    """Each list's own code for it; but the day of the referral, without which nobody is made, is missing."""
    taken, undated = references(2)
    unknown = dict.fromkeys(FACTS, "N/K")
    report = place.upload(export(line(taken, **unknown), line(undated, Referral_Date="N/K")))
    assert listed(report) == {(3, "missing")}
    facts = facts_of(place, episodes_of(place, report)[2])
    assert (facts["gender"], facts["nationality"], facts["nation"]) == ("NOT_KNOWN", [], "NOT_KNOWN")
    assert facts["exploitation_types"] == ["NOT_SPECIFIED_OR_UNKNOWN"]


def test_in_an_answer_they_end_no_yes_and_lift_no_no(place, known):
    """They say nothing; "declined" is a no."""
    ref, episode = known
    place.upload(export(line(ref, Statistics_Consent="n/a")))
    assert left_out(place, episode) is None
    place.upload(export(line(ref, Statistics_Consent="Declined")))
    assert left_out(place, episode) == "REFUSED"
    place.upload(export(line(ref, Statistics_Consent="N/K")))
    assert left_out(place, episode) == "REFUSED"
