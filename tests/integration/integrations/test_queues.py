"""Queues of the host's own systems at a real broker: what comes in, what waits, and what a credential may not."""

import json
import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime

import amqp
import pytest

from deploy.provision import queues as making
from deploy.provision.queues import CONNECTIONS, EventQueues, remove_integrators
from services.integrations.queues.commands import MOST_QUEUES
from services.integrations.queues.publishing import Queueing
from services.integrations.store.documents import EVENTS, POSITIONS
from shared.bus.connection import CONNECTION_ERRORS, close, drop, open_connection
from shared.bus.names import INTEGRATORS, integrator_queue, integrator_user, working_queue
from shared.bus.provisioner import BrokerAdmin
from shared.bus.queue_arguments import for_integrators
from shared.contracts.case import EpisodeOpened
from shared.contracts.consent import ConsentStatusChanged
from shared.contracts.identity import StaffChanged
from shared.kernel.ids import new_id

NOBODY = threading.Event()
KILLED = """
import os, signal, sys, threading
from services.integrations.queues.publishing import Queueing
from shared.kernel.tenancy import TenantId
from shared.runtime.context import open_context
Queueing._note = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
Queueing(open_context(TenantId(sys.argv[1]), "integrations", kind="job")).step(threading.Event())
"""


def opened():
    return EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES")


@pytest.fixture
def at_broker(engines, place):
    """The provisioner; no queue of another test."""
    for name in ("event_queues", "event_queue_roll"):
        place.database("integrations")[name].delete_many({})
    opened = EventQueues(engines.rabbit, place.tenant)
    for queue_id in opened.there():
        opened.remove(queue_id)
    yield opened
    opened.close()


@pytest.fixture
def queueing(context):
    """Looks again at once."""
    return Queueing(context, look_again_s=0.0)


def ask(place, role="HOST_ADMIN", **body):
    return place.post("/v1/event-queues", body, role)


def row(place, queue_id):
    return place.get(f"/v1/event-queues/{queue_id}", "HOST_ADMIN").json


def taken(credential, queue=None):
    """Take and acknowledge all that stands in a queue, as whoever has the credential."""
    connection = open_connection(credential.url)
    try:
        channel, found = connection.channel(), []
        while (message := channel.basic_get(queue or credential.queue)) is not None:
            found.append((message.properties["message_id"], json.loads(message.body)))
            channel.basic_ack(message.delivery_tag)
        return found
    finally:
        close(connection)


def once(found):
    """The positions in the order in which they came; what a slow broker confirmed too late comes again."""
    return list(dict.fromkeys(event["position"] for _, event in found))


def read_on(connection):
    """Read what the broker says; a sign of life or two may come before it closes."""
    for _ in range(4):
        connection.blocking_read(30)


def make(place, at_broker, **body):
    queue_id = ask(place, **body).json["id"]
    return queue_id, at_broker.make(queue_id)


