"""Registering words: everybody who waited is weighed again, by the hundred, also past the transaction's limit."""

import pytest
from pymongo import MongoClient
from pymongo.monitoring import CommandListener

from services.consent.ledger.documents import CHUNK, lines_of
from services.consent.ledger.jobs import expire_all
from services.consent.ledger.views import LedgerViews
from services.consent.wordings.jobs import weigh_all
from services.consent.wordings.views import WordingViews
from shared.kernel.ids import new_id
from shared.outbox.committer import Committer
from shared.runtime.steps import Steps
from tests.kit.racing import DAY, PURPOSE, START, ConsentPair


class Counting(CommandListener):
    """Counts what is asked of the database."""

    def __init__(self):
        self.asked = 0

    def started(self, event):
        self.asked += event.command_name in ("find", "aggregate", "insert", "update", "delete", "getMore")

    def succeeded(self, event):
        pass

    def failed(self, event):
        pass


@pytest.fixture
def pair(engines):
    made = ConsentPair(engines)
    yield made
    made.close()


def many(pair, how_many, code):
    """People whose imported yes waits for these words; each has an episode."""
    people = [new_id() for _ in range(how_many)]
    pair.hears(*[pair.facts_event(survivor) for survivor in people])()
    for start in range(0, how_many, 50):
        pair.hears(*[pair.statement_event(survivor, wording_code=code) for survivor in people[start : start + 50]])()
    return people


def steps_of(pair, committer=None):
    execute = (committer or pair.committers[1]).execute
    return Steps(execute=execute), WordingViews(pair.database)


def test_a_chunk_costs_a_handful_of_queries(pair, engines):
    """Five or fifty people: the same number of queries, not one a person."""
    asked = []
    for how_many, code in ((5, "w-few"), (50, "w-many")):
        many(pair, how_many, code)
        counting = Counting()
        client = MongoClient(engines.mongod.admin_uri(), tz_aware=True, event_listeners=[counting])
        committer = Committer(
            client=client, database=pair.database.name, tenant_id=pair.tenant, service="consent", now=pair.clock.now
        )
        pair.committers.append(committer)
        pair.registers(code, committer=committer)()
        asked.append(counting.asked)
    assert asked[0] == asked[1] < 20


def test_more_people_than_a_chunk_are_weighed_by_the_job(pair):
    """The command weighs the first hundred; the job goes on from there, and says when nobody is left."""
    people = many(pair, CHUNK + 30, "w-all")
    pair.registers("w-all")()
    assert pair.released() == CHUNK
    steps, views = steps_of(pair)
    assert views.being_weighed() == ["w-all"]
    weigh_all(steps, views.being_weighed)
    assert pair.released() == len(people)
    assert views.being_weighed() == []


def test_whose_yes_is_effective_is_not_weighed_again(pair, monkeypatch):
    """A second text of the same words is none of those who have said yes to the first: nothing of theirs is written."""
    monkeypatch.setattr("services.consent.ledger.documents.CHUNK", 5)
    monkeypatch.setattr("services.consent.wordings.commands.CHUNK", 5)
    people = {"survivor_id": {"$in": many(pair, 5, "w-again")}}
    pair.registers("w-again")()
    steps, views = steps_of(pair)
    weigh_all(steps, views.being_weighed)
    before = list(pair.database["consents"].find(people))
    assert [document["status"] for document in before] == ["GIVEN"] * 5
    pair.registers("w-again", text="Other words.")()
    assert views.being_weighed() == []
    assert list(pair.database["consents"].find(people)) == before


def test_a_job_that_is_cut_off_goes_on_where_it_stood(pair, monkeypatch):
    """Each chunk is its own transaction; a failure in the third keeps the first two, and the next run does the rest."""
    monkeypatch.setattr("services.consent.ledger.documents.CHUNK", 5)
    monkeypatch.setattr("services.consent.wordings.commands.CHUNK", 5)
    many(pair, 18, "w-cut")
    pair.registers("w-cut")()
    steps, views = steps_of(pair)
    failing = iter([False, True])

    def execute(command):
        if next(failing, False):
            raise RuntimeError
        return pair.committers[1].execute(command)

    weigh_all(Steps(execute=execute), views.being_weighed)
    assert pair.released() == 10
    weigh_all(steps, views.being_weighed)
    assert pair.released() == 18


