"""Consent answers whether something may be given, once, and takes it back with the yes; in every order of both.

As in test_consent_races.py one of the two has read everything and pauses inside its transaction while the other begins
and commits, so that a line that is missing fails each time.
"""

import contextlib
from datetime import timedelta

import msgspec
import pytest

from services.consent.erasing.jobs import clear
from services.consent.ledger.commands import WithdrawConsent, withdraw_consent
from services.consent.ledger.errors import NothingToWithdrawError, TransitionRefusedError
from services.consent.ledger.keys import consent_key
from services.consent.ledger.terms import Terms
from services.consent.stops.commands import StopEverything, stop_everything
from services.consent.wordings.commands import RegisterWording, register_wording
from shared.contracts.disclosure import DisclosureRequested
from shared.contracts.registry import get_event
from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
from shared.kernel.ids import new_id
from tests.kit.racing import DAY, START, ConsentPair

PURPOSE, LAWYER, WORDS = "SHARE_WITH_LEGAL_REPRESENTATIVE", "LEGAL_REPRESENTATIVE", "w-lawyer"


@pytest.fixture(scope="module")
def pair(engines):
    """Consent with two processes, and words for lawyers."""
    made = ConsentPair(engines)
    command = RegisterWording(
        code=WORDS, purpose=PURPOSE, recipient_class=LAWYER, languages=(), valid_from=START - 1000 * DAY, valid_to=None,
        text="Invented words.", actor_id="dpo",
    )  # fmt: skip
    made.command(lambda work: register_wording(command, work))()
    yield made
    made.close()


@pytest.fixture
def survivor(pair):
    """Somebody of their own for each test."""
    pair.now = START
    yield new_id()
    assert pair.broker.published == []  # Nothing was parked, and no rung of the retry ladder was needed.


def asks(pair, survivor, permit=None, **values):
    return pair.hears(asked(survivor, permit or new_id(), **values))


def asked(survivor, permit, **values):
    said = {"purpose": PURPOSE, "recipient_class": LAWYER, "data_classes": ("NRM",), "binds": "b" * 64, **values}
    return DisclosureRequested(permit_id=permit, disclosure_id=new_id(), survivor_id=survivor, **said)


def gives(pair, survivor, decision="GIVEN", **values):
    return pair.decides(survivor, decision, purpose=PURPOSE, wording_code=WORDS, recipient_class=LAWYER, **values)


def withdraws(pair, survivor):
    command = WithdrawConsent(
        consent_id=consent_key(survivor, PURPOSE), survivor_id=survivor, said_at=None, method=None, actor_id="a"
    )
    return pair.command(lambda work: withdraw_consent(command, work), process=1)


def stops(pair, survivor):
    command = StopEverything(stop_id=new_id(), survivor_id=survivor, actor_id="s", role="SUPERVISOR")
    return pair.command(lambda work: stop_everything(command, work), process=1)


def refuses(pair, survivor):
    return gives(pair, survivor, "REFUSED")


def narrows(pair, survivor):
    return gives(pair, survivor, terms=Terms(data_classes=("HEALTH",)))


def said(pair, survivor, permit=None):
    """What was said of somebody's permits, in its order."""
    found = []
    for row in pair.database["outbox"].find().sort("_id", 1):
        for event in row["events"]:
            if "disclosure_" in event["type"]:
                body = msgspec.json.decode(event["body"], type=get_event(event["type"]))
                if body.survivor_id == survivor and permit in (None, body.permit_id):
                    found.append(body)
    return found


def reasons(pair, survivor):
    return [getattr(one, "reason", "PERMITTED") for one in said(pair, survivor)]


def test_a_permission_says_under_which_yes_and_lasts_five_minutes(pair, survivor):
    """The line's own words and moment; the hash comes back as it went."""
    gives(pair, survivor)()
    asks(pair, survivor)()
    (one,) = said(pair, survivor)
    ledger = pair.database["consents"].find_one({"_id": consent_key(survivor, PURPOSE)})
    assert (one.consent_id, one.consent_sequence) == (ledger["_id"], ledger["version"])
    assert (one.text_hash, one.said_at) == (ledger["entries"][-1]["text_hash"], START)
    assert (one.binds, one.until - one.decided_at) == ("b" * 64, timedelta(minutes=5))


