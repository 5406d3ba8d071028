"""Migrations of a database: one runner at a time, taken up where a kill left them, never a process on a wrong version."""

import json
import os
import secrets
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from pymongo import MongoClient

from deploy.engines.layout import PROJECT_ROOT
from deploy.migrations import stack as migrations_of_a_stack
from deploy.migrations.runner import MigrationRunsError, Runner
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.errors import NoSuchTenantError
from deploy.stack.stack import Stack
from shared.bus.topology import topology_of
from shared.kernel.tenancy import TenantId, database_name, services_of
from shared.runtime.migrations import Migration, Phase, SchemaError, check_schema, known_version, read_migrations
from tests.kit.suite import tenant_number

pytestmark = [pytest.mark.integration, pytest.mark.timeout(180)]

ROWS = 50


class KilledError(BaseException):
    """Stands for the end of a process."""


@pytest.fixture
def database(engines):
    client = MongoClient(engines.mongod.admin_uri(), tz_aware=True)
    made = client[f"as_m{secrets.token_hex(4)}"]
    made["marker"].insert_one({"_id": "marker", "tenant_id": "elm", "service": "case", "topology": "0" * 64})
    made["things"].insert_many([{"_id": n, "old": n} for n in range(ROWS)])
    yield made
    client.drop_database(made.name)
    client.close()


def add(number, *, phase=Phase.EXPAND, batch=10, kill_at=None, seen=None):
    """A migration that gives each thing a field, ten at a time."""

    def step(database, after):
        start = 0 if after is None else after
        if kill_at is not None and start >= kill_at:
            raise KilledError
        (seen if seen is not None else []).append(start)
        query = {"_id": {"$gte": start, "$lt": start + batch}}
        database["things"].update_many(query, {"$inc": {f"by_{number}": 1}})
        return start + batch if start + batch < ROWS else None

    return Migration(number=number, name=f"step_{number}", phase=phase, step=step)


def runner(database, *migrations, **options):
    return Runner(database, "case", migrations=migrations, **options)


class TestRunner:
    def test_each_is_carried_out_once_in_order(self, database):
        """And a second run does nothing."""
        first, second = add(1), add(2)
        assert runner(database, first, second).up() == 2
        assert runner(database, first, second).up() == 2
        assert database["things"].count_documents({"by_1": 1, "by_2": 1}) == ROWS
        assert "lock" not in database["marker"].find_one()

    def test_a_killed_runner_is_taken_up_where_its_last_batch_ended(self, database):
        """Nothing is done from the beginning again, nothing is left out."""
        with pytest.raises(KilledError):
            runner(database, add(1, kill_at=30)).up()
        standing = runner(database, add(1)).standing()
        assert (standing.version, standing.running) == (0, 1)
        seen = []
        assert runner(database, add(1, seen=seen)).up() == 1
        assert seen == [30, 40]
        assert database["things"].count_documents({"by_1": 1}) == ROWS

    def test_a_second_runner_is_refused_while_the_first_works(self, database):
        """With the line that says how far it is."""
        held = {"owner": "another", "until": datetime.now(UTC) + timedelta(minutes=1)}
        database["marker"].update_one({}, {"$set": {"lock": held}})
        with pytest.raises(MigrationRunsError, match="alongside migrate status"):
            runner(database, add(1)).up()
        assert database["things"].count_documents({"by_1": 1}) == 0

    def test_a_silent_runners_lock_ends_and_it_may_not_go_on(self, database):
        """By the database's clock; whoever was thought dead is refused at its next note."""
        other = runner(database, add(1))

        def meddle(found, after):
            del found, after
            database["marker"].update_one({}, {"$set": {"lock.until": datetime.now(UTC) - timedelta(seconds=1)}})
            assert other.up() == 1

        slow = Migration(number=1, name="slow", phase=Phase.EXPAND, step=meddle)
        with pytest.raises(MigrationRunsError):
            runner(database, slow).up()
        assert database["marker"].find_one()["schema"] == 1

    def test_a_contract_step_waits_until_it_is_asked_for(self, database):
        """Expand steps before it are carried out; those behind it wait with it."""
        steps = add(1), add(2, phase=Phase.CONTRACT), add(3)
        assert runner(database, *steps).up() == 1
        assert [name.split()[0] for name in runner(database, *steps).standing().pending] == ["0002", "0003"]
        assert runner(database, *steps).up(contract=True) == 3

    def test_a_database_that_is_newer_or_unknown_is_left_alone(self, database):
        """It is for the program that migrated it."""
        database["marker"].update_one({}, {"$set": {"schema": 2}})
        with pytest.raises(SchemaError, match="newer than this program"):
            runner(database, add(1)).up()
        database["marker"].delete_many({})
        with pytest.raises(SchemaError, match="never provisioned"):
            runner(database, add(1)).up()


