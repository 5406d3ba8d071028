"""The reconciler: what the gate stated follows from ledger and facts, or is stated anew, counted, audited, alerted."""

import json
from pathlib import Path

import pytest
import yaml

from services.consent.gate.reconciler import DIFFERS, EQUAL, FIRST, Reconciler
from shared.contracts.marks import AUDITS
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer
from shared.outbox.committer import DatabaseAwayError
from shared.telemetry.metric_names import GATE_DIFFERENCES
from tests.kit.racing import DAY, ConsentPair

ALERTS = Path(__file__).parents[3] / "deploy" / "observability" / "alerts.yaml"


@pytest.fixture
def pair(engines):
    """Consent with words registered and nobody in it."""
    made = ConsentPair(engines)
    made.registers()()
    yield made
    made.close()


@pytest.fixture
def gauges(monkeypatch):
    """What the reconciler's gauge was set to."""
    seen = []

    class Seen:
        def set(self, value, **_labels):
            seen.append(value)

    monkeypatch.setattr("services.consent.gate.reconciler.gauge", lambda metric: {GATE_DIFFERENCES: Seen()}[metric])
    return seen


def reconcile(pair):
    return Reconciler.of(pair.committers[1]).run()


def audited(pair):
    bodies = [
        json.loads(event["body"]) for row in pair.database["outbox"].find() for event in row["events"]
        if event["type"] == AUDITS["consent"].event_type
    ]  # fmt: skip
    actions = [action for body in bodies for action in body["actions"]]
    return [(a["object_id"], a["outcome"]) for a in actions if a["action"] == "consent:gate:state-anew"]


def everybody(pair):
    """One survivor of every kind; gives them with what stands of each."""
    people = {new_id(): "UNKNOWN"}
    for decision, reason in (("GIVEN", "RELEASED"), ("REFUSED", "REFUSED"), ("DEFERRED", "DEFERRED")):
        survivor = new_id()
        pair.decides(survivor, decision)()
        people[survivor] = reason
    survivor = new_id()
    pair.decides(survivor)()
    pair.withdraws(survivor)()
    people[survivor] = "WITHDRAWN"
    survivor = new_id()
    pair.statement(survivor, wording_code="never-registered")()
    people[survivor] = "RECONFIRM_REQUIRED"
    for survivor in people:
        pair.facts(survivor)()
        pair.facts(survivor)()
    return people


def test_it_finds_nothing_where_all_is_well(pair, gauges):
    """Every kind of decision, two episodes each: all equal, nothing stated, the alert's number is 0."""
    people = everybody(pair)
    before = pair.database["outbox"].count_documents({})
    assert reconcile(pair) == {EQUAL: 2 * len(people), DIFFERS: 0, FIRST: 0}
    assert pair.database["outbox"].count_documents({}) == before
    assert gauges == [0]


def test_a_year_that_passed_is_no_difference(pair, gauges):
    """The statement names its end, so the reconciler may run before the expiry job or after it."""
    survivor = new_id()
    pair.decides(survivor)()
    pair.facts(survivor)()
    pair.now += 366 * DAY
    assert reconcile(pair)[DIFFERS] == 0
    pair.expires(survivor)()
    assert reconcile(pair)[DIFFERS] == 0
    assert pair.stated(survivor) == ["EXPIRED"]


@pytest.mark.parametrize(
    ("wrong", "is_mended"),
    [
        ({"$set": {"stated.reason": None}}, "WITHDRAWN"),
        ({"$set": {"facts.excluded": True}}, "EXCLUDED_BY_CASEWORKER"),
        ({"$set": {"facts.recorded_in_error": True}}, "RECORDED_IN_ERROR"),
        ({"$set": {"facts.referral_month": "2026-01"}}, "WITHDRAWN"),
    ],
)
def test_a_difference_is_mended_counted_audited_and_alerted(pair, gauges, wrong, is_mended):
    """Whatever brought it about: one difference is one, and the next comparison finds nothing."""
    people = everybody(pair)
    survivor = next(who for who, reason in people.items() if reason == "WITHDRAWN")
    planted = pair.database["episodes"].find_one({"survivor_id": survivor})
    pair.database["episodes"].update_one({"_id": planted["_id"]}, wrong)
    assert reconcile(pair)[DIFFERS] == 1
    assert is_mended in pair.stated(survivor)
    assert audited(pair) == [(planted["contribution_id"], DIFFERS)]
    assert reconcile(pair)[DIFFERS] == 0
    assert gauges == [1, 0]
    rules = {rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]}
    assert rules["ConsentDiffers"]["expr"] == "max by (alongside_tenant) (alongside_consent_gate_differences) > 0"


