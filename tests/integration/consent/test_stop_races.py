"""A stop of everything meets whatever else writes of that person: in either order nobody stays counted.

As in test_consent_races.py one of the two has read everything and pauses inside its transaction while the other begins
and commits, so that a line that is missing fails each time.
"""

import contextlib
from datetime import timedelta

import pytest

from services.consent.again.views import AskingViews
from services.consent.ledger.errors import NothingToWithdrawError
from services.consent.stops.commands import LiftStop, StopEverything, lift_stop, stop_everything
from services.consent.stops.errors import EverythingStoppedError, StopNotDoneError
from services.consent.timers.views import TalkViews
from shared.kernel.errors import RuleViolationError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.web.listing import PageRequest
from tests.kit.racing import DAY, ConsentPair

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
    yield new_id()
    assert pair.broker.published == []  # Nothing was parked, and no rung of the retry ladder was needed.


def stops(pair, survivor, process=1):
    command = StopEverything(stop_id=new_id(), survivor_id=survivor, actor_id="s", role="SUPERVISOR")
    return pair.command(lambda work: stop_everything(command, work), process=process)


def stops_elsewhere(pair, survivor):
    return stops(pair, survivor, process=0)


def standing(pair, survivor):
    return pair.database["stops"].find_one({"survivor_id": survivor, "state": "OPEN"})


def lifts(pair, survivor):
    command = LiftStop(
        stop_id=standing(pair, survivor)["_id"], survivor_id=survivor, why="WANTS_TO_BE_ASKED", actor_id="s"
    )
    return pair.command(lambda work: lift_stop(command, work), process=1)


def yes(pair, survivor):
    pair.decides(survivor)()


def nothing(pair, survivor):
    pass


def waits_for_words(pair, survivor):
    pair.statement(survivor, wording_code=f"w-{survivor[:8]}")()


def gives(pair, survivor):
    return pair.decides(survivor)


def renews(pair, survivor):
    return pair.decides(survivor, "RENEWED")


def withdraws(pair, survivor):
    return pair.withdraws(survivor)


def a_file_says_yes(pair, survivor):
    return pair.statement(survivor)


def words_are_registered(pair, survivor):
    return pair.registers(f"w-{survivor[:8]}", committer=pair.committers[0])


def facts_come(pair, survivor):
    return pair.facts(survivor)


PAIRS = [
    (nothing, gives),
    (yes, renews),
    (yes, withdraws),
    (nothing, a_file_says_yes),
    (waits_for_words, words_are_registered),
    (yes, facts_come),
    (yes, stops_elsewhere),
]


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
@pytest.mark.parametrize(("before", "other"), PAIRS, ids=lambda act: act.__name__)
def test_nobody_stays_counted(pair, survivor, before, other, turned):
    """Ended by it, or refused; and however often it was said, it stands once."""
    pair.facts(survivor)()
    before(pair, survivor)
    first, second = (other, stops) if turned else (stops, other)
    with contextlib.suppress(EverythingStoppedError, NothingToWithdrawError):
        assert pair.interleave(first(pair, survivor), second(pair, survivor))
    assert RELEASED not in pair.stated(survivor)
    assert pair.status(survivor) in (None, "WITHDRAWN")
    assert pair.database["stops"].count_documents({"survivor_id": survivor, "state": "OPEN"}) == 1


@pytest.mark.parametrize("broken", ["consents", "episodes"])
def test_what_cannot_be_read_counts_as_a_no(pair, survivor, broken):
    """The permission is listed and not lifted; whatever else was released of them is withheld, and stays so."""
    yes(pair, survivor)
    pair.facts(survivor)()
    pair.facts(survivor)()
    assert pair.stated(survivor) == [RELEASED, RELEASED]
    field = {"consents": "entries", "episodes": "facts"}[broken]
    whole = pair.database[broken].find_one({"survivor_id": survivor})
    pair.database[broken].update_one({"_id": whole["_id"]}, {"$set": {field: "unreadable"}})
    stops(pair, survivor)()
    expected = {"consents": ["WITHDRAWN", "WITHDRAWN"], "episodes": [RELEASED, "WITHDRAWN"]}[broken]
    assert sorted(pair.stated(survivor)) == expected
    assert len(standing(pair, survivor)["waiting"]) == 1
    with pytest.raises(StopNotDoneError):
        lifts(pair, survivor)()
    if broken == "episodes":
        # The ledger still says yes, and yet nothing that comes now is counted.
        pair.facts(survivor)()
        assert sorted(pair.stated(survivor)) == [RELEASED, "WITHDRAWN", "WITHDRAWN"]
    pair.database[broken].update_one({"_id": whole["_id"]}, {"$set": {field: whole[field]}})
    stops(pair, survivor)()
    assert set(pair.stated(survivor)) == {"WITHDRAWN"}
    assert lifts(pair, survivor)().status == 200


@pytest.mark.parametrize("brings", [gives, a_file_says_yes, words_are_registered])
def test_a_yes_of_before_counts_no_more_after_it_was_lifted(pair, survivor, brings):
    """Each permission is asked for anew, also one that nobody had written down when everything was stopped."""
    pair.facts(survivor)()
    stops(pair, survivor)()
    lifts(pair, survivor)()
    if brings is words_are_registered:
        waits_for_words(pair, survivor)
    act = pair.decides(survivor, said_at=pair.now - DAY) if brings is gives else brings(pair, survivor)
    with contextlib.suppress(EverythingStoppedError):
        act()
    assert RELEASED not in pair.stated(survivor)
    pair.now += timedelta(minutes=1)
    yes(pair, survivor)
    assert pair.stated(survivor) == [RELEASED]


def test_nobody_is_told_to_ask_them(pair, survivor):
    """Neither whose year has passed nor who could not decide, until somebody has spoken with them."""
    wanted, who = PageRequest(), Principal(actor_id="s", role="SUPERVISOR", tenant_id=pair.tenant, organisation_id="o")
    yes(pair, survivor)
    pair.decides(survivor, "CAPACITY_NOT_ESTABLISHED", purpose="ACADEMIC_RESEARCH")()
    pair.now += 400 * DAY
    pair.expires(survivor)()

    def asked():
        pages = (
            AskingViews(pair.database).again(wanted, pair.now),
            TalkViews(pair.database).due(who, wanted, pair.now),
        )
        return [sum(row["survivor_id"] == survivor for row in page.items) for page in pages]

    assert asked() == [1, 1]
    stops(pair, survivor)()
    assert asked() == [0, 0]
    lifts(pair, survivor)()
    assert asked() == [1, 1]


def test_what_is_refused_says_what_comes_first(pair, survivor):
    """Also whoever asks them anew is told."""
    stops(pair, survivor)()
    for decision in ("GIVEN", "REQUESTED"):
        with pytest.raises(RuleViolationError, match="before a supervisor has spoken with them"):
            pair.decides(survivor, decision)()
    pair.decides(survivor, "REFUSED")()
    assert pair.status(survivor) == "REFUSED"
