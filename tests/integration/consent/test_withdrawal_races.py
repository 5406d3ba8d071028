"""Every pair of transactions about one withdrawal that read what the other writes: nothing is lost, none is doubled.

As in test_consent_races.py one of the two has read everything and pauses inside its transaction while the other begins
and commits, so that a line that is missing fails each time.
"""

import contextlib
from datetime import timedelta
from functools import partial

import pytest

from services.consent.ledger.commands import WithdrawConsent, withdraw_consent
from services.consent.ledger.errors import NothingToWithdrawError
from services.consent.ledger.keys import consent_key
from services.consent.withdrawals.commands import NoteAnswer, note_answer
from services.consent.withdrawals.documents import proof_from
from services.consent.withdrawals.jobs import chase_one
from shared.contracts.withdrawal import CaseAnswered, IntegrationsAnswered, ReportingAnswered
from shared.kernel.ids import new_id
from tests.kit.racing import ConsentPair

PURPOSE, RECIPIENTS = "SHARE_WITH_NAMED_AGENCY", "NAMED_AGENCY"


@pytest.fixture(scope="module")
def pair(engines):
    """Consent with two processes."""
    made = ConsentPair(engines)
    made.registers()()
    yield made
    made.close()


@pytest.fixture
def survivor(pair):
    """Somebody who is counted, and takes it back."""
    survivor = new_id()
    pair.decides(survivor)()
    pair.facts(survivor)()
    yield survivor
    assert pair.broker.published == []


def proofs(pair, survivor):
    return [proof_from(d) for d in pair.database["withdrawals"].find({"survivor_id": survivor})]


def proof(pair, survivor):
    (one,) = proofs(pair, survivor)
    return one


def question(pair, survivor, party):
    return next(one for one in proof(pair, survivor).questions if one.party == party)


def answers(party):
    """A service answers what it was asked."""
    event = {"case": CaseAnswered, "integrations": IntegrationsAnswered}.get(party)

    def act(pair, survivor):
        asked = question(pair, survivor, party).id
        if event is None:
            return pair.hears(ReportingAnswered(question_id=asked, answer="DONE", finding="STOPPED", sealed_periods=()))
        return pair.hears(event(question_id=asked, answer="DONE", finding="STOPPED"))

    act.__name__ = f"{party}_answers"
    return act


def is_chased(pair, survivor):
    return pair.command(partial(chase_one, proof(pair, survivor).id), process=1)


def is_chased_elsewhere(pair, survivor):
    return pair.command(partial(chase_one, proof(pair, survivor).id), process=0)


PAIRS = [
    (answers("case"), answers("integrations")),
    (answers("case"), answers("reporting")),
    (answers("case"), answers("case")),
    (answers("reporting"), is_chased),
    (is_chased, is_chased_elsewhere),
]


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda act: act.__name__)
def test_no_answer_is_lost_and_the_proof_is_told_once(pair, survivor, one, other, turned):
    """Whichever commits first: both answers stand, and only what was asked is open."""
    pair.withdraws(survivor)()
    pair.now += timedelta(minutes=2)
    first, second = (other, one) if turned else (one, other)
    assert pair.interleave(first(pair, survivor), second(pair, survivor))
    said = {act.__name__.removesuffix("_answers") for act in (one, other) if act.__name__.endswith("_answers")}
    found = proof(pair, survivor)
    assert {one.party for one in found.questions if not one.is_open} == said
    for party in {"case", "integrations", "reporting"} - said:
        answers(party)(pair, survivor)()
    assert proof(pair, survivor).state == "PROVEN"
    assert told(pair, found.id) == 1


def test_an_answer_that_is_noted_meets_a_service_s(pair, survivor):
    """A person and a service answer at once: both stand, and it is proven."""
    pair.registers("w-agency")()
    pair.database["wordings"].update_one(
        {"_id": "w-agency"},
        {"$set": {"registrations.0.purpose": PURPOSE, "registrations.0.recipient_class": RECIPIENTS}},
    )
    survivor = new_id()
    pair.decides(survivor, wording_code="w-agency", purpose=PURPOSE)()
    pair.decides(survivor, "REFUSED", purpose=PURPOSE)()
    answers("integrations")(pair, survivor)()
    noted = NoteAnswer(
        withdrawal_id=proof(pair, survivor).id, question_id=question(pair, survivor, RECIPIENTS).id, answer="DONE",
        finding="DELETED", legal_reason=None, actor_id="dpo",
    )  # fmt: skip
    assert pair.interleave(
        answers("case")(pair, survivor), pair.command(lambda work: note_answer(noted, work), process=1)
    )
    found = proof(pair, survivor)
    assert found.state == "PROVEN"
    assert told(pair, found.id) == 1


def test_two_who_take_it_back_open_one_proof(pair, survivor):
    """The second is told that a no stands."""
    again = WithdrawConsent(
        consent_id=consent_key(survivor, "AGGREGATE_STATISTICS"), survivor_id=survivor, said_at=None, method=None,
        actor_id="a",
    )  # fmt: skip
    elsewhere = pair.command(lambda work: withdraw_consent(again, work), process=1)
    with contextlib.suppress(NothingToWithdrawError):
        pair.interleave(pair.withdraws(survivor), elsewhere)
    assert len(proofs(pair, survivor)) == 1


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_facts_that_come_meanwhile_are_asked_about_or_were_never_released(pair, survivor, turned):
    """Of another episode: it is in the question, or it was withheld from the beginning."""
    steps = [pair.facts(survivor), pair.withdraws(survivor)]
    first, second = reversed(steps) if turned else steps
    assert pair.interleave(first, second)
    asked = {one.contribution_id: one.sequence for one in proof(pair, survivor).counted}
    for episode in pair.database["episodes"].find({"survivor_id": survivor}):
        withheld = episode["gate_version"] == 1 and episode["stated"]["reason"] == "WITHDRAWN"
        assert asked.get(episode["contribution_id"]) == episode["gate_version"] or withheld


def told(pair, withdrawal):
    rows = pair.database["outbox"].find()
    return sum(
        e["type"].endswith("withdrawal_proven.v1") and e["subject"] == withdrawal for r in rows for e in r["events"]
    )
