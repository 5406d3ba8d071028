"""Survivors' keys in real processes: refusing old copies at start, and going on with erasures."""

import os
import secrets
import shutil
import subprocess
import sys
from contextlib import contextmanager

import pytest

from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from services.case.survivors.erasure import ErasureJob
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId
from shared.keys.escrow import generation_of
from shared.keys.key_table import ErasureStep, KeyTable
from shared.keys.rotation import KeyErasure
from shared.keys.survivor_keys import KeyDestroyedError
from shared.runtime.context import open_context
from shared.runtime.rooms import service_of
from shared.telemetry.metric_names import ERASURE_AGE, ERASURE_STEP
from shared.telemetry.metrics import configure_metrics, snapshot
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]


@contextmanager
def provisioned(engines):
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    tenant = TenantId("e" + secrets.token_hex(4))
    provisioner.provision(TenantSpec(id=tenant, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number()))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("ALONGSIDE_SECRETS", str(engines.layout.secrets_dir / "credentials"))
        opened = open_context(tenant, "case", kind="job")
    yield opened
    opened.client.close()
    provisioner.remove(tenant)
    provisioner.close()


@pytest.fixture
def context(engines):
    """A host of one test alone, which may leave its keys broken."""
    with provisioned(engines) as opened:
        yield opened


@pytest.fixture(scope="module")
def whole(engines):
    """A host whose keys every test leaves whole."""
    with provisioned(engines) as opened:
        yield opened


def job_of(context):
    return ErasureJob(context, wait=lambda _seconds: None, settle_s=0.0)


def refused(engines, tenant, kind):
    """Start a process that should refuse; gives its exit code and its last words."""
    result = subprocess.run(
        [sys.executable, "-m", "services.run", kind, "--tenant", tenant, "--services", "case"],
        env={
            **os.environ,
            "ALONGSIDE_SECRETS": str(engines.layout.secrets_dir / "credentials"),
            "PYTHONPATH": str(PROJECT_ROOT),
            "PYTHONWARNINGS": "ignore",
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return result.returncode, result.stderr


def erase_somebody(context):
    survivor = new_id()
    context.survivor_keys.get_or_create_many([survivor])
    context.survivor_keys.forget(survivor)
    return survivor


def test_provisioning_fills_the_escrow_slot_once(engines, context):
    """From the first day a lost disk does not lose the tenant; provisioning again leaves the copy alone."""
    assert generation_of(context.escrow.version()) == 1
    before = context.escrow.sealed_copy()
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    spec = TenantSpec(id=context.tenant_id, name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number())
    provisioner.provision(spec)
    provisioner.close()
    assert context.escrow.sealed_copy() == before


@pytest.mark.parametrize("restored", ["key file", "key table", "both"])
def test_a_process_refuses_keys_from_before_an_erasure(engines, context, tmp_path, restored):
    """An old key file, key table, or both while escrow knows better: exit 78 and what to restore."""
    key_file = context.settings.tenant_key_file
    shutil.copy(key_file, tmp_path / "old.key")
    states = context.keys_database["states"]
    old_state = states.find_one()
    erase_somebody(context)
    job_of(context).run()
    newest = KeyTable(context.keys_database).state()
    assert (newest.generation, newest.step) == (2, ErasureStep.IDLE)
    if restored != "key table":
        shutil.copy(tmp_path / "old.key", key_file)
    if restored != "key file":
        states.replace_one({"_id": old_state["_id"]}, old_state)
    for kind in ("job", "api"):
        code, words = refused(engines, context.tenant_id, kind)
        assert code == 78
        assert "Restore" in words
        assert ("escrow" in words) is (restored == "both")


@pytest.mark.parametrize("steps", range(8))
def test_the_job_goes_on_with_an_erasure_where_it_stands(whole, steps):
    """Whoever began it and wherever it was killed: the job completes it, and the person stays closed."""
    configure_metrics((), resource={})
    generation = generation_of(whole.escrow.version())
    survivor = erase_somebody(whole)
    begun = KeyErasure(whole.keys_database, whole.tenant_key, whole.escrow, wait=lambda _: None, settle_s=0.0)
    for _ in range(steps):
        begun.step()
    job_of(whole).run()
    table = KeyTable(whole.keys_database)
    assert table.state().step is ErasureStep.IDLE
    assert table.state().generation == generation + 1
    assert not table.open_erasures(1)
    assert generation_of(whole.escrow.version()) == generation + 1
    with pytest.raises(KeyDestroyedError):
        whole.survivor_keys.get(survivor)
    taken = [point["labels"]["step"] for point in snapshot()[ERASURE_STEP.name]["points"]]
    assert len(taken) == 8 - steps
    job_of(whole).run()
    assert snapshot()[ERASURE_AGE.name]["points"] == [{"labels": {}, "value": 0.0}]


def test_the_job_process_has_what_keys_need(whole):
    """Erasures are resumed and cached keys end also in a process that stands idle."""
    jobs = {job.name: job for job in service_of("case").jobs(whole)}
    assert {"erasures", "expired-keys"} <= jobs.keys()
    jobs["expired-keys"].run()
