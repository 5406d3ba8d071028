"""Every pair of consent's transactions that read what the other writes: whichever commits first, nothing is lost.

The pairs are those of docs/explanation/serialising.md. One of the two has read everything and pauses inside its
transaction while the other begins and commits; so a line that is missing fails here each time, not at times.
"""

import contextlib
import threading

import msgspec
import pytest

from services.consent.ledger.errors import NothingToWithdrawError
from services.consent.ledger.people import PersonStore
from shared.kernel.ids import new_id
from tests.kit.racing import DAY, ConsentPair, until_taken

RELEASED = "RELEASED"


@pytest.fixture(scope="module")
def pair(engines):
    """Consent with two processes; each test has its own survivor."""
    made = ConsentPair(engines)
    made.registers()()
    yield made
    made.close()


@pytest.fixture
def survivor(pair):
    """Somebody of whom consent knows nothing yet."""
    pair.broker.published.clear()
    yield new_id()
    assert pair.broker.published == []  # Nothing was parked, and no rung of the retry ladder was needed.


def yes(pair, survivor):
    pair.decides(survivor)()


def an_episode(pair, survivor, _code=None):
    pair.facts(survivor)()


def both(*steps):
    def carry_out(*arguments):
        for step in steps:
            step(*arguments)

    return carry_out


def waits_for_words(pair, survivor, code):
    pair.statement(survivor, wording_code=code)()


def first_facts(pair, survivor):
    return pair.facts(survivor)


def gives(pair, survivor):
    return pair.decides(survivor)


def refuses(pair, survivor):
    return pair.decides(survivor, "REFUSED")


def withdraws(pair, survivor):
    return pair.withdraws(survivor)


def is_found_invalid(pair, survivor):
    return pair.decides(survivor, "INVALIDATED", said_at=pair.now - 5 * DAY)


def a_file_says(stated):
    def says(pair, survivor):
        return pair.statement(survivor, stated)

    says.__name__ = f"a_file_says_{stated.lower()}"
    return says


PAIRS = [
    (None, first_facts, gives, [RELEASED]),
    (None, first_facts, refuses, ["REFUSED"]),
    (yes, first_facts, withdraws, ["WITHDRAWN"]),
    (yes, first_facts, is_found_invalid, ["INVALIDATED"]),
    (both(yes, an_episode), first_facts, withdraws, ["WITHDRAWN", "WITHDRAWN"]),
    (None, first_facts, a_file_says("GIVEN"), [RELEASED]),
    (yes, first_facts, a_file_says("WITHDRAWN"), ["WITHDRAWN"]),
    (yes, first_facts, a_file_says("REFUSED"), ["REFUSED"]),
    (None, first_facts, first_facts, ["UNKNOWN", "UNKNOWN"]),
    (both(yes, an_episode), a_file_says("WITHDRAWN"), withdraws, ["WITHDRAWN"]),
    (an_episode, a_file_says("WITHDRAWN"), a_file_says("GIVEN"), ["WITHDRAWN"]),
]


def _named(pairs):
    return [pytest.param(*one, id=f"{one[1].__name__}-{one[2].__name__}-{n}") for n, one in enumerate(pairs)]


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(("before", "one", "other", "stated"), _named(PAIRS))
def test_neither_of_two_is_lost(pair, survivor, before, one, other, stated, turned):
    """What the gate said last follows from both, whichever of them read first and committed last."""
    if before is not None:
        before(pair, survivor)
    first, second = (other, one) if turned else (one, other)
    # Where the file's no came first, the second one is told that it stands.
    with contextlib.suppress(NothingToWithdrawError):
        assert pair.interleave(first(pair, survivor), second(pair, survivor))
    assert sorted(pair.stated(survivor)) == sorted(stated)


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(
    ("before", "act", "stated"),
    [
        (an_episode, lambda pair, survivor, code: pair.statement(survivor, wording_code=code), [RELEASED]),
        (waits_for_words, lambda pair, survivor, code: pair.facts(survivor), [RELEASED]),
        (both(an_episode, waits_for_words), lambda pair, survivor, code: pair.withdraws(survivor), ["WITHDRAWN"]),
        (
            both(an_episode, waits_for_words),
            lambda pair, survivor, code: pair.statement(survivor, "WITHDRAWN", wording_code=code),
            ["WITHDRAWN"],
        ),
        (
            both(an_episode, waits_for_words),
            lambda pair, survivor, code: pair.decides(survivor, "REFUSED"),
            ["REFUSED"],
        ),
    ],
    ids=["statement", "facts", "withdrawal", "a file's withdrawal", "refusal"],
)
def test_words_that_are_registered_meet_whoever_comes_meanwhile(pair, survivor, before, act, stated, turned):
    """A yes that waits becomes one, a withdrawal beside it stands, whichever commits first."""
    code = f"w-{survivor[:8]}"
    before(pair, survivor, code)
    steps = (pair.registers(code), act(pair, survivor, code))
    assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    assert pair.stated(survivor) == stated


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(
    ("act", "stated"),
    [(gives, [RELEASED]), (withdraws, ["WITHDRAWN"]), (first_facts, ["EXPIRED", "EXPIRED"])],
    ids=["renewal", "withdrawal", "facts"],
)
def test_a_year_that_passes_meets_whoever_comes_meanwhile(pair, survivor, act, stated, turned):
    """A renewal or a withdrawal beside the job that notes the end of the year is not lost to it."""
    an_episode(pair, survivor)
    pair.decides(survivor, said_at=pair.now - 364 * DAY)()
    pair.now += 2 * DAY
    steps = (pair.expires(survivor), act(pair, survivor))
    assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    assert pair.stated(survivor) == stated


