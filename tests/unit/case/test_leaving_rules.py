"""Two different people state that everything is written out, to one key, for a time."""

from datetime import UTC, datetime, timedelta

import pytest

from services.case.leaving.errors import LeavingStateError, NotAgreedError, NotARecipientError, SecondOfTheHostError
from services.case.leaving.rules import Leaving, check_recipient

NOON = datetime(2026, 11, 2, 12, tzinfo=UTC)
KEY = "age1" + "q" * 58
OTHER = "age1" + "p" * 58


def asked(**values):
    return Leaving(
        id="leaving", recipient=KEY, state="ASKED", asked_by="officer", asked_at=NOON,
        holds_until=NOON + timedelta(days=30), updated_at=NOON, **values,
    )  # fmt: skip


def test_a_second_person_agrees_and_then_it_may_be_written_out():
    """To the key that was agreed to, for thirty days from then."""
    later = NOON + timedelta(days=29)
    agreed = asked().agreed("administrator", later)
    assert (agreed.state, agreed.agreed_by, agreed.agreed_at) == ("AGREED", "administrator", later)
    assert agreed.holds_until == later + timedelta(days=30)
    agreed.check_may_export(KEY, later + timedelta(days=29))


def test_nobody_agrees_to_what_they_asked_for():
    """Also where one person holds both roles."""
    with pytest.raises(SecondOfTheHostError):
        asked().agreed("officer", NOON)


def test_another_key_than_the_agreed_one_is_refused():
    """Whoever runs the machines cannot put their own in its place."""
    with pytest.raises(NotAgreedError, match="not the key"):
        asked().agreed("administrator", NOON).check_may_export(OTHER, NOON)


@pytest.mark.parametrize("days", [30, 31])
def test_after_thirty_days_it_counts_no_more(days):
    """Neither to be agreed to, nor to write anything out; it may be asked anew."""
    then = NOON + timedelta(days=days)
    with pytest.raises(LeavingStateError):
        asked().agreed("administrator", then)
    agreed = asked().agreed("administrator", NOON)
    assert agreed.state_at(then) == "LAPSED"
    with pytest.raises(NotAgreedError):
        agreed.check_may_export(KEY, then)
    with pytest.raises(LeavingStateError):
        agreed.taken_back("officer", then)
    agreed.check_may_be_asked_anew(then)


def test_what_was_only_asked_for_may_not_be_written_out():
    """One person's word is not enough."""
    with pytest.raises(NotAgreedError):
        asked().check_may_export(KEY, NOON)


def test_what_was_taken_back_counts_no_more():
    """Neither before nor after a second person agreed; it may be asked anew."""
    for one in (asked(), asked().agreed("administrator", NOON)):
        back = one.taken_back("anybody", NOON)
        with pytest.raises(NotAgreedError):
            back.check_may_export(KEY, NOON)
        with pytest.raises(LeavingStateError):
            back.agreed("administrator", NOON)
        back.check_may_be_asked_anew(NOON)


def test_nobody_puts_another_key_in_the_place_of_one_that_waits():
    """It is taken back first, so that whoever agrees sees which."""
    with pytest.raises(LeavingStateError):
        asked().check_may_be_asked_anew(NOON)
    with pytest.raises(LeavingStateError):
        asked().agreed("administrator", NOON).check_may_be_asked_anew(NOON)


def test_only_what_two_people_stated_is_deleted_and_only_after_it_was_written_out():
    """Unless the host wants no package; never what one alone asked for, nor what was taken back, nor after its days."""
    both = asked(deletes=True).agreed("administrator", NOON)
    with pytest.raises(NotAgreedError, match="would be lost"):
        both.check_may_delete(NOON, without_package=False)
    both.check_may_delete(NOON, without_package=True)
    written = both.exported("digest", NOON)
    written.check_may_delete(NOON + timedelta(hours=24), without_package=False)
    with pytest.raises(NotAgreedError, match="more than a day old"):
        written.check_may_delete(NOON + timedelta(hours=24, seconds=1), without_package=False)
    written.check_may_delete(NOON + timedelta(days=2), without_package=True)
    for one in (
        asked(deletes=True), asked().agreed("administrator", NOON), both.taken_back("officer", NOON),
        asked(deletes=True).exported("digest", NOON),
    ):  # fmt: skip
        with pytest.raises(NotAgreedError, match="Two people"):
            one.check_may_delete(NOON, without_package=True)
    with pytest.raises(NotAgreedError):
        both.check_may_delete(NOON + timedelta(days=30), without_package=True)


@pytest.mark.parametrize(
    "text", ["", "age1", KEY[:-1], KEY + "q", KEY.upper(), KEY[:-1] + "b", KEY + "\n", "AGE-SECRET-KEY-1" + "Q" * 58]
)
def test_what_is_no_public_key_is_refused_and_not_repeated(text):
    """It might be the secret half."""
    with pytest.raises(NotARecipientError) as refused:
        check_recipient(text)
    assert text.strip() in ("", "age1") or text.strip() not in str(refused.value)
