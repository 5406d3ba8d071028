"""Consent beside a restriction: nothing is released while one holds, in whichever order its news and a yes come."""

import pytest

from shared.contracts.restriction import ProcessingRestricted, RestrictionLifted
from shared.kernel.ids import new_id
from tests.kit.racing import DAY, ConsentPair

pytestmark = pytest.mark.integration


@pytest.fixture
def pair(engines):
    """Consent with words registered and nobody in it."""
    made = ConsentPair(engines)
    made.registers()()
    yield made
    made.close()


@pytest.fixture
def survivor(pair):
    """Somebody with an episode."""
    survivor = new_id()
    pair.facts(survivor)()
    return survivor


@pytest.mark.parametrize("hears_first", [True, False])
def test_a_yes_beside_a_restriction_is_never_released(pair, survivor, hears_first):
    """Both take the person's turn; the yes stands in the ledger and counts once it is lifted."""
    yes, restricted = pair.decides(survivor), pair.hears(ProcessingRestricted(survivor_id=survivor))
    first, second = (restricted, yes) if hears_first else (yes, restricted)
    assert pair.interleave(first, second)
    assert (pair.stated(survivor), pair.status(survivor)) == (["RESTRICTED"], "GIVEN")
    pair.now += DAY
    pair.hears(RestrictionLifted(survivor_id=survivor))()
    assert pair.stated(survivor) == ["RELEASED"]
    stated = pair.database["episodes"].find_one({"survivor_id": survivor})["stated"]
    assert stated["decided_recorded_at"] == pair.now


def test_facts_beside_a_restriction_are_never_released(pair, survivor):
    """Of an episode that begins at that moment too."""
    pair.decides(survivor)()
    assert pair.interleave(pair.facts(survivor), pair.hears(ProcessingRestricted(survivor_id=survivor)))
    assert pair.stated(survivor) == ["RESTRICTED", "RESTRICTED"]


def test_of_two_that_come_in_the_wrong_order_the_newer_counts(pair, survivor):
    """That one was lifted is not undone by the news, late, that it began."""
    pair.decides(survivor)()
    began, lifted = ProcessingRestricted(survivor_id=survivor), RestrictionLifted(survivor_id=survivor)
    pair._sequences[survivor] = 7
    pair.hears(lifted)()
    pair._sequences[survivor] = 3
    pair.hears(began)()
    assert pair.stated(survivor) == ["RELEASED"]


def test_a_no_stands_before_it(pair, survivor):
    """And after it was lifted."""
    pair.decides(survivor)()
    pair.hears(ProcessingRestricted(survivor_id=survivor))()
    pair.withdraws(survivor)()
    assert pair.stated(survivor) == ["WITHDRAWN"]
    pair.hears(RestrictionLifted(survivor_id=survivor))()
    assert pair.stated(survivor) == ["WITHDRAWN"]