def test_a_year_that_has_not_passed_is_not_noted(pair, survivor):
    """The job may look early, by a list read a moment ago: whoever renewed meanwhile, or has a day left, stays in."""
    an_episode(pair, survivor)
    pair.decides(survivor, said_at=pair.now - 364 * DAY)()
    pair.expires(survivor)()
    assert (pair.status(survivor), pair.stated(survivor)) == ("GIVEN", ["RELEASED"])
    pair.now += DAY
    pair.expires(survivor)()
    assert (pair.status(survivor), pair.stated(survivor)) == ("EXPIRED", ["EXPIRED"])


def test_two_advocates_of_one_survivor_are_both_kept(pair, survivor):
    """Two episodes are opened at once: each process reads the set before the other has added to it."""
    one, other = sorted((new_id(), new_id()))
    assert pair.interleave(pair.opened(survivor, one), pair.opened(survivor, other))
    kept = pair.database["people"].find_one({"_id": f"advocate:{survivor}"})
    assert kept["advocate_ids"] == [one, other]


def test_two_episodes_of_one_survivor_are_one_person(pair, survivor):
    """The random id of a person is drawn once, though both processes found none."""
    assert pair.interleave(pair.facts(survivor), pair.facts(survivor))
    sent = {
        event["body"]
        for row in pair.database["outbox"].find()
        for event in row["events"]
        if event["subject"] in {e["contribution_id"] for e in pair.database["episodes"].find({"survivor_id": survivor})}
    }
    assert len({msgspec.json.decode(body)["person_id"] for body in sent}) == 1


@pytest.mark.parametrize(
    ("one", "other", "stated"), [(first_facts, gives, RELEASED), (first_facts, refuses, "REFUSED")]
)
def test_without_the_survivors_turn_the_decision_is_lost(pair, survivor, monkeypatch, one, other, stated):
    """Twin: take the common document away and the very same two transactions lose the decision, each time."""
    monkeypatch.setattr(PersonStore, "take_turn", lambda _self, _survivor_id: None)
    pair.interleave(one(pair, survivor), other(pair, survivor))
    assert pair.stated(survivor) == ["UNKNOWN"] != [stated]


def test_people_who_decide_while_their_first_facts_arrive(pair, eventually):
    """Forty people on three threads, with nothing arranged: every one stands as they decided."""
    people = [new_id() for _ in range(40)]
    yeses, noes = people[::2], people[1::2]
    for survivor in noes:
        yes(pair, survivor)
    starts = threading.Barrier(3)

    def in_step(acts):
        starts.wait()
        for act in acts:
            until_taken(act)

    threads = [
        threading.Thread(target=in_step, args=([pair.facts(survivor) for survivor in people],)),
        threading.Thread(target=in_step, args=([pair.decides(survivor) for survivor in yeses],)),
        threading.Thread(target=in_step, args=([pair.withdraws(survivor) for survivor in noes],)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [pair.stated(survivor) for survivor in yeses] == [[RELEASED]] * len(yeses)
    assert [pair.stated(survivor) for survivor in noes] == [["WITHDRAWN"]] * len(noes)