class TestFilling:
    def test_what_happens_comes_in_once_in_order(self, place, at_broker, queueing, keep, store):
        """From the request on, as the CloudEvents that the feed shows; then nothing lags."""
        keep(opened())
        queue_id, credential = make(place, at_broker)
        positions = [keep(opened()) for _ in range(3)]
        assert row(place, queue_id)["lag"] == 3
        for _ in range(2):
            queueing.step(NOBODY)
        found = taken(credential)
        assert [event["position"] for _, event in found] == positions
        kept = {e.position: e for e in store.read(positions[0] - 1).events}
        assert [name for name, _ in found] == [kept[p].id.replace("/", "-") for p in positions]
        assert found[0][1]["data"] == dict(kept[positions[0]].data)
        stands = row(place, queue_id)
        assert (stands["lag"], stands["waits_for"], stands["skipped"]) == (0, None, 0)

    def test_it_gets_the_types_that_were_asked_for(self, place, at_broker, queueing, keep):
        """And goes on past the others."""
        queue_id, credential = make(place, at_broker, types=[StaffChanged.event_type])
        keep(opened())
        queueing.step(NOBODY)
        assert taken(credential) == []
        assert row(place, queue_id)["lag"] == 0

    def test_a_kill_between_confirm_and_cursor_loses_nothing(self, place, at_broker, queueing, keep):
        """What was confirmed comes once more, under the same id."""
        queue_id, credential = make(place, at_broker)
        positions = [keep(opened()) for _ in range(3)]
        done = subprocess.run([sys.executable, "-W", "ignore", "-c", KILLED, str(place.tenant)], env=os.environ, check=False, timeout=120)  # fmt: skip
        assert done.returncode == -signal.SIGKILL
        first = taken(credential)
        assert row(place, queue_id)["lag"] == 3
        queueing.step(NOBODY)
        assert [event["position"] for _, event in first] == positions
        assert taken(credential) == first
        assert row(place, queue_id)["lag"] == 0

    def test_who_went_on_meanwhile_is_not_set_back(self, place, at_broker, context, queueing, keep, monkeypatch):
        """Of two processes the one that got further is right; at worst something comes once more."""
        queue_id, credential = make(place, at_broker)
        positions, later = [keep(opened())], []
        other, publish = Queueing(context), queueing._publisher.publish

        def overtaken(messages):
            if not later:
                later.append(keep(opened()))
                other.step(NOBODY)
            publish(messages)

        monkeypatch.setattr(queueing._publisher, "publish", overtaken)
        queueing.step(NOBODY)
        assert row(place, queue_id)["lag"] == 0
        assert once(taken(credential)) == positions + later

    def test_one_that_is_removed_meanwhile_stays_removed(self, place, at_broker, queueing, keep, monkeypatch):
        """What was in hand brings it back to nobody."""
        queue_id, _ = make(place, at_broker)
        keep(opened())
        publish = queueing._publisher.publish

        def removed(messages):
            assert place.post(f"/v1/event-queues/{queue_id}/remove", {}, "HOST_ADMIN").status_code == 200
            publish(messages)

        monkeypatch.setattr(queueing._publisher, "publish", removed)
        queueing.step(NOBODY)
        assert place.get("/v1/event-queues", "HOST_ADMIN").json["items"] == []

    def test_a_full_queue_waits_alone_and_loses_nothing(self, place, at_broker, queueing, keep, monkeypatch):
        """Its events stay in the store and show as lag; another queue goes on; with room again all come."""
        monkeypatch.setattr(making, "for_integrators", lambda: {**for_integrators(), "x-max-length": 3})
        full_id, full = make(place, at_broker)
        other_id, other = make(place, at_broker)
        got, others, positions = [], [], [keep(opened()) for _ in range(12)]
        queueing.step(NOBODY)
        stands = row(place, full_id)
        assert stands["waits_for"] == "FULL"
        assert 0 < stands["lag"] < 12
        monkeypatch.undo()
        at_broker.remove(other_id)
        other = at_broker.make(other_id)
        place.database("integrations")["event_queues"].update_one({"_id": other_id}, {"$set": {"position": positions[0] - 1}})  # fmt: skip
        queueing.step(NOBODY)
        others = taken(other)
        assert row(place, full_id)["waits_for"] == "FULL"
        assert once(others) == positions
        for _ in range(40):
            got += taken(full)
            if row(place, full_id)["lag"] == 0:
                break
            queueing.step(NOBODY)
        got += taken(full)
        assert once(got) == positions
        assert (row(place, full_id)["waits_for"], row(place, full_id)["skipped"]) == (None, 0)

    def test_it_waits_until_the_queue_is_made(self, place, at_broker, queueing, keep):
        """Nothing is lost to a queue that is only asked for."""
        queue_id = ask(place).json["id"]
        position = keep(opened())
        queueing.step(NOBODY)
        assert (row(place, queue_id)["waits_for"], row(place, queue_id)["lag"]) == ("NOT_MADE", 1)
        credential = at_broker.make(queue_id)
        queueing.step(NOBODY)
        assert [event["position"] for _, event in taken(credential)] == [position]
        assert row(place, queue_id)["waits_for"] is None

    def test_a_queue_that_nobody_foresaw_harms_no_other(self, place, at_broker, queueing, keep):
        """Whatever is wrong with the first of three, the others are filled, in that turn and the next."""
        made = [make(place, at_broker) for _ in range(3)]
        broken = min(queue_id for queue_id, _ in made)
        place.database("integrations")["event_queues"].update_one({"_id": broken}, {"$unset": {"position": 1}})
        for _ in range(2):
            position = keep(opened())
            assert queueing.step(NOBODY) == 3
            for queue_id, credential in made:
                assert [event["position"] for _, event in taken(credential)] == [position] * (queue_id != broken)

    def test_a_yes_never_waits_in_a_queue(self, place, at_broker, queueing, keep):
        """In its place stands its position, for which the feed is asked; a no comes whole."""
        _, credential = make(place, at_broker)
        about = {"survivor_id": new_id(), "purpose": "AGGREGATE_STATISTICS", "effective_at": datetime.now(UTC)}
        keep(ConsentStatusChanged(consent_id=new_id(), status="GIVEN", **about))
        keep(ConsentStatusChanged(consent_id=new_id(), status="WITHDRAWN", **about))
        queueing.step(NOBODY)
        (_, yes), (_, no) = taken(credential)
        assert yes["data"] == {"type": ConsentStatusChanged.event_type, "reason": "ASK_THE_FEED"}
        assert "subject" not in yes
        assert no["data"]["status"] == "WITHDRAWN"

    def test_what_became_too_old_is_counted(self, place, at_broker, queueing, keep):
        """A queue that nobody read for longer than the store keeps goes on, and says how much it missed."""
        queue_id, credential = make(place, at_broker)
        positions, database = [keep(opened()) for _ in range(3)], place.database("integrations")
        database[POSITIONS].update_one({"_id": "floor"}, {"$set": {"position": positions[1]}}, upsert=True)
        database[EVENTS].delete_many({"position": {"$lt": positions[1]}})
        for _ in range(2):
            queueing.step(NOBODY)
        assert [event["position"] for _, event in taken(credential)] == positions[1:]
        assert row(place, queue_id)["skipped"] == 1


