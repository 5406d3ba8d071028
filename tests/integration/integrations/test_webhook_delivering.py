"""Deliveries from the store to receivers on this machine: all of them, none after disable, and no harm by the dead."""

import json
import threading
import time
from datetime import datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from services.integrations.store.documents import POSITIONS
from services.integrations.store.keeping import append
from services.integrations.webhooks import deliveries as deliveries_module
from services.integrations.webhooks.dispatching import Dispatcher
from services.integrations.webhooks.posting import Poster
from shared.contracts.case import EpisodeOpened, SurvivorErased
from shared.contracts.identity import StaffChanged
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from tests.integration.integrations.conftest import received
from tests.kit.receivers import badly, receiver

NOBODY = threading.Event()


def opened(survivor_id=None):
    return EpisodeOpened(
        episode_id=new_id(), survivor_id=survivor_id or new_id(), advocate_id=None, nation_of_support="WALES"
    )


@pytest.fixture(autouse=True)
def alone(place):
    """No endpoint of another test."""
    for name in ("webhooks", "webhook_deliveries", "webhook_attempts", "webhook_roll"):
        place.database("integrations")[name].delete_many({})


class Clock:
    """Real time, moved by hand."""

    def __init__(self):
        self.ahead = timedelta()

    def __call__(self):
        return real_now() + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def dispatcher(context, clock):
    return Dispatcher(context, poster=Poster(whole_s=10.0), now=clock)


@pytest.fixture
def add(place):
    def add(port, **values):
        made = place.post("/v1/webhooks", {"url": f"http://127.0.0.1:{port}/in", **values}, "HOST_ADMIN")
        assert made.status_code == 201, made.json
        return made.json

    return add


def keep_many(context, events):
    def run(work):
        for event in events:
            append(received(event), work)
        return Answer(status=200)

    context.committer.execute(Command(run=run))


def rows(place, webhook_id, state=None):
    query = f"?limit=200&state={state}" if state else "?limit=200"
    found, page = [], place.get(f"/v1/webhooks/{webhook_id}/deliveries{query}", "HOST_ADMIN").json
    found += page["items"]
    while page["next"]:
        page = place.get(f"/v1/webhooks/{webhook_id}/deliveries{query}&after={page['next']}", "HOST_ADMIN").json
        found += page["items"]
    return found


def one(place, webhook_id):
    """What the API shows of it; a busy machine may ask to wait, and then one waits."""
    until = time.monotonic() + 60
    while (answer := place.get(f"/v1/webhooks/{webhook_id}", "HOST_ADMIN")).status_code == 503:
        assert time.monotonic() < until, answer.json
        time.sleep(0.2)
    assert answer.status_code == 200, answer.json
    return answer.json


def until_quiet(dispatcher, done, *, within_s=120):
    """Step as the part does until something is so."""
    until = time.monotonic() + within_s
    while not done():
        assert time.monotonic() < until
        dispatcher.step(NOBODY)
        dispatcher.finish()


