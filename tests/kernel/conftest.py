"""What the kernel's tests share: a rig with broker and database, and a lighter one with a database alone."""

import secrets

import pytest
from pymongo import MongoClient

from deploy.provision.databases import KERNEL_COLLECTIONS
from shared.kernel.clock import BusinessClock
from shared.outbox.committer import Committer
from tests.kit.kernel_rig import EFFECTS, Rig


class Store:
    """One service's database, without a broker."""

    def __init__(self, engines):
        self.tenant = "k" + secrets.token_hex(5)
        self.client = MongoClient(engines.mongod.admin_uri(), tz_aware=True, timeoutMS=20_000)
        self.name = f"as_{self.tenant}_case"
        self.database = self.client[self.name]
        self.clock = BusinessClock()
        for name in (*KERNEL_COLLECTIONS, EFFECTS):
            self.database.create_collection(name)
        self.open = []

    def committer(self, **options):
        made = Committer(
            client=self.client,
            database=self.name,
            tenant_id=self.tenant,
            service="case",
            **{"now": self.clock.now, **options},
        )
        self.open.append(made)
        return made

    def tidy(self):
        for committer in self.open:
            committer.close()
        self.open.clear()
        for name in self.database.list_collection_names():
            self.database[name].delete_many({})

    def close(self):
        self.client.drop_database(self.name)
        self.client.close()


@pytest.fixture
def rig(engines):
    made = Rig(engines)
    made.provision()
    yield made
    made.close()


@pytest.fixture(scope="module")
def one_store(engines):
    made = Store(engines)
    yield made
    made.close()


@pytest.fixture
def store(one_store):
    """The module's database, empty; to make its collections anew for each test costs more than the test."""
    yield one_store
    one_store.tidy()