def test_an_asking_is_answered_once_and_another_one_anew(pair, survivor):
    """Replayed, under another message too; a yes of meanwhile is for whoever asks then."""
    permit = new_id()
    for _ in range(2):
        asks(pair, survivor, permit)()
    gives(pair, survivor)()
    asks(pair, survivor, permit)()
    assert reasons(pair, survivor) == ["UNKNOWN"]
    asks(pair, survivor)()
    assert reasons(pair, survivor) == ["UNKNOWN", "PERMITTED"]


@pytest.mark.parametrize(
    "wanted",
    [
        {"recipient_class": "FUNDER"},
        {"purpose": "SHARE_WITH_NAMED_AGENCY"},
        {"data_classes": ("NRM", "STORY")},
        {"purpose": "INVENTED"},
    ],
)
def test_a_yes_to_one_thing_is_none_to_another(pair, survivor, wanted):
    """Another recipient, purpose or kind; nor does one person's yes speak for another."""
    gives(pair, survivor)()
    asks(pair, survivor, **wanted)()
    assert reasons(pair, survivor) == ["NOT_OF_PURPOSE"]
    other = new_id()
    asks(pair, other)()
    assert reasons(pair, other) == ["UNKNOWN"]


def test_nothing_is_permitted_while_the_use_of_their_record_is_restricted(pair, survivor):
    """Whatever the ledger says; once it is lifted, whoever asks again is answered by it."""
    gives(pair, survivor)()
    pair.hears(ProcessingRestricted(survivor_id=survivor))()
    asks(pair, survivor)()
    pair.hears(RestrictionLifted(survivor_id=survivor))()
    asks(pair, survivor)()
    assert reasons(pair, survivor) == ["RESTRICTED", "PERMITTED"]


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(
    ("ends", "reason"),
    [(withdraws, "WITHDRAWN"), (refuses, "REFUSED"), (stops, "EVERYTHING_STOPPED"), (narrows, None)],
    ids=["withdrawal", "refusal", "stop", "narrower"],
)
def test_no_permission_that_lasts_is_left_behind(pair, survivor, ends, reason, turned):
    """Refused, or permitted and taken back: whichever came first."""
    gives(pair, survivor)()
    first, second = (ends, asks) if turned else (asks, ends)
    with contextlib.suppress(NothingToWithdrawError, TransitionRefusedError):
        assert pair.interleave(first(pair, survivor), second(pair, survivor))
    told = reasons(pair, survivor)
    assert told[-1] != "PERMITTED"
    assert len(told) == 1 or told[0] == "PERMITTED"
    if reason is not None and ends is not stops:
        assert told[-1] == reason
    assert pair.database["permits"].count_documents({"survivor_id": survivor, "state": "PERMITTED"}) == 0


def test_a_stop_ends_also_what_was_permitted_under_a_ledger_that_cannot_be_read(pair, survivor):
    """A failure to read counts as a no."""
    gives(pair, survivor)()
    asks(pair, survivor)()
    pair.database["consents"].update_one({"_id": consent_key(survivor, PURPOSE)}, {"$unset": {"entries": 1}})
    stops(pair, survivor)()
    assert reasons(pair, survivor) == ["PERMITTED", "EVERYTHING_STOPPED"]


def test_what_has_run_out_is_not_taken_back(pair, survivor):
    """Five minutes later nothing is said any more."""
    gives(pair, survivor)()
    asks(pair, survivor)()
    pair.now = START + timedelta(minutes=5)
    withdraws(pair, survivor)()
    assert reasons(pair, survivor) == ["PERMITTED"]


def test_of_whoever_was_erased_nothing_is_permitted_or_kept(pair, survivor):
    """Asked before or after."""
    gives(pair, survivor)()
    asks(pair, survivor)()
    pair.erases(survivor)()
    asks(pair, survivor)()
    assert reasons(pair, survivor) == ["PERMITTED", "ERASED"]
    assert pair.database["permits"].count_documents({"survivor_id": survivor}) == 1
    pair.command(lambda work: clear(survivor, work))()
    assert pair.database["permits"].count_documents({"survivor_id": survivor}) == 0
