"""A disclosure goes out once, under a permission that lasts and binds it, and a no beats it in any order."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.case.disclosures.errors import (
    AskedTooOftenError,
    GivenAlreadyError,
    NobodyToTellError,
    NotPermittedError,
    StillAskedError,
)
from services.case.disclosures.rules import MOST_ASKED, Disclosure, Ended, Item, Permission

NOW = datetime(2026, 8, 1, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ASKED = Disclosure(
    id="d", survivor_id="s", purpose="SHARE_WITH_LEGAL_REPRESENTATIVE", recipient_class="LEGAL_REPRESENTATIVE",
    data_classes=("NRM",), means="POST", contact="ONLY_THROUGH_US", recipient="Invented & Co",
    items=(Item(data_class="NRM", words="The letter"),), salt="x", binds="h", permit_id="p", asked_by="a",
    asked_role="IMSA", asked_at=NOW, updated_at=NOW,
)  # fmt: skip
SAID = Permission(
    permit_id="p", binds="h", consent_id="c", consent_sequence=3, said_at=NOW, text_hash="t", decided_at=NOW,
    until=NOW + 5 * MINUTE,
)  # fmt: skip
PERMITTED = ASKED.permitted(SAID)
GIVEN = PERMITTED.given(by="a", at=NOW)
WITHDRAWN = Ended(consent_id="c", sequence=4)


def test_it_is_given_once_while_the_permission_lasts():
    """Who says so twice gave it once; with the last minute it is over."""
    assert (GIVEN.state, GIVEN.given_at) == ("GIVEN", NOW)
    assert GIVEN.given(by="b", at=NOW + MINUTE) == GIVEN
    assert PERMITTED.given(by="a", at=NOW + 5 * MINUTE - timedelta(microseconds=1)).state == "GIVEN"
    for one in (ASKED, PERMITTED.refused("p", "WITHDRAWN", at=NOW)):
        with pytest.raises(NotPermittedError):
            one.given(by="a", at=NOW)
    with pytest.raises(NotPermittedError):
        PERMITTED.given(by="a", at=NOW + 5 * MINUTE)


def test_a_permission_lasts_five_minutes_whoever_says_longer():
    """Of the moment at which it was decided."""
    long = ASKED.permitted(replace(SAID, until=NOW + 60 * MINUTE))
    assert long.until == NOW + 5 * MINUTE


@pytest.mark.parametrize("other", [{"permit_id": "q"}, {"binds": "other"}])
def test_an_answer_to_something_else_is_none(other):
    """To another asking, or about other things."""
    assert ASKED.permitted(replace(SAID, **other)) == ASKED
    assert ASKED.refused("q", "REFUSED", at=NOW) == ASKED


def test_a_no_beats_a_permission_in_either_order():
    """Said of the asking, or as the end of the yes; what is over stays over."""
    refused = PERMITTED.refused("p", "WITHDRAWN", at=NOW)
    assert (refused.state, refused.until) == ("REFUSED", None)
    assert ASKED.refused("p", "WITHDRAWN", at=NOW).permitted(SAID).state == "REFUSED"
    assert PERMITTED.after_the_end_of(WITHDRAWN, at=NOW).state == "REFUSED"
    assert ASKED.after_the_end_of(WITHDRAWN, at=NOW).permitted(SAID).state == "REFUSED"


def test_the_end_of_an_earlier_yes_leaves_a_later_one():
    """The sequence of the ledger says which; another ledger's end is no end of this."""
    for ended in (Ended(consent_id="c", sequence=3), Ended(consent_id="other", sequence=9)):
        assert PERMITTED.after_the_end_of(ended, at=NOW) == PERMITTED
        assert ASKED.after_the_end_of(ended, at=NOW).permitted(SAID).state == "PERMITTED"
        assert GIVEN.after_the_end_of(ended, at=NOW) == GIVEN


def test_whoever_has_something_is_told_once_their_yes_ended():
    """What was given stays given; the answer is noted once."""
    assert GIVEN.refused("p", "WITHDRAWN", at=NOW) == GIVEN
    to_tell = GIVEN.after_the_end_of(WITHDRAWN, at=NOW)
    assert (to_tell.state, to_tell.tell, to_tell.tell_by) == ("GIVEN", "TO_TELL", NOW + timedelta(days=14))
    told = to_tell.told("DELETED", by="a", at=NOW)
    assert (told.tell, told.told_answer) == ("TOLD", "DELETED")
    assert told.after_the_end_of(Ended(consent_id="c", sequence=9), at=NOW) == told
    for one in (GIVEN, told):
        with pytest.raises(NobodyToTellError):
            one.told("DELETED", by="a", at=NOW)


def test_it_is_asked_about_again_once_it_is_over_and_not_for_ever():
    """What was answered before stays; an answer to the earlier asking is none any more."""
    for waits in (ASKED, PERMITTED):
        with pytest.raises(StillAskedError):
            waits.asked_again("q", by="a", role="IMSA", at=NOW + MINUTE)
    with pytest.raises(GivenAlreadyError):
        GIVEN.asked_again("q", by="a", role="IMSA", at=NOW + 9 * MINUTE)
    again = ASKED.refused("p", "REFUSED", at=NOW).asked_again("q", by="a", role="IMSA", at=NOW)
    assert (again.state, again.permit_id, again.before[0].reason) == ("ASKED", "q", "REFUSED")
    assert again.permitted(SAID) == again
    assert PERMITTED.asked_again("q", by="a", role="IMSA", at=NOW + 5 * MINUTE).until is None
    with pytest.raises(AskedTooOftenError):
        replace(again, state="REFUSED", before=again.before * (MOST_ASKED - 1)).asked_again(
            "r", by="a", role="IMSA", at=NOW
        )


@pytest.mark.parametrize(
    "change",
    [
        {"id": "e"}, {"survivor_id": "r"}, {"recipient": "Others"}, {"means": "TELEPHONE"}, {"salt": "y"},
        {"items": (Item(data_class="NRM", words="Another letter"),)}, {"contact": "NOT_AT_ALL"},
        {"purpose": "NRM_REFERRAL"}, {"recipient_class": "FIRST_RESPONDER"}, {"data_classes": ("HEALTH",)},
    ],
)  # fmt: skip
def test_an_answer_is_bound_to_everything_that_was_asked_about(change):
    """Whatever differs has another hash."""
    assert replace(ASKED, **change).bound() != ASKED.bound()
