"""Somebody is erased: the gate says no for ever, nothing is left of them, and nothing brings them back.

The races are those of docs/explanation/serialising.md: one of the two has read everything and pauses inside its
transaction while the other begins and commits; so a line that is missing fails here each time, not at times.
"""

import contextlib
from datetime import timedelta
from functools import partial

import pytest

from services.consent.concerns.commands import TakeConcern, take_concern
from services.consent.erasing import jobs
from services.consent.erasing.jobs import CHUNK, clear, clear_all, not_cleared
from services.consent.gate.reconciler import Reconciler
from services.consent.ledger.errors import SurvivorUnknownError
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PersonStore
from services.consent.receipts.commands import OfferReceipt, offer_receipt
from services.consent.withdrawals.documents import proof_from
from shared.contracts.case import SurvivorAssigned, SurvivorErased, SurvivorTold
from shared.contracts.withdrawal import CaseAnswered, IntegrationsAnswered, ReportingAnswered
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.steps import Steps
from tests.kit.racing import PURPOSE, ConsentPair

OF_THEM = ("consents", "episodes", "receipts", "concerns", "withdrawals")


@pytest.fixture(scope="module")
def pair(engines):
    """Consent with two processes."""
    made = ConsentPair(engines)
    made.registers()()
    yield made
    made.close()


@pytest.fixture
def survivor(pair):
    """Somebody who is counted."""
    survivor = new_id()
    pair.before = pair.contributions()
    pair.hears(SurvivorAssigned(survivor_id=survivor, advocate_ids=(new_id(),)))()
    pair.facts(survivor)()
    pair.decides(survivor)()
    yield survivor
    assert pair.broker.published == []  # Nothing was parked, and no rung of the retry ladder was needed.


def said(pair):
    """What the gate stated last of everything that was stated since the test began."""
    return set(pair.said_of(pair.contributions() - pair.before))


def left(pair, survivor):
    """How much each collection keeps of them."""
    return {name: n for name in OF_THEM if (n := pair.database[name].count_documents({"survivor_id": survivor}))}


def is_buried(pair, survivor):
    """A tombstone stands there, without a random id, and nobody may act."""
    found = pair.database["people"].find_one({"_id": survivor})
    others = pair.database["people"].find_one({"_id": f"advocate:{survivor}"})
    return (found["person_id"], found["cleared"] is not None, others) == (None, True, None)


def offers(pair, survivor):
    command = OfferReceipt(
        consent_id=consent_key(survivor, PURPOSE), survivor_id=survivor, answer="TAKEN", actor_id="a"
    )
    return pair.command(lambda work: offer_receipt(command, work))


def complains(pair, survivor):
    command = TakeConcern(survivor_id=survivor, kind="COMPLAINT", actor_id="s")
    return pair.command(lambda work: take_concern(command, work))


def clears(pair):
    clear_all(Steps(execute=pair.committers[1].execute), not_cleared(pair.database))


def test_the_gate_says_no_and_nothing_is_left(pair, survivor):
    """Facts are withheld, ledgers and random ids go at once, the rest in a moment; the tombstone stays."""
    offers(pair, survivor)()
    complains(pair, survivor)()
    pair.erases(survivor)()
    assert said(pair) == {"ERASED"}
    assert left(pair, survivor) == {"receipts": 1, "concerns": 1}
    assert is_buried(pair, survivor)
    clears(pair)
    assert left(pair, survivor) == {}
    assert is_buried(pair, survivor)
    assert survivor not in not_cleared(pair.database)


def test_nothing_brings_them_back(pair, survivor):
    """Whatever is heard afterwards leaves no trace, and whatever is asked meets nobody; nor is it stated again."""
    pair.erases(survivor)()
    clears(pair)
    events = pair.database["outbox"].count_documents({})
    pair.facts(survivor)()
    pair.statement(survivor)()
    pair.opened(survivor, new_id())()
    pair.hears(SurvivorAssigned(survivor_id=survivor, advocate_ids=(new_id(),)))()
    pair.hears(SurvivorTold(survivor_id=survivor, advocate_ids=()))()
    pair.erases(survivor)()
    for refused in (pair.decides(survivor), pair.decides(survivor, "REFUSED"), complains(pair, survivor)):
        with pytest.raises(SurvivorUnknownError):
            refused()
    assert left(pair, survivor) == {}
    assert is_buried(pair, survivor)
    assert pair.database["outbox"].count_documents({}) == events


def test_somebody_of_whom_nothing_was_heard_is_buried_too(pair):
    """What case said of them before may come later."""
    nobody = new_id()
    pair.erases(nobody)()
    pair.facts(nobody)()
    assert left(pair, nobody) == {}
    assert is_buried(pair, nobody)


def test_in_one_batch_the_last_word_counts(pair):
    """An episode and the erasure that come together state nothing that stays released."""
    one = new_id()
    pair.before = pair.contributions()
    pair.decides(one)()
    pair.hears(pair.facts_event(one), SurvivorErased(survivor_id=one), pair.facts_event(one))()
    assert said(pair) == {"ERASED"}
    assert left(pair, one) == {}


