"""Bundles leave a database only once no older program reads: from its first provisioning on, or from the contract."""

import secrets

import pytest
from pymongo import MongoClient

from deploy.migrations.runner import MigrationRunsError, Runner
from shared.outbox.machinery import may_bundle
from shared.runtime.migrations import Migration, Phase

pytestmark = [pytest.mark.integration, pytest.mark.timeout(120)]


@pytest.fixture
def database(engines):
    """One that an older program provisioned."""
    client = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
    made = client[f"as_m{secrets.token_hex(4)}"]
    made["marker"].insert_one({"_id": "marker", "tenant_id": "elm", "service": "case", "schema": 0})
    yield made
    client.drop_database(made.name)
    client.close()


def migration(number, phase, done):
    return Migration(number=number, name="step", phase=phase, step=lambda _database, _after: done.append(number))


def test_an_upgrade_alone_does_not_allow_them(database):
    """Old and new programs may run side by side for as long as the operator likes."""
    assert not may_bundle(database)
    Runner(database, "case", migrations=[migration(1, Phase.EXPAND, [])]).up()
    assert not may_bundle(database)


def test_the_contract_allows_them(database):
    """Also where no step is left to carry out."""
    Runner(database, "case", migrations=[]).up(contract=True)
    assert may_bundle(database)


def test_a_contract_that_was_refused_allows_nothing(database):
    """Another runner holds the lock: whoever is told no has changed nothing."""
    database["marker"].update_one({}, [{"$set": {"lock": {"owner": "x", "until": {"$add": ["$$NOW", 60_000]}}}}])
    with pytest.raises(MigrationRunsError):
        Runner(database, "case", migrations=[migration(1, Phase.CONTRACT, [])]).up(contract=True)
    assert not may_bundle(database)


def test_where_there_is_no_marker_there_are_no_bundles(database):
    """As in a database that nobody provisioned."""
    database["marker"].delete_many({})
    assert not may_bundle(database)
