"""Isolation, tried from outside our code: with real users on the real broker and database."""

import secrets

import amqp
import pytest
from pymongo import MongoClient
from pymongo.errors import OperationFailure

from deploy.engines.pair import EnginePair
from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.bus.codec import Envelope
from shared.bus.connection import drop, open_connection
from shared.bus.publisher import BrokerAwayError, Outgoing, Publisher
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD, CUSTODIAN, TenantId
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture(scope="module")
def land(engines):
    """Two tenants and the centre, provisioned as a stack does it."""
    provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100,)), demo=True)
    provisioner.provision_centre()
    tenants = []
    for _ in range(2):
        tenant = TenantId("i" + secrets.token_hex(4))
        provisioner.provision(
            TenantSpec(id=tenant, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number())
        )
        tenants.append(tenant)
    yield Land(engines, *tenants)
    for tenant in tenants:
        provisioner.remove(tenant)
    provisioner.close()


class Land:
    def __init__(self, engines: EnginePair, first, second):
        self.engines, self.first, self.second = engines, first, second

    def amqp(self, tenant, service, vhost):
        name = f"courier.{tenant}" if service == "courier" else f"{tenant}.{service}"
        password = Vault.of(self.engines.layout.secrets_dir, tenant).password(f"amqp-{service}")
        return self.engines.rabbit.amqp_url(user=name, password=password, vhost=vhost)

    def mongo(self, tenant, service):
        password = Vault.of(self.engines.layout.secrets_dir, tenant).password(f"mongo-{service}")
        uri = self.engines.mongod.uri(
            user=f"{tenant}.{service}", password=password, auth_source=f"as_{tenant}_{service}"
        )
        return MongoClient(uri, serverSelectionTimeoutMS=3000)


def refused(uri, act=lambda channel: None):
    """Whether the broker refuses a connection, or an act on it."""
    connection = None
    try:
        connection = open_connection(uri)
        act(connection.channel())
    except (amqp.exceptions.AMQPError, OSError):
        return True
    finally:
        drop(connection)
    return False


class TestBroker:
    def test_a_tenants_user_is_refused_on_anothers_vhost(self, land):
        """Tenant A's services may not even connect to B's vhost, nor to board's and custodian's."""
        for service in ("case", "consent", "reporting", "audit"):
            assert not refused(land.amqp(land.first, service, f"t-{land.first}"))
            for vhost in (f"t-{land.second}", "board", "custodian"):
                assert refused(land.amqp(land.first, service, vhost))

    def test_reporting_can_bind_nothing_of_case(self, land):
        """Reporting's user may not bind, declare or read anything but its own queues."""
        uri = land.amqp(land.first, "reporting", f"t-{land.first}")
        assert refused(uri, lambda c: c.queue_bind("q.reporting.consent", "case.events", "#"))
        assert refused(uri, lambda c: c.queue_declare("mine", durable=True))
        assert refused(uri, lambda c: c.basic_get("q.consent.case"))

    def test_board_and_custodian_cannot_read_each_others_vhost(self, land):
        """Neither server's user may connect to the other's vhost; its courier may only write there."""
        assert refused(land.amqp(BOARD, "board", "custodian"))
        assert refused(land.amqp(CUSTODIAN, "custodian", "board"))
        assert refused(land.amqp(BOARD, "courier", "custodian"), lambda c: c.basic_get("q.custodian.hosts"))
        assert refused(land.amqp(CUSTODIAN, "courier", "board"), lambda c: c.basic_get("q.board.hosts"))

    def test_a_host_reads_only_its_own_notices(self, land):
        """A courier may read to.<own tenant> at the board, not another's."""
        uri = land.amqp(land.first, "courier", "board")
        assert not refused(uri, lambda c: c.basic_get(f"to.{land.first}"))
        assert refused(uri, lambda c: c.basic_get(f"to.{land.second}"))

    def test_a_courier_cannot_speak_for_another_host(self, land):
        """The board's broker refuses a routing key that begins with another tenant's id."""
        publisher = Publisher(land.amqp(land.first, "courier", "board"), confirm_timeout_s=2.0)
        with pytest.raises(BrokerAwayError):
            publisher.publish([Outgoing(exchange="hosts.inbox", envelope=forged(land, land.second))])
        publisher.drop()


class TestDatabase:
    def test_a_services_user_reads_only_its_own_database(self, land):
        """Neither another tenant's nor another service's database, nor the keys."""
        client = land.mongo(land.first, "reporting")
        client[f"as_{land.first}_reporting"]["contributions"].find_one()
        for other in (
            f"as_{land.second}_reporting",
            f"as_{land.first}_case",
            f"as_{land.first}_consent",
            f"as_{land.first}_keys",
            "as_board_board",
            "as_custodian_custodian",
        ):
            with pytest.raises(OperationFailure):
                client[other]["contributions"].find_one()
        client.close()

    def test_the_log_of_audit_cannot_be_changed_or_deleted(self, land):
        """Audit's own user may add and read leaves and their places, nothing else; in entries an erasure takes ids out."""
        client = land.mongo(land.first, "audit")
        for name in ("batches", "stretches"):
            closed = client[f"as_{land.first}_audit"][name]
            closed.insert_one({"_id": "e1", "first": -1, "batches": []})
            assert closed.find_one({"_id": "e1"})
            with pytest.raises(OperationFailure):
                closed.update_one({"_id": "e1"}, {"$set": {"x": 1}})
            with pytest.raises(OperationFailure):
                closed.delete_one({"_id": "e1"})
            with pytest.raises(OperationFailure):
                closed.drop()
        client.close()

    def test_the_courier_reads_outbox_rows_and_nothing_else(self, land):
        """The courier's database user sees neither contributions nor vectors."""
        client = courier_mongo(land)
        database = client[f"as_{land.first}_reporting"]
        database["outbox"].find_one()
        for name in ("contributions", "vectors", "sign_offs"):
            with pytest.raises(OperationFailure):
                database[name].find_one()
        client.close()


def courier_mongo(land):
    password = Vault.of(land.engines.layout.secrets_dir, land.first).password("mongo-courier")
    uri = land.engines.mongod.uri(
        user=f"{land.first}.courier", password=password, auth_source=f"as_{land.first}_reporting"
    )
    return MongoClient(uri, serverSelectionTimeoutMS=3000)


def forged(land, tenant):
    """A share in another host's name."""
    return Envelope(
        routing_key=f"{tenant}.alongside.reporting.share_submitted.v1",
        headers={"ce-id": new_id()},
        properties={"content_type": "application/json", "user_id": f"courier.{land.first}", "delivery_mode": 2},
        body=b"{}",
    )