def test_a_decision_that_was_lost_is_found(pair, gauges):
    """A ledger that says withdrawn beside a statement that releases, as the lost decisions of old left them."""
    survivor = new_id()
    pair.decides(survivor)()
    pair.facts(survivor)()
    episode = pair.database["episodes"].find_one({"survivor_id": survivor})
    pair.withdraws(survivor)()
    pair.database["episodes"].replace_one({"_id": episode["_id"]}, episode)
    pair.database["outbox"].delete_many(
        {"events.sequence": {"$gt": episode["gate_version"]}, "events.subject": episode["contribution_id"]}
    )
    assert pair.stated(survivor) == ["RELEASED"]
    assert reconcile(pair)[DIFFERS] == 1
    assert pair.stated(survivor) == ["WITHDRAWN"]


def test_what_an_older_version_stated_is_stated_once_more_and_raises_no_alarm(pair, gauges):
    """Episodes of a version that kept no copy, or of an older process of a rolling upgrade."""
    first, second = new_id(), new_id()
    for survivor in (first, second):
        pair.facts(survivor)()
    pair.database["episodes"].update_one({"survivor_id": first}, {"$unset": {"stated": ""}})
    pair.database["episodes"].update_one({"survivor_id": second}, {"$inc": {"gate_version": 1}})
    assert reconcile(pair) == {EQUAL: 0, DIFFERS: 0, FIRST: 2}
    assert reconcile(pair) == {EQUAL: 2, DIFFERS: 0, FIRST: 0}
    assert gauges == [0, 0]


def test_more_than_one_chunk_is_compared(pair, gauges, monkeypatch):
    """Chunk after chunk, each episode once."""
    monkeypatch.setattr("services.consent.gate.reconciler.CHUNK", 4)
    people = [new_id() for _ in range(9)]
    pair.hears(*[pair.facts_event(survivor) for survivor in people])()
    assert reconcile(pair)[EQUAL] == 9


@pytest.mark.parametrize("turned", [False, True], ids=["", "turned"])
def test_it_meets_a_decision_that_is_made_meanwhile(pair, turned):
    """Mending a difference and a withdrawal beside it: the withdrawal stands."""
    survivor = new_id()
    pair.decides(survivor)()
    pair.facts(survivor)()
    pair.database["episodes"].update_one({"survivor_id": survivor}, {"$set": {"stated.reason": "UNKNOWN"}})
    steps = (_comparing(pair), pair.withdraws(survivor))
    assert pair.interleave(*reversed(steps)) if turned else pair.interleave(*steps)
    assert pair.stated(survivor) == ["WITHDRAWN"]
    assert reconcile(pair)[DIFFERS] == 0


def _comparing(pair):
    from services.consent.gate.reconciler import _chunk

    return pair.command(lambda work: _chunk("", work), process=1)


def test_what_an_unfinished_run_mended_is_told_too(gauges):
    """The next run finds it mended: nobody would ever hear of it. Without a difference such a run says nothing."""

    def away_after(differs):
        answers = [Answer(status=200, ids={EQUAL: 0, DIFFERS: differs, FIRST: 0, "after": "x"})]

        def execute(_command):
            if not answers:
                raise DatabaseAwayError
            return answers.pop()

        return execute

    for differs in (1, 0):
        with pytest.raises(DatabaseAwayError):
            Reconciler(execute=away_after(differs)).run()
    assert gauges == [1]