def test_words_registered_later_never_bring_back_somebody_who_said_no(pair):
    """Between the file and the registration one withdraws, one refuses, one is found not valid, a file withdraws one."""
    people = many(pair, 5, "w-no")
    pair.withdraws(people[0])()
    pair.decides(people[1], "REFUSED")()
    pair.decides(people[2], "INVALIDATED", said_at=pair.now - 30 * DAY)()
    pair.statement(people[3], "WITHDRAWN", wording_code="w-no")()
    pair.registers("w-no")()
    steps, views = steps_of(pair)
    weigh_all(steps, views.being_weighed)
    stated = [pair.stated(survivor)[0] for survivor in people]
    assert stated == ["WITHDRAWN", "REFUSED", "INVALIDATED", "WITHDRAWN", "RELEASED"]


def test_the_ledger_names_the_text_and_its_recipients(pair):
    """Of one code with two texts it is the one registered last when it was said."""
    pair.registers("w-two")()
    first = pair.database["wordings"].find_one({"_id": "w-two"})["texts"][0]["hash"]
    early, late = new_id(), new_id()
    pair.now = START + DAY
    pair.decides(early, wording_code="w-two")()
    pair.now = START + 2 * DAY
    pair.registers("w-two", text="Other invented words.")()
    second = pair.database["wordings"].find_one({"_id": "w-two"})["texts"][1]["hash"]
    pair.decides(late, wording_code="w-two")()
    lines = [lines_of(pair.database["consents"].find_one({"survivor_id": s}))[-1] for s in (early, late)]
    assert [line["text_hash"] for line in lines] == [first, second]
    assert {line["recipient_class"] for line in lines} == {"PROJECT_BOARD"}
    assert first != second
    assert PURPOSE == "AGGREGATE_STATISTICS"


def test_an_older_process_still_reads_a_no_that_a_newer_one_wrote(pair):
    """A line of a no, and a registration, carry the names of the version before and no more."""
    survivor = new_id()
    _registered(pair)
    pair.decides(survivor, "REFUSED")()
    (line,) = pair.database["consents"].find_one({"survivor_id": survivor})["entries"]
    assert set(line) == {
        "status", "said_at", "recorded_at", "actor_id", "source", "wording_code", "language", "method",
        "setting_private", "witness_role", "superseded",
    }  # fmt: skip
    (registration,) = pair.database["wordings"].find_one({"_id": "w1"})["registrations"]
    assert set(registration) == {"code", "purpose", "recipient_class", "languages", "valid_from", "valid_to"}


def test_a_newer_process_reads_what_an_older_one_wrote(pair):
    """Without what stands beside them, the lines still say who decided what."""
    survivor = new_id()
    pair.decides(survivor, wording_code=_registered(pair))()
    pair.withdraws(survivor, said_at=START - DAY)()
    pair.database["consents"].update_one({"survivor_id": survivor}, {"$unset": {"entries_more": ""}})
    pair.facts(survivor)()
    assert pair.stated(survivor) == ["WITHDRAWN"]


def test_a_step_that_fails_stops_no_other(pair):
    """One broken ledger; the others whose year passed are noted all the same."""
    good, broken = new_id(), new_id()
    for survivor in (broken, good):
        pair.decides(survivor, wording_code=_registered(pair))()
        pair.facts(survivor)()
    pair.database["consents"].update_one({"survivor_id": broken}, {"$unset": {"entries": ""}, "$set": {"until": START}})
    pair.now += 400 * DAY
    steps, _ = steps_of(pair)
    expire_all(steps, LedgerViews(pair.database, pair.clock.now).run_out(pair.now))
    assert pair.stated(good) == ["EXPIRED"]


def _registered(pair):
    if pair.database["wordings"].find_one({"_id": "w1"}) is None:
        pair.registers()()
    return "w1"
