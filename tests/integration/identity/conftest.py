"""Identity over a real database with its own restricted user, as provisioning makes it."""

import secrets

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import MongoClient

from deploy.provision.databases import drop_tenant, make_service_database
from services.identity.sessions.passwords import Passwords
from shared.bus.topology import topology_of
from shared.kernel.tenancy import CENTRE, TenantId
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import ServiceContext, ServiceSettings
from tests.kit.identity_place import Place


@pytest.fixture(scope="session")
def make_place(engines, tmp_path_factory):
    """Makes places; their databases are dropped at the end."""
    admin = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
    places, tenants = [], []

    def make(*, demo=False, centre=False):
        # A test's centre has the rights of the central register under a database name of its own.
        tenant = TenantId(f"i{secrets.token_hex(5)}")
        folder = tmp_path_factory.mktemp(str(tenant))
        password = secrets.token_hex(12)
        database = make_service_database(admin, tenant, "identity", topology_of(tenant), password)
        tenants.append(tenant)
        named = CENTRE if centre else tenant
        TenantKeyFile.create(folder / "tenant.key", named)
        key = Ed25519PrivateKey.generate()
        (folder / "token.key").write_text(key.private_bytes_raw().hex(), encoding="utf-8")
        settings = ServiceSettings(
            mongo_uri=engines.mongod.uri(user=f"{tenant}.identity", password=password, auth_source=database),
            amqp_uri="", vhost="", data_dir=folder, tenant_key_file=folder / "tenant.key",
            token_public_keys=(key.public_key().public_bytes_raw().hex(),), token_issuer=str(named),
            clock_file=folder / "clock.json", name="A host", nation="WALES", setting="HEALTH", api_port=0, demo=demo,
            mark_settle_s=15, mark_every_s=60, poll_s=1, job_every_s=5, retry_delays_ms=(100,),
            extra={"token_private_key_file": str(folder / "token.key")},
        )  # fmt: skip
        context = ServiceContext(named, "identity", settings)
        context.__dict__["database_name"] = database
        # What a check costs is no rule of these tests; unit tests look at the work.
        context.built["passwords"] = Passwords(cheap=True)
        places.append(Place(context, admin))
        return places[-1]

    yield make
    for context in [c for place in places for c in (place.context, *place.others)]:
        context.committer.close()
        context.client.close()
    for tenant in tenants:
        drop_tenant(admin, tenant, ["identity"])
    admin.close()


@pytest.fixture(scope="session")
def place(make_place):
    """A host's identity outside demo mode."""
    return make_place()


@pytest.fixture(scope="session")
def demo_place(make_place):
    """The same in a demo."""
    return make_place(demo=True)


@pytest.fixture(scope="session")
def centre(make_place):
    """The central register outside demo mode."""
    return make_place(centre=True)


@pytest.fixture(scope="session")
def administrator(place):
    """An administrator of the host."""
    return place.person("HOST_ADMIN")


@pytest.fixture
def admin(place, administrator):
    """An administrator's headers, of now: a token lives shorter than a long run."""
    return place.headers(administrator.login)
