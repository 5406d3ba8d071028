"""Real processes of one tenant: draining on SIGTERM, refusing a wrong place, every packing."""

import json
import os
import secrets
import signal
import time

import pytest
from pymongo import MongoClient

from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.contracts.case import StatisticsFactsChanged
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Answer, Command
from shared.runtime.context import open_context
from shared.runtime.making import WORKERS_KINDS
from shared.runtime.probe import PartNote, parts_in, verdict
from shared.runtime.worker_notes import read_notes
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


def noted(engines, tenant, service):
    """The parts that are down, as each process of a service noted them in its database."""
    with MongoClient(engines.mongod.admin_uri()) as client:
        notes = read_notes(client[f"as_{tenant}_{service}"])
    assert all(note.kinds == frozenset(WORKERS_KINDS) for note in notes)
    return [note.down for note in notes]


PACKINGS = {
    "together": [("worker", "all")],
    "by kinds": [("relay", "all"), ("worker --kinds consumers", "all")],
    "by kinds and services": [
        ("worker --kinds relay,job", "all"),
        *(("worker --kinds consumers", service) for service in ("consent", "reporting", "audit")),
    ],
}


@pytest.mark.parametrize("packing", PACKINGS.values(), ids=PACKINGS)
def test_a_worker_that_is_told_to_stop_finishes_what_it_has(engines, tenants, eventually, packing):
    """SIGTERM under load: exit 0, nothing lost, nothing twice, in every packing."""
    tenant = tenants[0]

    def begin():
        return [start(engines, words, tenant, services=services) for words, services in packing]

    processes = begin()
    try:
        state_facts(engines, tenant, 400)
        eventually(lambda: counted(engines, tenant, "consent", "episodes") > 20, within_s=60)
        for process in processes:
            process.send_signal(signal.SIGTERM)
        codes = [process.wait(timeout=40) for process in processes]
        assert codes == [0] * len(processes), [process.stderr.read()[-2_000:] for process in processes]
        state_facts(engines, tenant, 100)
        processes = begin()
        eventually(lambda: counted(engines, tenant, "reporting", "contributions") == 500, within_s=60)
        assert counted(engines, tenant, "consent", "episodes") == 500
    finally:
        for process in processes:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=40)


def test_a_part_in_the_wrong_place_stays_down_alone(engines, tenants, tmp_path, eventually):
    """With B's broker in one service's credentials, A's worker leaves that service's consumers out, and says why."""
    first, second = tenants
    folder = engines.layout.secrets_dir / "credentials"
    theirs = json.loads((folder / second / "reporting.json").read_text(encoding="utf-8"))
    file = folder / first / "reporting.json"
    original = file.read_text(encoding="utf-8")
    file.write_text(json.dumps({**json.loads(original), "amqp_uri": theirs["amqp_uri"]}), encoding="utf-8")
    process = start(engines, "worker", first, heartbeats=tmp_path)
    try:
        state_facts(engines, first, 20)
        eventually(lambda: parts_in(tmp_path).get("consumers-reporting", PartNote()).down, within_s=60)
        eventually(lambda: counted(engines, first, "consent", "episodes") == 20, within_s=60)
        parts = parts_in(tmp_path)
        assert [name for name, part in parts.items() if part.down] == ["consumers-reporting"]
        assert "credentials file" in parts["consumers-reporting"].down
        assert counted(engines, first, "reporting", "contributions") == 0
        assert process.poll() is None
        # The consumers that are down have no loop; so the process is alive, and not ready.
        assert verdict(tmp_path, ready=False, now=time.time()) == []
        assert "consumers-reporting" in " ".join(verdict(tmp_path, ready=True, now=time.time()))
        # The api and doctor read the same in the services' own databases.
        eventually(lambda: noted(engines, first, "reporting") == [("consumers-reporting",)], within_s=90)
        assert noted(engines, first, "consent") == [()]
    finally:
        file.write_text(original, encoding="utf-8")
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=40) == 0


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
            process = start(engines, "worker --kinds consumers", first, services="consent")
            assert process.wait(timeout=60) == 78
            assert b"credentials file" in process.stderr.read()
        finally:
            file.write_text(original, encoding="utf-8")


def test_an_unknown_tenant_service_or_kind_is_a_clear_refusal(engines):
    """One line, exit 78, before anything is opened."""
    for words, tenant, services in (
        ("worker", "nosuchhost", "all"),
        ("worker", "board", "case"),
        ("worker --kinds relay,cooking", "board", "all"),
    ):
        process = start(engines, words, tenant, services=services)
        assert process.wait(timeout=60) == 78
        assert process.stderr.read().strip()
