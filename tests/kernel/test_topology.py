"""What a process needs must be there, more is no fault; and no queue keeps a broker's default delivery limit."""

from dataclasses import dataclass

import pytest

from shared.bus.guard import WrongPlaceError, check_marker, check_vhost
from shared.bus.names import host_queue
from shared.bus.provisioner import TopologyConflictError
from shared.bus.subscriptions import Subscription
from shared.bus.topology import RetryLadder, Topology
from shared.contracts.case import EpisodeClosed
from tests.kit.kernel_rig import SERVICES

pytestmark = [pytest.mark.timeout(120)]

OLD = Topology(tenant_id="elm", services=SERVICES)


@dataclass(frozen=True, kw_only=True)
class Newer(Topology):
    """The same vhost in a later version, in which consent hears one fact more, and audit too."""

    @property
    def subscriptions(self):
        more = Subscription(service="audit", source="case2", events=(EpisodeClosed,))
        return (*super().subscriptions, more)

    @property
    def bindings(self):
        return (*super().bindings, ("case.events", "q.consent.case", EpisodeClosed.event_type))


def marker(topology, service="consent", **changes):
    return {
        "tenant_id": topology.tenant_id,
        "service": service,
        "topology": topology.hash,
        "holds": sorted(topology.holds),
        **changes,
    }


class TestMarkers:
    @pytest.mark.parametrize("service", SERVICES)
    def test_an_old_process_runs_on_a_newer_topology(self, service):
        """A queue and a binding more stop nobody: a rolling upgrade provisions first."""
        newer = Newer(tenant_id="elm", services=SERVICES)
        assert newer.hash != OLD.hash
        check_marker(marker(newer, service), OLD, service)

    def test_a_new_process_waits_for_the_provisioner(self):
        """What it needs is not there yet."""
        newer = Newer(tenant_id="elm", services=SERVICES)
        with pytest.raises(WrongPlaceError, match="topology"):
            check_marker(marker(OLD), newer, "consent")

    def test_another_ladder_is_missed_by_whoever_retries_on_it(self):
        """Each rung is a queue."""
        other = Topology(tenant_id="elm", services=SERVICES, ladder=RetryLadder(delays_ms=(5,)))
        with pytest.raises(WrongPlaceError, match="topology"):
            check_marker(marker(OLD), other, "consent")

    @pytest.mark.parametrize(
        ("changes", "wrong"),
        [({"tenant_id": "oak"}, "tenant_id"), ({"service": "case"}, "service"), ({"holds": None}, "topology")],
    )
    def test_another_place_is_refused(self, changes, wrong):
        """Another tenant's, another service's, and one that an older version provisioned."""
        found = {key: value for key, value in marker(OLD, **changes).items() if value is not None}
        with pytest.raises(WrongPlaceError, match=wrong):
            check_marker(found, OLD, "consent")

    def test_none_at_all_is_refused(self):
        """An empty database."""
        with pytest.raises(WrongPlaceError):
            check_marker(None, OLD, "consent")

    def test_a_relay_needs_those_who_hear_it(self):
        """A number that it gives for a consumer whose queue is not bound would be missed for ever."""
        without = {f"{b[1]}" for b in OLD.bindings}
        assert "q.consent.case" in without
        holds = Topology(tenant_id="elm", services=("case", "audit")).holds
        assert not OLD.needs("case") <= holds