class TestVersions:
    EXPAND, CONTRACT = Phase.EXPAND, Phase.CONTRACT

    @pytest.mark.parametrize(
        ("version", "phases", "starts"),
        [
            (0, [], True),
            (1, [EXPAND], True),
            (0, [EXPAND], True),
            (0, [EXPAND, EXPAND], False),
            (1, [EXPAND, EXPAND], True),
            (1, [EXPAND, CONTRACT], True),
            (0, [EXPAND, CONTRACT], True),
            (2, [EXPAND], False),
        ],
    )
    def test_old_and_new_run_side_by_side_for_one_expand_step(self, version, phases, starts):
        """New processes first, then the migration; a program never starts on a database that is newer than itself."""
        known = tuple(add(n, phase=phase) for n, phase in enumerate(phases, start=1))
        marker = {"schema": version}
        if starts:
            check_schema(marker, "case", known)
        else:
            with pytest.raises(SchemaError):
                check_schema(marker, "case", known)

    def test_numbers_have_no_gap(self, tmp_path, monkeypatch):
        """A migration that was renamed or lost is seen before anything runs."""
        package = tmp_path / "gapped"
        package.mkdir()
        (package / "__init__.py").touch()
        (package / "0002_second.py").write_text("PHASE = 'EXPAND'\n\n\ndef step(database, after):\n    return None\n")
        monkeypatch.syspath_prepend(str(tmp_path))
        with pytest.raises(SchemaError, match="0001"):
            read_migrations("gapped")


@pytest.fixture
def provisioned(engines):
    """A tenant's spec, provisioned."""
    provisioner = Provisioner(engines.layout, timings=Timings(), demo=True)
    provisioner.provision_centre()
    spec = TenantSpec(
        id=TenantId("m" + secrets.token_hex(4)), name="Host", nation="ENGLAND", setting="OTHER", number=tenant_number()
    )
    provisioner.provision(spec)
    yield provisioner, spec
    provisioner.remove(spec.id)
    provisioner.close()


class TestTenant:
    def versions(self, engines, tenant):
        with MongoClient(engines.mongod.admin_uri()) as mongo:
            return {
                service: mongo[database_name(tenant, service)]["marker"].find_one().get("schema", 0)
                for service in services_of(tenant)
            }

    def test_a_new_database_begins_at_the_newest_version(self, engines, provisioned):
        """And provisioning again changes no version: that is the operator's to do."""
        provisioner, spec = provisioned
        assert self.versions(engines, spec.id) == {s: known_version(s) for s in services_of(spec.id)}
        with MongoClient(engines.mongod.admin_uri()) as mongo:
            mongo[database_name(spec.id, "reporting")]["marker"].update_one({}, {"$unset": {"schema": ""}})
        provisioner.provision(spec)
        assert self.versions(engines, spec.id)["reporting"] == 0

    def test_a_tenant_from_before_a_service_gets_its_database_user_and_queues(self, engines, provisioned):
        """Provisioned again by the new version, as ``alongside up`` does; nothing else of the tenant changes."""
        provisioner, spec = provisioned
        service, others = "integrations", [s for s in services_of(spec.id) if s != "integrations"]
        credentials = engines.layout.secrets_dir / "credentials" / spec.id / f"{service}.json"
        with MongoClient(engines.mongod.admin_uri()) as mongo:
            gone = mongo[database_name(spec.id, service)]
            gone.command("dropAllUsersFromDatabase")
            gone.command("dropAllRolesFromDatabase")
            mongo.drop_database(gone.name)
            before = {s: mongo[database_name(spec.id, s)]["marker"].find_one() for s in others}
        credentials.unlink()
        provisioner.broker.remove_user(f"{spec.id}.{service}")
        provisioner.provision(spec)
        assert self.versions(engines, spec.id)[service] == known_version(service)
        with MongoClient(json.loads(credentials.read_text(encoding="utf-8"))["mongo_uri"]) as own:
            assert own[database_name(spec.id, service)]["events"].find_one() is None
        depths = provisioner.broker.depths(f"t-{spec.id}")
        assert {q for q in topology_of(spec.id).queues if f".{service}" in q} <= set(depths)
        with MongoClient(engines.mongod.admin_uri()) as mongo:
            assert {s: mongo[database_name(spec.id, s)]["marker"].find_one() for s in others} == before

    @pytest.mark.parametrize("kind", ["api", "relay", "worker --kinds consumers"])
    def test_a_process_refuses_a_newer_database(self, engines, provisioned, kind):
        """Exit 78, before it answers or consumes anything, with what to do."""
        _, spec = provisioned
        with MongoClient(engines.mongod.admin_uri()) as mongo:
            mongo[database_name(spec.id, "reporting")]["marker"].update_one({}, {"$set": {"schema": 99}})
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "services.run", *kind.split(), "--tenant", spec.id],
            env={
                **os.environ,
                "ALONGSIDE_SECRETS": str(engines.layout.secrets_dir / "credentials"),
                "PYTHONPATH": str(PROJECT_ROOT),
            },
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            _, said = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                process.send_signal(signal.SIGKILL)
        assert process.returncode == 78
        assert "is at version 99, this program knows" in said

    def test_a_tenant_that_is_not_here(self, make_layout):
        """Is refused before anything is opened."""
        with pytest.raises(NoSuchTenantError):
            migrations_of_a_stack.status(Stack(make_layout()), ["nobody"])
