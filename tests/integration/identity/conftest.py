"""Identity over a real database with its own restricted user, as provisioning makes it."""

import json
import secrets
from types import SimpleNamespace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import MongoClient

from deploy.provision.databases import drop_tenant, make_service_database
from services.identity.people.provisioning import create_first_user
from services.identity.sessions.passwords import Passwords
from shared.bus.topology import topology_of
from shared.contracts.marks import AUDITS
from shared.kernel.tenancy import CENTRE, TenantId
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import ServiceContext, ServiceSettings
from shared.runtime.serving import build_app

PASSWORD = "correct horse battery staple"


class Place:
    """One tenant's identity: its application, its database, and ways to sign in."""

    def __init__(self, context, admin):
        self.context = context
        self.app = build_app({"identity": context})
        self.database = admin[context.database_name]
        self.tenant = context.tenant_id
        self._admin = admin
        self.others = []

    def beside(self):
        """A second process of the same identity, with a committer of its own."""
        context = ServiceContext(self.context.tenant_id, "identity", self.context.settings)
        context.__dict__["database_name"] = self.context.database_name
        context.built["passwords"] = Passwords(cheap=True)
        self.others.append(context)
        return Place(context, self._admin)

    @property
    def http(self):
        return self.app.test_client()

    def grant(self, **form):
        """POST the token form."""
        return self.http.post("/v1/token", data=form)

    def password(self, login, password=PASSWORD, **form):
        return self.grant(grant_type="password", username=login, password=password, **form)

    def headers(self, login, **form):
        answer = self.password(login, **form)
        assert answer.status_code == 200, answer.json
        return {"Authorization": f"Bearer {answer.json['access_token']}"}

    def enrol(self, path, password=PASSWORD, **body):
        """Set a password with an enrolment link."""
        link = path.rpartition("/")[2]
        return self.http.post("/v1/enrolments", json={"link": link, "password": password, **body})

    def person(self, *roles, **options):
        """Add a user of these roles; gives login and id."""
        login = f"{secrets.token_hex(6)}@host.example"
        user_id = create_first_user(self.context, login=login, password=PASSWORD, roles=roles, **options)
        return SimpleNamespace(login=login, id=user_id)

    def audited(self, **wanted):
        """Every audited action so far that has these values."""
        actions = [
            action
            for row in self.database["outbox"].find()
            for event in row["events"]
            if event["type"] == AUDITS["identity"].event_type
            for action in json.loads(event["body"])["actions"]
        ]
        return [a for a in actions if all(a[name] == value for name, value in wanted.items())]


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
def admin(place):
    """An administrator's headers."""
    return place.headers(place.person("HOST_ADMIN").login)