class TestCredential:
    @pytest.mark.parametrize(
        "tried",
        [
            lambda channel, other: channel.basic_get(other),
            lambda channel, other: channel.queue_purge(other),
            lambda channel, _: channel.basic_get(working_queue("integrations", "case")),
            lambda channel, _: channel.queue_declare("of-its-own", durable=True),
            lambda channel, other: channel.queue_delete(other),
            lambda channel, other: channel.queue_bind(other, INTEGRATORS, "any"),
        ],
        ids=["get", "purge", "service", "declare", "delete", "bind"],
    )
    def test_it_may_only_read_its_own(self, place, at_broker, tried):
        """Another queue, a service's queue, and everything that changes something is refused."""
        _, credential = make(place, at_broker)
        other_id, _ = make(place, at_broker)
        connection = open_connection(credential.url)
        try:
            with pytest.raises(amqp.AccessRefused):
                tried(connection.channel(), integrator_queue(other_id))
        finally:
            close(connection)

    def test_it_may_not_publish(self, place, at_broker):
        """Nobody but the service puts anything into any queue, the default exchange's way neither."""
        _, credential = make(place, at_broker)
        for exchange in (INTEGRATORS, "case.events", ""):
            connection = open_connection(credential.url)
            try:
                channel = connection.channel()
                channel.confirm_select()
                with pytest.raises(amqp.AccessRefused):
                    channel.basic_publish_confirm(amqp.Message("{}"), exchange, credential.queue, confirm_timeout=30)
            finally:
                close(connection)

    def test_another_one_ends_the_one_before(self, place, at_broker, queueing, keep):
        """The password before opens nothing, and who is connected by it is cut off; what waits in the queue is kept."""
        queue_id, before = make(place, at_broker)
        keep(opened())
        queueing.step(NOBODY)
        held = open_connection(before.url)

        after = at_broker.make(queue_id)
        with pytest.raises(CONNECTION_ERRORS):
            taken(before)
        try:
            with pytest.raises((amqp.AMQPError, ConnectionError)):
                read_on(held)
        finally:
            drop(held)
        assert len(taken(after)) == 1

    def test_it_takes_few_places(self, place, at_broker):
        """Its connections are bounded, so that the host's own services keep theirs."""
        _, credential = make(place, at_broker)
        held = [open_connection(credential.url) for _ in range(CONNECTIONS)]
        try:
            with pytest.raises(CONNECTION_ERRORS):
                held.append(open_connection(credential.url))
        finally:
            for one in held:
                close(one)

    def test_removed_it_is_gone(self, engines, place, at_broker):
        """Queue and user; and every user of a host's own systems goes with the host."""
        queue_id, credential = make(place, at_broker)
        kept_id, _ = make(place, at_broker)
        at_broker.remove(queue_id)
        at_broker.remove(queue_id)
        with pytest.raises(CONNECTION_ERRORS):
            taken(credential)
        assert at_broker.there() == [kept_id]
        broker = BrokerAdmin(engines.rabbit.management_url, *engines.rabbit.admin_credentials())
        try:
            remove_integrators(broker, place.tenant)
            left = {one["name"] for one in broker.management.get("users")}
        finally:
            broker.close()
        assert not {one for one in left if one.startswith(integrator_user(place.tenant, ""))}
        assert f"{place.tenant}.integrations" in left


class TestAsking:
    @pytest.mark.parametrize("role", ["SUPERVISOR", "HOST_DPO", "HOST_DATA_LEAD", "IMSA"])
    def test_only_an_administrator_asks_and_removes(self, place, at_broker, role):
        """The data protection officer looks."""
        queue_id = ask(place).json["id"]
        assert ask(place, role).status_code == 404
        assert place.post(f"/v1/event-queues/{queue_id}/remove", {}, role).status_code == 404
        assert place.get("/v1/event-queues", role).status_code == (200 if role == "HOST_DPO" else 404)

    @pytest.mark.parametrize(
        "body", [{"types": []}, {"types": ["alongside.case.secret.v1"]}, {"types": "all"}, {"x": 1}]
    )
    def test_what_is_not_understood_is_refused(self, place, at_broker, body):
        """And nothing is noted."""
        assert ask(place, **body).status_code in (400, 422)
        assert place.get("/v1/event-queues", "HOST_ADMIN").json["items"] == []

    def test_there_are_so_many_at_most(self, place, at_broker):
        """One that is removed makes room."""
        ids = [ask(place).json["id"] for _ in range(MOST_QUEUES)]
        assert ask(place).status_code == 409
        assert place.post(f"/v1/event-queues/{ids[0]}/remove", {}, "HOST_ADMIN").status_code == 200
        assert ask(place).status_code == 201
        assert place.get(f"/v1/event-queues/{ids[0]}", "HOST_ADMIN").status_code == 404
        assert place.audited("integrations", action="integrations:queue:remove", object_id=ids[0])