class TestDelivering:
    def test_an_event_arrives_signed_and_thin(self, place, keep, add, dispatcher):
        """As the feed shows it, under the event's id, with a signature that the specification's library takes."""
        event = opened()
        with receiver() as (port, got):
            made = add(port)
            keep(event)
            until_quiet(dispatcher, lambda: got)
        headers, body = got[0]["headers"], got[0]["body"]
        assert Webhook(made["secret"]).verify(body, headers)["subject"] == event.episode_id
        (shown,) = place.get("/v1/events?limit=500&after=0", "HOST_ADMIN").json["items"][-1:]
        assert json.loads(body) == shown
        assert headers["content-type"] == "application/cloudevents+json"
        (row,) = rows(place, made["id"])
        assert (row["state"], row["attempts"], row["webhook_id"], row["last_status"]) == (
            "SENT",
            1,
            headers["webhook-id"],
            200,
        )
        (attempt,) = place.get(f"/v1/webhooks/{made['id']}/deliveries/{row['id']}/attempts", "HOST_ADMIN").json["items"]
        assert (attempt["status"], attempt["reason"]) == (200, "ANSWERED")
        assert one(place, made["id"])["succeeded_at"] is not None

    def test_it_begins_with_what_happens_after_it_was_added(self, place, keep, add, dispatcher):
        """And takes only its types."""
        keep(opened())
        with receiver() as (port, got):
            made = add(port, types=["alongside.identity.staff_changed.v1"])
            keep(opened())
            keep(StaffChanged(user_id=new_id(), roles=(), active=True))
            until_quiet(dispatcher, lambda: rows(place, made["id"], "SENT"))
        assert [json.loads(one["body"])["type"] for one in got] == ["alongside.identity.staff_changed.v1"]

    def test_they_come_in_order_while_all_succeed(self, context, add, dispatcher):
        """By position, one at a time."""
        with receiver() as (port, got):
            add(port)
            keep_many(context, [opened() for _ in range(25)])
            until_quiet(dispatcher, lambda: len(got) == 25)
        positions = [json.loads(one["body"])["position"] for one in got]
        assert positions == sorted(positions)

    def test_today_s_erasure_counts_when_it_is_sent(self, keep, add, dispatcher):
        """What was queued before somebody was erased goes out without what it was about."""
        survivor = new_id()
        with receiver() as (port, got):
            add(port)
            keep(opened(survivor))
            keep(SurvivorErased(survivor_id=survivor))
            until_quiet(dispatcher, lambda: len(got) == 2)
        first = json.loads(got[0]["body"])
        assert first["type"] == "alongside.integrations.left_out.v1"
        assert survivor not in got[0]["body"]

    def test_a_test_says_what_became_of_it(self, place, add, dispatcher):
        """It is signed as an event is, and bears no position."""
        with receiver() as (port, got):
            made = add(port)
            asked = place.post(f"/v1/webhooks/{made['id']}/test", {}, "HOST_ADMIN").json
            until_quiet(dispatcher, lambda: got)
        assert (
            Webhook(made["secret"]).verify(got[0]["body"], got[0]["headers"])["type"]
            == "alongside.integrations.webhook_test.v1"
        )
        (row,) = rows(place, made["id"])
        assert (row["id"], row["state"], row["position"]) == (asked["delivery_id"], "SENT", None)

    def test_both_keys_sign_in_the_overlap(self, place, keep, add, dispatcher, clock):
        """A receiver with either key takes it; after the overlap only the new one's."""
        with receiver() as (port, got):
            made = add(port)
            turned = place.post(f"/v1/webhooks/{made['id']}/rotate", {"overlap_hours": 1}, "HOST_ADMIN").json
            keep(opened())
            until_quiet(dispatcher, lambda: len(got) == 1)
            for secret in (made["secret"], turned["secret"]):
                assert Webhook(secret).verify(got[0]["body"], got[0]["headers"])
            clock.ahead = timedelta(hours=2)
            keep(opened())
            until_quiet(dispatcher, lambda: len(got) == 2)
        assert len(got[0]["headers"]["webhook-signature"].split(" ")) == 2
        assert len(got[1]["headers"]["webhook-signature"].split(" ")) == 1