def test_a_proof_stays_until_everybody_has_answered(pair, survivor):
    """Whoever received something is still asked; then it goes too, and nothing else holds it up."""
    pair.withdraws(survivor)()
    pair.erases(survivor)()
    clears(pair)
    assert left(pair, survivor) == {"withdrawals": 1}
    proof = proof_from(pair.database["withdrawals"].find_one({"survivor_id": survivor}))
    answers = {
        "case": partial(CaseAnswered, answer="DONE", finding="KEPT_FOR_SUPPORT_ONLY"),
        "integrations": partial(IntegrationsAnswered, answer="DONE", finding="STOPPED"),
        "reporting": partial(ReportingAnswered, answer="DONE", finding="IN_NO_UNSEALED_VECTOR", sealed_periods=()),
    }
    for question in proof.questions:
        pair.hears(answers[question.party](question_id=question.id))()
    clears(pair)
    assert left(pair, survivor) == {}
    assert pair.database["people"].find_one({"_id": survivor})["cleared"] is True


def test_whoever_waits_for_an_answer_holds_up_nobody(pair, monkeypatch):
    """However many wait, and whichever of them is looked at first."""
    monkeypatch.setattr(jobs, "CHUNK", 1)
    *waiting, last = sorted(new_id() for _ in range(3))
    for one in (*waiting, last):
        pair.facts(one)()
        pair.decides(one)()
    for one in waiting:
        pair.withdraws(one)()
    offers(pair, last)()
    for one in (*waiting, last):
        pair.erases(one)()
    clears(pair)
    assert [left(pair, one) for one in (*waiting, last)] == [{"withdrawals": 1}, {"withdrawals": 1}, {}]


def test_many_copies_go_chunk_by_chunk(pair, survivor):
    """A kill between two of them is taken up by the next run."""
    for _ in range(CHUNK + 1):
        offers(pair, survivor)()
    pair.erases(survivor)()
    assert pair.command(partial(clear, survivor))().ids["left"] is True
    assert left(pair, survivor) == {"receipts": 1}
    clears(pair)
    assert left(pair, survivor) == {}


def gives(pair, survivor):
    return pair.decides(survivor)


def refuses(pair, survivor):
    return pair.decides(survivor, "REFUSED")


def withdraws(pair, survivor):
    return pair.withdraws(survivor)


def another_episode(pair, survivor):
    return pair.facts(survivor)


def a_file_says_yes(pair, survivor):
    return pair.statement(survivor)


def a_year_passes(pair, survivor):
    pair.now += timedelta(days=366)
    return pair.expires(survivor)


def a_copy_is_offered(pair, survivor):
    return offers(pair, survivor)


def it_is_compared(pair, survivor):
    pair.database["episodes"].update_many({"survivor_id": survivor}, {"$set": {"stated.reason": "REFUSED"}})

    def compare(pause=None):
        execute = pair.committers[0].execute
        if pause is None:
            return Reconciler(execute=execute).run()
        return Reconciler(execute=lambda command: execute(type(command)(run=pause.around(command.run)))).run()

    return compare


MEETS = [
    gives, refuses, withdraws, another_episode, a_file_says_yes, a_year_passes, complains, a_copy_is_offered, it_is_compared,
]  # fmt: skip


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize("act", MEETS, ids=lambda act: act.__name__)
def test_whatever_meets_an_erasure_leaves_nothing(pair, survivor, act, turned):
    """Whichever of the two read first and committed last: the last word is no, and nothing is left."""
    steps = (act(pair, survivor), pair.erases(survivor))
    with contextlib.suppress(SurvivorUnknownError, DocumentMissingError):
        assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    for proof in pair.database["withdrawals"].find({"survivor_id": survivor}):
        pair.database["withdrawals"].update_one({"_id": proof["_id"]}, {"$set": {"state": "PROVEN"}})
    clears(pair)
    assert said(pair) == {"ERASED"}
    assert left(pair, survivor) == {}
    assert is_buried(pair, survivor)


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_words_that_are_registered_bring_nobody_back(pair, turned):
    """A file's yes waited for those very words."""
    waits, code = new_id(), f"w-{new_id()[:8]}"
    pair.before = pair.contributions()
    pair.facts(waits)()
    pair.statement(waits, wording_code=code)()
    steps = (pair.registers(code), pair.erases(waits))
    assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    assert said(pair) == {"ERASED"}
    assert left(pair, waits) == {}
    assert is_buried(pair, waits)


def test_without_the_turn_a_yes_outlives_the_erasure(pair, survivor, monkeypatch):
    """Twin: take the common document away and the very same two transactions leave a ledger of nobody."""
    other = new_id()
    monkeypatch.setattr(PersonStore, "try_turn", lambda _self, _survivor_id: True)
    pair.interleave(pair.erases(other), pair.decides(other))
    assert left(pair, other) == {"consents": 1}
