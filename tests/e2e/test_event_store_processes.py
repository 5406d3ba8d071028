"""The event store with a real broker and real processes: two consumers at once, killed at random, and no position missing."""

import os
import secrets
import signal

import pytest
from pymongo import MongoClient

from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from shared.contracts.case import EpisodeOpened
from shared.contracts.identity import StaffChanged
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.outbox.commands import Answer, Command
from shared.runtime.context import open_context
from tests.kit.processes import start
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(240)]
STATED = 300


@pytest.fixture
def tenant(engines):
    """A host of this test's own."""
    provisioner = Provisioner(engines.layout, timings=Timings(retry_delays_ms=(100, 300)), demo=True)
    provisioner.provision_centre()
    made = TenantId("p" + secrets.token_hex(4))
    provisioner.provision(TenantSpec(id=made, name="Host", nation="WALES", setting="OTHER", number=tenant_number()))
    yield made
    provisioner.remove(made)
    provisioner.close()


def state(engines, tenant, service, make):
    """Commit facts as a service would; gives their subjects."""
    os.environ["ALONGSIDE_SECRETS"] = str(engines.layout.secrets_dir / "credentials")
    context = open_context(tenant, service, kind="test")
    events = [make() for _ in range(STATED)]

    def run(event):
        def record(work):
            work.record(event, sequence=1)
            return Answer(status=201)

        return record

    futures = [context.committer.submit(Command(run=run(event))) for event in events]
    for future in futures:
        future.result(timeout=60)
    context.committer.close()
    context.client.close()
    return {event.subject for event in events}


def test_two_consumers_that_are_killed_leave_no_position_out_and_none_twice(engines, tenant, eventually):
    """SIGKILL of one, then of the other, while facts of two services come through the broker."""
    wanted = state(
        engines, tenant, "case",
        lambda: EpisodeOpened(
            episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES"
        ),
    )  # fmt: skip
    wanted |= state(
        engines, tenant, "identity", lambda: StaffChanged(user_id=new_id(), roles=("IMSA",), active=True)
    )  # fmt: skip

    def consumer():
        return start(engines, "worker --kinds consumers", tenant, services="integrations")

    with MongoClient(engines.mongod.admin_uri()) as mongo:
        events = mongo[f"as_{tenant}_integrations"]["events"]
        running = [start(engines, "worker --kinds relay", tenant, services="case,identity"), consumer(), consumer()]
        try:
            for round_ in range(1, 4):
                eventually(lambda n=round_: events.count_documents({}) >= n * 100, within_s=90)
                running[1 + round_ % 2].send_signal(signal.SIGKILL)
                running[1 + round_ % 2].wait(timeout=20)
                running[1 + round_ % 2] = consumer()
            eventually(lambda: events.count_documents({}) >= len(wanted), within_s=90)
        finally:
            for process in running:
                process.send_signal(signal.SIGTERM)
                process.wait(timeout=40)
        found = list(events.find().sort("position", 1))
    assert [event["position"] for event in found] == list(range(1, len(wanted) + 1))
    assert {event["subject"] for event in found} == wanted
