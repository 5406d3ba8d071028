"""What reporting answers when somebody no longer wants to be counted: only what is so, and only once it is so."""

from datetime import timedelta

import msgspec
import pytest

from services.reporting.contributions.facts import keep_withheld
from services.reporting.proofs.facts import answer
from shared.codelists.periods import Period
from shared.contracts.consent import FactsWithheld
from shared.contracts.withdrawal import CountingWithdrawalAsked, ReportingAnswered, StatedContribution
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from tests.kit.host_place import ENDED, QUARTER

AFTER = Period.parse(QUARTER).seal_at() + timedelta(hours=1)
SEQUENCE = 1
"""Of everything that this host hears from a test."""


def ask(host, *contributions, question=None, sequence=SEQUENCE, asked=1):
    """Ask, and give what was answered so far."""
    event = CountingWithdrawalAsked(
        question_id=question or new_id(),
        contributions=tuple(StatedContribution(contribution_id=one, sequence=sequence) for one in contributions),
    )
    received = Received(
        event=event, event_id=new_event_id(), sequence=asked, stream_n=None, recorded_at=ENDED, sender=host.tenant
    )
    host._execute(lambda work: answer(received, work))
    return said(host, event.question_id)


def said(host, question):
    rows = host.database["outbox"].find().sort("_id", 1)
    bodies = [e["body"] for r in rows for e in r["events"] if e["type"] == ReportingAnswered.event_type]
    found = [msgspec.json.decode(body, type=ReportingAnswered) for body in bodies]
    return [one for one in found if one.question_id == question]


@pytest.fixture
def withdrawn(host):
    """Somebody who was released and then withheld; gives the contribution's id."""
    host.at(ENDED)
    one = host.release(recorded=-40).contribution_id
    host.withhold("WITHDRAWN", contribution_id=one, recorded=-30)
    return one


def test_facts_that_are_gone_are_in_no_unsealed_vector(host, withdrawn):
    """It is answered at once, and no period was sealed with them."""
    (told,) = ask(host, withdrawn)
    assert (told.answer, told.finding, told.sealed_periods) == ("DONE", "IN_NO_UNSEALED_VECTOR", ())


def test_what_has_not_come_yet_is_not_answered(host, withdrawn):
    """Neither an episode that nobody knows here, nor a statement that is still on its way; nor for one of two."""
    assert ask(host, new_id()) == []
    assert ask(host, withdrawn, sequence=SEQUENCE + 1) == []
    assert ask(host, withdrawn, new_id()) == []
    assert ask(host) == []


def test_facts_that_are_still_released_are_not_answered(host):
    """A question can never be what withholds them."""
    assert ask(host, host.release().contribution_id) == []


def test_a_yes_that_came_since_is_said(host, withdrawn):
    """Asked about the older statement."""
    host.release(contribution_id=withdrawn, recorded=-20)
    (told,) = ask(host, withdrawn, sequence=0)
    assert told.finding == "LATER_YES"


def test_a_seal_that_still_needs_them_is_waited_for(host):
    """Withdrawn after the seal's instant, asked before it is carried out: silence; afterwards, which period counted."""
    task = host.open_task(QUARTER)
    one = host.release(recorded=-120, referral_month="2026-08").contribution_id
    withheld = FactsWithheld(
        contribution_id=one, person_id=new_id(), referral_quarter=QUARTER, reason="WITHDRAWN", effective_at=AFTER,
        facts_recorded_at=ENDED, decided_recorded_at=AFTER,
    )  # fmt: skip
    received = Received(
        event=withheld, event_id=new_event_id(), sequence=2, stream_n=None, recorded_at=AFTER, sender=host.tenant
    )
    host._execute(lambda work: keep_withheld(received, work))
    question = new_id()
    assert ask(host, one, question=question, sequence=2) == []
    # Nor is it said of an earlier withdrawal, after which they had said yes again.
    assert ask(host, one, sequence=0) == []
    # As the seal leaves it.
    host.database["contributions"].update_one({"_id": one}, {"$pull": {"versions": {"sequence": 1}}})
    host.database["vectors"].insert_one({"_id": task, "counted": [{"contribution_id": one, "consent_event_id": "e"}]})
    (told,) = ask(host, one, question=question, sequence=2, asked=2)
    assert (told.finding, told.sealed_periods) == ("IN_NO_UNSEALED_VECTOR", (QUARTER,))
    assert host.database["outbox"].count_documents({"route": {"$ne": "local"}}) == 0