class TestFailing:
    def test_it_is_tried_again_with_the_same_id_and_then_arrives(self, place, keep, add, dispatcher, clock):
        """After 5 seconds, then after 5 minutes; every attempt is on record."""
        answers = iter([500, 503])
        with receiver(lambda request: next(answers, 200)) as (port, got):
            made = add(port)
            keep(opened())
            until_quiet(dispatcher, lambda: len(got) == 1)
            dispatcher.step(NOBODY)
            dispatcher.finish()
            assert len(got) == 1
            clock.ahead += timedelta(seconds=10)
            until_quiet(dispatcher, lambda: len(got) == 2)
            assert one(place, made["id"])["failing_since"] is not None
            clock.ahead += timedelta(minutes=6)
            until_quiet(dispatcher, lambda: rows(place, made["id"], "SENT"))
        assert len({request["headers"]["webhook-id"] for request in got}) == 1
        (row,) = rows(place, made["id"])
        attempts = place.get(f"/v1/webhooks/{made['id']}/deliveries/{row['id']}/attempts", "HOST_ADMIN").json["items"]
        assert [attempt["status"] for attempt in attempts] == [200, 503, 500]
        assert one(place, made["id"])["failing_since"] is None

    def test_410_disables_and_what_follows_is_kept_as_not_sent(self, place, keep, add, dispatcher):
        """Nothing goes out any more; enabled again, the rest goes out only when somebody asks for it."""
        answers = iter([410])
        with receiver(lambda request: next(answers, 200)) as (port, got):
            made = add(port)
            keep(opened())
            until_quiet(dispatcher, lambda: one(place, made["id"])["status"] == "DISABLED")
            for _ in range(3):
                keep(opened())
            until_quiet(dispatcher, lambda: len(rows(place, made["id"], "NOT_SENT")) == 3)
            place.post(f"/v1/webhooks/{made['id']}/enable", {}, "HOST_ADMIN")
            keep(opened())
            until_quiet(dispatcher, lambda: len(rows(place, made["id"], "SENT")) == 1)
            assert (len(got), one(place, made["id"])["not_sent"]) == (2, 3)
            named = rows(place, made["id"], "NOT_SENT")[0]["id"]
            body = {"deliveries": [named]}
            assert place.post(f"/v1/webhooks/{made['id']}/resend", body, "HOST_ADMIN").json["queued"] == 1
            until_quiet(dispatcher, lambda: len(rows(place, made["id"], "SENT")) == 2)
            resent = place.post(f"/v1/webhooks/{made['id']}/resend", {"after": 0}, "HOST_ADMIN").json
            assert (resent["queued"], resent["next"]) == (3, None)
            until_quiet(dispatcher, lambda: len(rows(place, made["id"], "SENT")) == 5)
            since = {"since": "2026-01-01T00:00:00Z", "sent_too": True}
            assert place.post(f"/v1/webhooks/{made['id']}/resend", since, "HOST_ADMIN").json["queued"] == 5
            until_quiet(dispatcher, lambda: len(got) == 11)
        # What went out twice bears the same id, so that a receiver drops it.
        assert len({request["headers"]["webhook-id"] for request in got}) == 5

    def test_two_days_warn_and_five_disable(self, place, keep, add, dispatcher, clock):
        """Without another attempt in between."""
        with receiver(lambda request: 500) as (port, got):
            made = add(port)
            keep(opened())
            until_quiet(dispatcher, lambda: one(place, made["id"])["failing_since"])
            at = datetime.fromisoformat(one(place, made["id"])["failing_since"])
            assert datetime.fromisoformat(one(place, made["id"])["disables_at"]) == at + timedelta(days=5)
            clock.ahead = timedelta(days=2, minutes=1)
            dispatcher.step(NOBODY)
            assert (one(place, made["id"])["warned"], one(place, made["id"])["status"]) == (True, "ACTIVE")
            dispatcher.finish()
            clock.ahead = timedelta(days=5, minutes=1)
            dispatcher.step(NOBODY)
            assert (one(place, made["id"])["status"], one(place, made["id"])["disabled_for"]) == (
                "DISABLED",
                "FAILED_FOR_DAYS",
            )
            dispatcher.finish()
            before = len(got)
            clock.ahead = timedelta(days=9)
            dispatcher.step(NOBODY)
            dispatcher.finish()
            assert len(got) == before

    def test_an_event_that_is_no_longer_kept_is_given_up(self, place, context, keep, add, dispatcher, clock):
        """It says so, and what follows goes on."""
        with receiver(lambda request: 500 if len(seen) == 0 else 200) as (port, got):
            seen = got
            made = add(port)
            first = keep(opened())
            until_quiet(dispatcher, lambda: len(got) == 1)
            floor = {"position": first + 1, "tenant_id": str(place.tenant), "version": 1}
            place.database("integrations")[POSITIONS].update_one({"_id": "floor"}, {"$set": floor}, upsert=True)
            keep(opened())
            clock.ahead = timedelta(minutes=1)
            until_quiet(dispatcher, lambda: rows(place, made["id"], "GIVEN_UP") and rows(place, made["id"], "SENT"))
        assert rows(place, made["id"], "GIVEN_UP")[0]["reason"] == "TOO_OLD"

    def test_what_is_killed_with_some_in_hand_comes_again(self, place, context, add, dispatcher, clock):
        """After a minute, when nobody can still have them."""
        with receiver() as (port, got):
            made = add(port)
            keep_many(context, [opened() for _ in range(3)])
            dispatcher._delivering.queue(dispatcher._delivering.endpoints()[0], clock())
            assert len(dispatcher._delivering.take(made["id"], clock())) == 3
            other = Dispatcher(context, poster=Poster(whole_s=10.0), now=clock)
            other.step(NOBODY)
            other.finish()
            assert got == []
            clock.ahead = timedelta(seconds=61)
            until_quiet(other, lambda: len(got) == 3)

    def test_two_dispatchers_send_each_once(self, place, context, add, clock):
        """Side by side, as two processes are during an upgrade."""
        with receiver() as (port, got):
            made = add(port)
            keep_many(context, [opened() for _ in range(60)])
            both = [Dispatcher(context, poster=Poster(whole_s=10.0), now=clock) for _ in range(2)]
            until = time.monotonic() + 120
            while len(rows(place, made["id"], "SENT")) < 60:
                assert time.monotonic() < until
                for one_of in both:
                    one_of.step(NOBODY)
                for one_of in both:
                    one_of.finish()
        assert len(got) == 60
        assert len({request["headers"]["webhook-id"] for request in got}) == 60

    def test_a_removed_one_gets_nothing_more(self, place, keep, add, dispatcher):
        """Also where something of it waits."""
        with receiver(lambda request: 500) as (port, got):
            made = add(port)
            keep(opened())
            dispatcher._delivering.queue(dispatcher._delivering.endpoints()[0], real_now())
            place.post(f"/v1/webhooks/{made['id']}/remove", {}, "HOST_ADMIN")
            dispatcher.step(NOBODY)
            dispatcher.finish()
        assert got == []

    def test_the_queue_of_one_has_a_bound(self, place, context, add, dispatcher, monkeypatch):
        """What comes after it stays in the store, shows as lag, and is not lost."""
        monkeypatch.setattr(deliveries_module, "MOST_WAITING", 5)
        monkeypatch.setattr(deliveries_module, "CHUNK", 5)
        broken = [True]
        with receiver(lambda request: 500 if broken[0] else 200) as (port, _):
            made = add(port)
            keep_many(context, [opened() for _ in range(12)])
            dispatcher.step(NOBODY)
            dispatcher.finish()
            row = one(place, made["id"])
            assert (row["waiting"], row["lag"]) == (5, 7)
            broken[0] = False
            until_quiet(_ahead(dispatcher), lambda: len(rows(place, made["id"], "SENT")) == 12)
        assert one(place, made["id"])["lag"] == 0


