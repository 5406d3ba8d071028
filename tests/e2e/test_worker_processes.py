"""Real processes of one tenant: draining on SIGTERM, refusing a wrong place, both packings."""

import json
import os
import secrets
import signal

import pytest
from pymongo import MongoClient

from deploy.provision.tenants import Provisioner, TenantSpec, Timings
from shared.contracts.case import StatisticsFactsChanged
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.committer import Answer, Command
from shared.runtime.context import open_context
from tests.kit.processes import start
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@pytest.fixture
def tenants(engines):
    provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100, 300)), demo=True)
    provisioner.provision_centre()
    made = []
    for _ in range(2):
        tenant = TenantId("p" + secrets.token_hex(4))
        provisioner.provision(
            TenantSpec(id=tenant, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number())
        )
        made.append(tenant)
    yield made
    for tenant in made:
        provisioner.remove(tenant)
    provisioner.close()


def state_facts(engines, tenant, count):
    """Commit facts of invented episodes as the case service would."""
    os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
    context = open_context(tenant, "case", kind="test")
    futures = []
    for _ in range(count):
        episode, survivor = new_id(), new_id()

        def run(work, episode=episode, survivor=survivor):
            work.record(
                StatisticsFactsChanged(
                    episode_id=episode,
                    survivor_id=survivor,
                    referral_month="2026-07",
                    gender="FEMALE",
                    exploitation_types=("LABOUR",),
                    region_of_nationality="ASIA",
                    transfer_in=False,
                    excluded=False,
                    recorded_in_error=False,
                    facts_recorded_at=work.now,
                ),
                sequence=1,
            )
            return Answer(status=201)

        futures.append(context.committer.submit(Command(run=run)))
    for future in futures:
        future.result(timeout=60)
    context.committer.close()
    context.client.close()


def counted(engines, tenant, service, collection):
    client = MongoClient(engines.mongod.admin_uri())
    found = client[f"as_{tenant}_{service}"][collection].count_documents({})
    client.close()
    return found


@pytest.mark.parametrize("packing", [("all",), ("consent", "reporting", "audit")])
def test_a_worker_that_is_told_to_stop_finishes_what_it_has(engines, tenants, eventually, packing):
    """SIGTERM under load: exit 0, nothing lost, nothing twice, in both packings."""
    tenant = tenants[0]
    relay = start(engines, "relay", tenant)
    workers = [start(engines, "worker", tenant, services=services) for services in packing]
    try:
        state_facts(engines, tenant, 400)
        eventually(lambda: counted(engines, tenant, "consent", "episodes") > 20, within_s=60)
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        assert [worker.wait(timeout=40) for worker in workers] == [0] * len(workers)
        state_facts(engines, tenant, 100)
        workers = [start(engines, "worker", tenant, services=services) for services in packing]
        eventually(lambda: counted(engines, tenant, "reporting", "contributions") == 500, within_s=60)
        assert counted(engines, tenant, "consent", "episodes") == 500
    finally:
        for process in (relay, *workers):
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


def test_a_process_with_anothers_broker_or_database_exits_78(engines, tenants):
    """With B's broker, or B's database, in its credentials, A's worker refuses before it consumes."""
    first, second = tenants
    folder = engines.layout.secrets_dir / "credentials"
    theirs = json.loads((folder / second / "consent.json").read_text(encoding="utf-8"))
    for key in ("amqp_uri", "mongo_uri"):
        file = folder / first / "consent.json"
        original = file.read_text(encoding="utf-8")
        try:
            file.write_text(json.dumps({**json.loads(original), key: theirs[key]}), encoding="utf-8")
            process = start(engines, "worker", first, services="consent")
            assert process.wait(timeout=60) == 78
            assert b"credentials file" in process.stderr.read()
        finally:
            file.write_text(original, encoding="utf-8")


def test_an_unknown_tenant_or_service_is_a_clear_refusal(engines):
    """One line, exit 78, before anything is opened."""
    for arguments in (("nosuchhost", "all"), ("board", "case")):
        process = start(engines, "worker", arguments[0], services=arguments[1])
        assert process.wait(timeout=60) == 78
        assert process.stderr.read().strip()
