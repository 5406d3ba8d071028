"""What an age cell says: whatever may mean under 18 is a possible child, and only what is beyond doubt an adult."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.case.imports.rules.ages import ADULT, CHILD, NOT_KNOWN, read_age

REFERRAL, TODAY = date(2026, 10, 2), date(2026, 11, 1)


def read(text, referral=REFERRAL):
    return read_age(text, referral=referral, today=TODAY)


CHILDREN = (
    "17", "17.0", "17,5", "17.9", "17 years", "17 yrs", "17y 3m", "17 years and 11 months", "17-year-old", "aged 17", "16-17",
    "0-17", "14 - 17", "16-24", "17/18", "21 or 17", "Under 18", "under-18", "Under 18s", "<18", "< 18", "\u226417", "U18", "u-18",
    "below 18", "not yet 18", "nearly 18", "18 or under", "17+", "over 17", "Seventeen", "sixteen and a half", "17\u00bd", "=17",
    '="17"', "'17", "-17", "\uff11\uff17", "\u0661\u0667", "15 (est.)", "~17", "Minor (16)", "Child (under 18)",
    "Child (17 or under)", "CHILD_17_UNDER", "minor", "teenager", "juvenile", "No", "n", "false", "age disputed", "Disputed", "UASC",
    "9 months", "204 months", "3 weeks", "03/04/2009", "2009-04-03", "DOB 03/04/2009", "born 2010", "2009", "39905", "3 Oct 2008",
    "plentyn", "dan 18", "i mitur", "d\u01b0\u1edbi 18", "tr\u1ebb em", "copil", "nieletnia", "poni\u017cej 18", "\u0637\u0641\u0644",
    "\u0642\u0627\u0635\u0631", "\u672a\u6210\u5e74", "enfant", "school age", "Year 11", "0", "34 (17 at exploitation)",
)  # fmt: skip
ADULTS = (
    "18", "18.0", "34", "34.5", "34 years", "18y 3m", "34 years 2 months", "thirty-four", "Twenty one", "Eighteen", "18+", "18-24",
    "25-34", ">18", ">=18", "\u226518", "18 or over", "over 18", "Adult", "Adult (18 or over)", "ADULT_18_OVER", "65+", "~30",
    "03/04/1990", "1990", "02/10/2008", "240 months",
)  # fmt: skip


@pytest.mark.parametrize("text", CHILDREN)
def test_possibly_a_child(text):
    """On the side of safety."""
    assert read(text) == read(f"  {text.upper()} ") == CHILD


@pytest.mark.parametrize("text", ADULTS)
def test_surely_an_adult(text):
    """Eighteen or more at referral, however it is written."""
    assert read(text) == ADULT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?",
        "unknown",
        "Not specified or unknown",
        "n/a",
        "-",
        "NOT_KNOWN",
        "NOT_ASKED",
        "Declined to answer",
        "18 (est.)",
        "about 20",
        "adult?",
    ],
)
def test_not_known_waits_for_a_person(text):
    """Nobody knows, or somebody guesses near eighteen."""
    assert read(text) == NOT_KNOWN


@pytest.mark.parametrize("text", ["old", "planted", "Yes", "170", "Q", "1" * 150])
def test_what_cannot_be_read_is_no_adult(text):
    """None: the caller leaves the person out and says so."""
    assert read(text) is None


def test_our_own_bands_come_back_in():
    """Codes and labels of adults' bands."""
    assert (read("AGE_18_24"), read("25 to 34"), read("65 or over")) == ("AGE_18_24", "AGE_25_34", "AGE_65_PLUS")


def test_a_birth_date_is_set_against_the_referral():
    """Eighteen on the very day is an adult, the day after a child; of day and month the younger reading counts."""
    assert read("02/10/2008") == ADULT
    assert read("03/10/2008") == CHILD
    assert read("10/02/2008", date(2026, 5, 1)) == CHILD
    assert read("03/11/2008", None) == CHILD


@given(st.integers(0, 17), st.sampled_from(["{}", "{}.0", "{} years old", "age {}", "({})", "{}?", "= {}"]))
def test_no_number_below_eighteen_is_ever_an_adult(age, form):
    """However it is dressed."""
    assert read(form.format(age)) == CHILD


@given(st.text(max_size=300))
def test_any_text_gives_an_answer(text):
    """No cell ends in anything else."""
    assert read(text) is None or isinstance(read(text), str)
