"""A sandbox in a backup: restored whole into an empty machine, and still a sandbox there."""

import json

import pytest
from pymongo import MongoClient

from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.stack.stack import Stack
from deploy.stack.state import StackState
from services.case.survivors.erasure import ErasureJob
from shared.kernel.ids import new_id
from shared.kernel.tenancy import BOARD, CUSTODIAN, SANDBOX, Principal, database_name, services_of
from shared.keys.signing import HostRegister
from shared.runtime.context import open_context
from shared.runtime.serving import build_app
from shared.web.tokens import TokenIssuer
from tests.integration.keeping.test_backup_and_restore import alongside
from tests.kit.tenant_place import TenantPlace

pytestmark = [pytest.mark.integration, pytest.mark.slow, pytest.mark.timeout(600)]

TIMINGS = Timings(retry_delays_ms=(100,))
"""As the place of a test has them: what stands at the broker is compared."""


@pytest.fixture
def stacks(make_layout):
    """A machine with engines that run, and an empty one; no process of ours is needed."""
    both = Stack(make_layout()), Stack(make_layout())
    both[0].start_engines()
    yield both
    for one in both:
        one.down()


class Opened:
    """A tenant of a stack as its own services see it."""

    def __init__(self, stack, tenant, monkeypatch):
        monkeypatch.setenv("ALONGSIDE_SECRETS", str(stack.layout.secrets_dir / "credentials"))
        self.contexts = {one: open_context(tenant, one, kind="api") for one in services_of(tenant)}
        self._client = build_app(self.contexts).test_client()
        key = Vault.of(stack.layout.secrets_dir, tenant).token_key()[0].read_text(encoding="utf-8").strip()
        who = Principal(actor_id=new_id(), tenant_id=tenant, organisation_id=str(tenant), role="SUPERVISOR")
        self._headers = {"Authorization": f"Bearer {TokenIssuer(key, issuer=str(tenant)).issue(who)}"}

    def get(self, path):
        return self._client.get(path, headers=self._headers)

    def close(self):
        for context in self.contexts.values():
            context.committer.close()
            context.client.close()


def test_a_sandbox_is_restored_whole_and_stays_one(stacks, tmp_path, monkeypatch):
    """Its invented people open with the restored keys, who was erased stays so, and nothing could count them there."""
    there, empty = stacks
    monkeypatch.setenv("ALONGSIDE_SECRETS", "")
    place = TenantPlace(there.engines, tmp_path, begins=SANDBOX)
    tenant = place.tenant
    spec = TenantSpec(id=tenant, name="Try it", nation="WALES", setting="OTHER", number=0)
    StackState(timings=TIMINGS).with_tenant(spec).save(there.layout)
    kept, erased = (place.survivor(name=f"Invented {name}") for name in ("Kept", "Erased"))
    place.contexts["case"].survivor_keys.forget(erased)
    ErasureJob(place.contexts["case"], wait=lambda _seconds: None, settle_s=0.0).run()

    identity = tmp_path / "identity.txt"
    recipient = json.loads(alongside(there.layout, "backup-key", "--to", identity, "-o", "json"))["recipient"]
    backup = ("backup", "--to", tmp_path / "backup", "--recipient", recipient, "-o", "json")
    made = json.loads(alongside(there.layout, *backup))
    assert tenant in {one["tenant"] for one in made["tenants"]}
    place.close()

    restored = json.loads(
        alongside(empty.layout, "restore", tmp_path / "backup", "--identity", identity, "--verify", "-o", "json")
    )
    (row,) = (one for one in restored["tenants"] if one["tenant"] == tenant)
    assert (row["verified"]["erased"], row["broker_differs"]) == (1, [])
    assert (empty.state.find(tenant).id, empty.state.demo) == (tenant, False)
    here = Opened(empty, tenant, monkeypatch)
    try:
        answer = here.get(f"/v1/survivors/{kept}")
        assert (answer.json["name"], answer.headers["Alongside-Sandbox"]) == ("Invented Kept", "true")
        assert here.get(f"/v1/survivors/{erased}").status_code in {404, 410}
        told = {name: context.settings.demo for name, context in here.contexts.items()}
        assert {name for name, demo in told.items() if demo} == {"identity", "consent"}
    finally:
        here.close()
    with MongoClient(empty.engines.mongod.admin_uri()) as mongo:
        assert database_name(tenant, "reporting") not in mongo.list_database_names()
    for server in (BOARD, CUSTODIAN):
        register = empty.layout.data_dir(server) / "hosts.json"
        assert tenant not in HostRegister(path=register).names()