@pytest.mark.integration
class TestVhosts:
    def test_what_stands_there_besides_is_no_fault(self, rig):
        """A queue, a binding and an exchange that this version does not know."""
        rig.broker.management.put(f"queues/{rig.topology.vhost}/q.newer.case", {"durable": True, "arguments": {}})
        rig.broker.management.post(
            f"bindings/{rig.topology.vhost}/e/case.events/q/{rig.subscription.queue}", {"routing_key": "newer"}
        )
        check_vhost(rig.uri("consent"), rig.topology, [rig.subscription.queue])
        assert rig.broker.differences(rig.topology) == []

    def test_a_missing_rung_is_found(self, rig):
        """The queues to which a service retries and parks are asked for by name."""
        rig.broker.management.delete(f"queues/{rig.topology.vhost}/parking.consent")
        with pytest.raises(WrongPlaceError):
            check_vhost(rig.uri("consent"), rig.topology, [rig.subscription.queue])

    def test_a_marker_of_an_older_version_stays_for_its_processes(self, rig):
        """They ask for it when they start again in the middle of an upgrade; another tenant's goes."""
        vhost = rig.topology.vhost
        for name in (f"marker.{rig.tenant}.0123456789abcdef", "marker.somebody"):
            rig.broker.management.put(f"exchanges/{vhost}/{name}", {"type": "fanout", "durable": True})
        rig.broker.apply(rig.topology)
        left = {e["name"] for e in rig.broker.management.get(f"exchanges/{vhost}") if e["name"].startswith("marker.")}
        assert left == {f"marker.{rig.tenant}", f"marker.{rig.tenant}.0123456789abcdef"}


@pytest.mark.integration
class TestDeliveryLimits:
    def test_every_queue_has_a_limit_that_is_not_the_brokers(self, rig):
        """20 where somebody works, a million where messages only stand."""
        for queue in rig.broker.management.get(f"queues/{rig.topology.vhost}"):
            limit = queue["arguments"]["x-delivery-limit"]
            assert limit == (20 if queue["name"].startswith("q.") else 1_000_000), queue["name"]

    def test_a_queue_of_an_older_version_gets_it_by_policy(self, rig, eventually):
        """It stays, with its messages; nothing is reported, and the broker's default does not rule it."""
        vhost, queues = rig.topology.vhost, ("parking.consent", "unrouted", "retry.consent.100ms", "to.elm")
        for queue in queues:
            older = dict(rig.topology.queues.get(queue, {"x-queue-type": "quorum"}))
            older.pop("x-delivery-limit", None)
            rig.broker.management.delete(f"queues/{vhost}/{queue}")
            rig.broker.management.put(f"queues/{vhost}/{queue}", {"durable": True, "arguments": older})
        rig.broker.apply(rig.topology)
        assert rig.broker.differences(rig.topology) == []
        assert not any(
            "x-delivery-limit" in rig.broker.management.ask("GET", f"queues/{vhost}/{q}").json()["arguments"]
            for q in queues
        )

        def limits():
            found = {
                q["name"]: q.get("effective_policy_definition") for q in rig.broker.management.get(f"queues/{vhost}")
            }
            return [found[queue] for queue in queues]

        # The broker's statistics come every few seconds.
        eventually(lambda: limits() == [{"delivery-limit": 1_000_000}] * len(queues), within_s=30)

    def test_a_policy_that_is_missing_is_reported(self, rig):
        """By the doctor, who asks for the differences."""
        rig.broker.management.delete(f"policies/{rig.topology.vhost}/alongside-kept")
        assert rig.broker.differences(rig.topology) == [("Policy", "alongside-kept", False)]

    def test_another_argument_is_still_a_conflict(self, rig):
        """A rung that waits for another time was made by hand; it is named, never deleted."""
        vhost, rung = rig.topology.vhost, "retry.consent.100ms"
        rig.broker.management.delete(f"queues/{vhost}/{rung}")
        arguments = {**rig.topology.queues[rung], "x-message-ttl": 7}
        rig.broker.management.put(f"queues/{vhost}/{rung}", {"durable": True, "arguments": arguments})
        with pytest.raises(TopologyConflictError, match=rung):
            rig.broker.apply(rig.topology)

    def test_a_hosts_queue_at_the_board_has_it_too(self, rig, monkeypatch):
        """What the board has for a host may stand for weeks and be fetched in vain as often."""
        monkeypatch.setattr("shared.bus.provisioner.vhost_name", lambda _board: rig.topology.vhost)
        rig.broker.management.put(f"exchanges/{rig.topology.vhost}/to.hosts", {"type": "topic", "durable": True})
        rig.broker.add_host("elm")
        rig.broker.add_host("elm")
        (found,) = [
            q for q in rig.broker.management.get(f"queues/{rig.topology.vhost}") if q["name"] == host_queue("elm")
        ]
        assert found["arguments"]["x-delivery-limit"] == 1_000_000