def _ahead(dispatcher):
    dispatcher._now.ahead += timedelta(hours=1)
    return dispatcher


class TestDisabling:
    def test_none_after_disable(self, place, context, add, dispatcher):
        """At a random moment in the middle: after the command's answer at most the one in flight arrives, and none is lost."""
        with receiver() as (port, got):
            made = add(port)
            keep_many(context, [opened() for _ in range(40)])
            dispatcher.step(NOBODY)
            until = time.monotonic() + 60
            while len(got) < 5:
                assert time.monotonic() < until
                time.sleep(0.001)
            assert place.post(f"/v1/webhooks/{made['id']}/disable", {}, "HOST_ADMIN").status_code == 200
            at_answer = len(got)
            dispatcher.finish()
            for _ in range(3):
                dispatcher.step(NOBODY)
                dispatcher.finish()
            assert at_answer <= len(got) <= at_answer + 1
            sent, kept = rows(place, made["id"], "SENT"), rows(place, made["id"], "NOT_SENT")
        assert (len(sent), len(sent) + len(kept)) == (len(got), 40)

    def test_what_was_taken_in_hand_is_given_back(self, place, context, add, dispatcher, clock):
        """Disabled between taking and sending: nothing goes out."""
        with receiver() as (port, got):
            made = add(port)
            keep_many(context, [opened() for _ in range(3)])
            dispatcher._delivering.queue(dispatcher._delivering.endpoints()[0], clock())
            taken = dispatcher._delivering.take(made["id"], clock())
            place.post(f"/v1/webhooks/{made['id']}/disable", {}, "HOST_ADMIN")
            dispatcher._send_each(taken, lambda: False)
            assert dispatcher._delivering.take(made["id"], clock()) == []
        assert (got, len(rows(place, made["id"], "NOT_SENT"))) == ([], 3)


class TestTheDeadHarmNobody:
    def test_five_hundred_deliveries_with_a_third_of_the_endpoints_dead(self, place, context, add, dispatcher):
        """Each healthy endpoint gets every event once, while others hang, refuse and fail beside it."""

        def hangs(connection, ended):
            ended.wait(60)

        def drops(connection, ended):
            return

        with receiver() as (good, got), badly(hangs) as slow, badly(drops) as cut, receiver(lambda r: 500) as (bad, _):
            healthy = [add(good)["id"] for _ in range(7)]
            dead = [add(port)["id"] for port in (slow, cut, bad)]
            keep_many(context, [opened() for _ in range(50)])
            until = time.monotonic() + 240
            while not all(
                one(place, name)["succeeded_at"] and not one(place, name)["lag"] and not one(place, name)["waiting"]
                for name in healthy
            ):
                assert time.monotonic() < until
                dispatcher.step(NOBODY)
            for name in healthy:
                assert len(rows(place, name, "SENT")) == 50
            assert len(got) == 350
            # What the dead did not take is all there still.
            for name in dead:
                assert len(rows(place, name, "WAITING")) == 50
                place.post(f"/v1/webhooks/{name}/disable", {}, "HOST_ADMIN")
            assert dispatcher.finish()

    def test_one_that_cannot_be_looked_after_stops_no_other(self, place, keep, add, dispatcher, monkeypatch):
        """Its key does not open, or its document is broken; its neighbour is served."""
        with receiver() as (port, got):
            broken, whole = add(port)["id"], add(port)["id"]
            place.database("integrations")["webhooks"].update_one({"_id": broken}, {"$set": {"key": b"none"}})
            keep(opened())
            until_quiet(dispatcher, lambda: rows(place, whole, "SENT"))
            until_quiet(dispatcher, lambda: one(place, broken)["failing_since"])
        assert len(got) == 1
        assert rows(place, broken)[0]["reason"] == "KEY_NOT_OPENED"
