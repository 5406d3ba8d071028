"""The operator's view of parked messages: ids that never shift, looking that costs nothing, and a way out for all."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from deploy.stack import parked_rows, parking
from deploy.stack.parking import MoreParkedError, NotParkedError, ParkingLot, StillParkedError, TwoMessagesError
from shared.bus.connection import BrokerAwayError, close, open_connection
from shared.bus.names import PARKING, events_exchange
from shared.bus.publisher import Outgoing, Publisher
from shared.kernel.ids import new_id
from tests.kit.raw_messages import publish_raw, raw_envelope

pytestmark = [pytest.mark.timeout(120)]


def message(message_id, body=b"{}", **headers):
    properties = {"application_headers": headers} | ({"message_id": message_id} if message_id is not None else {})
    return SimpleNamespace(properties=properties, body=body, delivery_tag=1)


def ids(*messages):
    return [row["id"] for row in parked_rows.rows_of(("consent", one) for one in messages)]


class TestIds:
    def test_a_message_keeps_its_own_id(self):
        """What its sender called it, and what the logs call it."""
        assert ids(message("a"), message("b")) == ["a", "b"]

    @pytest.mark.parametrize("own", [None, "", "x" * 65, "with space", "line\nbreak", "has#sign", "ümlaut", 7])
    def test_without_an_id_that_can_be_typed_it_is_named_by_its_content(self, own):
        """The same whichever others stand beside it, and whatever was done with it meanwhile."""
        one = message(own, b"one", **{"x-reason": "first", "x-attempt": 1})
        again = message(own, b"one", **{"x-reason": "second", "x-attempt": 3})
        (shown,) = ids(one)
        assert shown.startswith("#")
        assert len(shown) == 13
        assert ids(message(own, b"two"), again)[1] == shown
        assert parked_rows.is_called(one, shown)
        assert not parked_rows.is_called(message(own, b"two"), shown)

    def test_two_of_one_id_are_told_apart_and_stay_so(self):
        """When one of them is gone, the other still answers to the name that it had."""
        true, forged = message("a", b"true"), message("a", b"forged")
        first, second = ids(true, forged)
        assert first != second
        assert (parked_rows.is_called(true, first), parked_rows.is_called(forged, first)) == (True, False)
        assert ids(forged) == ["a"]
        assert parked_rows.is_called(forged, second)


@pytest.fixture
def lot(rig):
    """The operator's lot of the rig's tenant, without a stack around it."""
    made = object.__new__(ParkingLot)
    made._tenant, made._topology = rig.tenant, rig.topology
    made._user, made._uri = f"{rig.tenant}.operator", rig.uri("operator")
    return made


@pytest.mark.integration
class TestLot:
    def test_looking_takes_nothing_away(self, rig, lot, eventually):
        """Also under a broker that drops what was looked at 20 times, as RabbitMQ 4 does by default."""
        rig.broker.management.put(
            f"policies/{rig.topology.vhost}/like-4",
            {"pattern": ".*", "definition": {"delivery-limit": 20}, "apply-to": "queues"},
        )
        rig.start(rig.consumer())
        publish_raw(rig, body=b"\xff not json")
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        rows = [lot.messages() for _ in range(25)]
        assert all(row == rows[0] and len(row) == 1 for row in rows)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=10)

    def test_an_unrouted_message_that_nobody_knows_can_be_given_up(self, rig, lot, eventually):
        """It leaves the queue; audit is told, as it is of each message that was given up."""
        publisher = Publisher(rig.uri("case"))
        envelope = raw_envelope(rig, headers={"ce-type": "alongside.case.unheard.v1"})
        envelope = type(envelope)(
            routing_key="alongside.case.unheard.v1",
            headers=envelope.headers,
            properties=envelope.properties,
            body=envelope.body,
        )
        publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=envelope)])
        publisher.close()
        eventually(lambda: rig.depth("unrouted") == 1, within_s=20)
        (row,) = lot.unrouted()
        assert (row["type"], row["service"], row["reason"]) == ("alongside.case.unheard.v1", "nobody", "unrouted")
        assert lot.hand_over_unrouted() == {"handed_over": 0, "left": 1}
        with pytest.raises(NotParkedError):
            lot.give_up_unrouted(new_id())
        lot.give_up_unrouted(row["id"])
        eventually(lambda: rig.depth("unrouted") == 0, within_s=20)
        told = [s.queue for s in rig.topology.subscriptions if s.service == "audit"]
        eventually(lambda: sum(rig.depth(queue) for queue in told) == 1, within_s=20)
        connection = open_connection(rig.uri("audit"))
        found = [m for q in told if (m := connection.channel().basic_get(q)) is not None]
        close(connection)
        assert found[0].properties["application_headers"]["x-discard"] is True
        assert found[0].properties["user_id"] == f"{rig.tenant}.operator"

    def test_what_is_handed_over_speaks_for_its_author_alone(self, rig, lot, eventually):
        """A service whose user states another's fact, and says that it came from there, is refused as it would be."""
        rig.start(rig.consumer())
        forged = raw_envelope(rig, headers={"x-origin-user": f"{rig.tenant}.case", "x-attempt": 0})
        envelope = replace(
            forged,
            routing_key="alongside.audit.unheard.v1",
            properties={**forged.properties, "user_id": f"{rig.tenant}.audit"},
        )
        publisher = Publisher(rig.uri("audit"))
        publisher.publish([Outgoing(exchange=events_exchange("audit"), envelope=envelope)])
        publisher.close()
        eventually(lambda: rig.depth("unrouted") == 1, within_s=20)
        lot.hand_over_unrouted()
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        assert [row["reason"] for row in lot.messages()] == ["forged-source"]
        assert rig.effects() == []

    def test_what_is_handed_over_takes_effect_whatever_its_author_says(self, rig, lot, eventually):
        """Only the operator gives a message up, by the command for it."""
        exchange = f"{rig.topology.vhost}/e/{events_exchange('case')}"
        # Whoever else hears of it is cut off too, so that no queue takes it.
        for binding in rig.broker.management.get(f"exchanges/{exchange.replace('/e/', '/')}/bindings/source"):
            rig.broker.management.delete(f"bindings/{exchange}/q/{binding['destination']}/{binding['properties_key']}")
        publish_raw(rig, headers={"x-discard": True})
        eventually(lambda: rig.depth("unrouted") == 1, within_s=20)
        rig.broker.apply(rig.topology)
        rig.start(rig.consumer())
        assert lot.hand_over_unrouted() == {"handed_over": 1, "left": 0}
        eventually(lambda: len(rig.effects()) == 1, within_s=20)

    def test_one_of_two_with_the_same_id_is_discarded(self, rig, lot, eventually):
        """The other stays where it is."""
        rig.start(rig.consumer())
        twice = new_id()
        for body in (b"\xff one", b"\xff two"):
            envelope = raw_envelope(rig, body=body)
            same = type(envelope)(
                routing_key=envelope.routing_key,
                headers=envelope.headers,
                properties={**envelope.properties, "message_id": twice},
                body=envelope.body,
            )
            publisher = Publisher(rig.uri("case"))
            publisher.publish([Outgoing(exchange=events_exchange("case"), envelope=same)])
            publisher.close()
        eventually(lambda: rig.depth("parking.consent") == 2, within_s=20)
        first, second = (row["id"] for row in lot.messages())
        with pytest.raises(TwoMessagesError):
            lot.give_up(twice)
        assert lot.give_up(first) == ("consent",)
        eventually(lambda: rig.depth("parking.consent") == 1, within_s=20)
        assert lot.message(second)["id"] == second
        with pytest.raises(NotParkedError):
            lot.message(first)

    def test_one_decision_gives_up_every_services_copy(self, rig, lot, eventually):
        """Parked at two services: one call, and each is told to give it up; another message stays."""
        one = park_at_two(rig)
        park_at_two(rig)
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (2, 2), within_s=20)
        (shown,) = {row["id"] for row in lot.messages() if row["id"].startswith(one)}
        assert lot.give_up(shown) == ("audit", "consent")
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (1, 1), within_s=20)
        with pytest.raises(NotParkedError):
            lot.give_up(shown)

    def test_what_remains_is_said(self, rig, lot, eventually, monkeypatch):
        """The broker goes away after the first: the operator reads where it is decided and where it is not."""
        one = park_at_two(rig)
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (1, 1), within_s=20)
        publish = lot._publish

        def fails_at_consent(service, message, *, discard):
            if service == "consent":
                raise BrokerAwayError("confirm")
            publish(service, message, discard=discard)

        monkeypatch.setattr(lot, "_publish", fails_at_consent)
        with pytest.raises(StillParkedError, match=r"given up at audit\. It is still parked at consent"):
            lot.give_up(lot.messages()[0]["id"])
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (1, 0), within_s=20)
        assert [row["id"] for row in lot.messages()] == [one]

    def test_where_not_everything_was_seen_is_said(self, rig, lot, eventually, monkeypatch):
        """More is parked at one service than is looked at: it may stand there too, and nobody is told that it does not."""
        park(rig, "consent")
        one = park_at_two(rig)
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (2, 1), within_s=20)
        monkeypatch.setattr(parking, "_LOOK_LIMIT", 1)
        with pytest.raises(MoreParkedError, match=r"given up at audit\. At consent more is parked"):
            lot.give_up(one)
        eventually(lambda: (rig.depth("parking.consent"), rig.depth("parking.audit")) == (2, 0), within_s=20)
        with pytest.raises(MoreParkedError, match=r"^At consent more is parked"):
            lot.give_up(one)


def park_at_two(rig):
    """Put one message into the parking queues of two services; gives its id."""
    return park(rig, "consent", "audit")


def park(rig, *services):
    """Put one message into the parking queues of services; gives its id."""
    message_id, made = new_id(), raw_envelope(rig)
    for service in services:
        properties = {**made.properties, "message_id": message_id, "user_id": f"{rig.tenant}.{service}"}
        publisher = Publisher(rig.uri(service))
        publisher.publish(
            [Outgoing(exchange=PARKING, envelope=replace(made, routing_key=service, properties=properties))]
        )
        publisher.close()
    return message_id
