"""A host is deleted for good: only once two people stated it, gone on with after a kill at each step, and certified."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
from pymongo import MongoClient

from deploy.engines.layout import Layout
from deploy.leaving.beginning import Wanted, begin
from deploy.leaving.certificate import signature_file, verify_certificate
from deploy.leaving.deleting import Premises, go_on
from deploy.leaving.errors import DeletedBeforeError, PackageUnreadableError
from deploy.leaving.journal import Journal, certificate_file, refuse_deleted
from deploy.leaving.retiring import retire
from deploy.provision.credentials import Vault
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.stack.stack import Stack
from deploy.stack.state import StackState
from services.audit.checkpoints.signing import Signing
from services.audit.tree.appending import append_waiting
from shared.kernel.clock import BusinessClock
from shared.kernel.errors import AlongsideError
from shared.keys.signing import HostRegister
from tests.kit.audited import batch_of, hear
from tests.kit.tenant_place import TenantPlace

KEY = "age1" + "q" * 58
STEPS = ["STOPPED", "KEYS_GONE", "QUEUES_GONE", "DATABASES_GONE", "FILES_GONE", "CERTIFIED", "DONE"]


class KilledError(Exception):
    """Plays a machine that goes down."""


def refused(call):
    """What it says, or nothing where it is not refused."""
    try:
        call()
    except AlongsideError as error:
        return error.code
    return None


def state_it(place, **more):
    place.database("case")["leavings"].delete_many({})
    assert place.post("/v1/leaving", {"recipient": KEY, **more}, "HOST_DPO").status_code == 201
    assert place.post("/v1/leaving/agree", {}, "HOST_ADMIN", If_Match='"1"').status_code == 200


@pytest.fixture(scope="module")
def story(engines, tmp_path_factory):
    """A host with somebody in it: what is refused, then its deletion, killed after each step and gone on with."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("deleted"))
    place.survivor(name="Zlatan-Name")
    audit = place.contexts["audit"]
    hear(audit, batch_of(3))
    append_waiting(audit)
    Signing(audit).run()
    keys = "\n".join(place.get("/v1/audit/log", "HOST_DPO").json["keys"]) + "\n"
    layout, mongo = engines.layout, MongoClient(engines.mongod.admin_uri(), tz_aware=True)
    wanted = Wanted(tenant=place.tenant, name="Host", backups_gone_on=date(2027, 1, 31), without_package=True)
    clock = BusinessClock(audit.settings.clock_file)

    def beginning(one=wanted):
        return begin(layout, mongo, clock, one)

    said = {"nobody asked": refused(beginning)}
    state_it(place)
    said["a key alone"] = refused(beginning)
    state_it(place, deletes=True)
    said["no package"] = refused(lambda: beginning(replace(wanted, without_package=False)))
    task = {"_id": "t", "period": "2026-Q3", "closes_at": datetime.now(UTC) + timedelta(days=3), "state": "SEALED"}
    place.database("reporting")["tasks"].insert_one(task)
    place.database("reporting")["vectors"].insert_one({"_id": "t"})
    said["figures on their way"] = refused(beginning)
    said["journal"] = Journal.find(layout, place.tenant)
    place.database("reporting")["vectors"].delete_many({})
    said["begun"] = beginning()
    provisioner = Provisioner(layout, timings=Timings(), demo=True)
    retired, killed = [], []
    premises = Premises(layout=layout, mongo=mongo, provisioner=provisioner, retire=retired.append)
    done = Journal.done

    def die(journal, step, at):
        if step not in killed:
            killed.append(step)
            raise KilledError
        return done(journal, step, at)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Journal, "done", die)
        for _ in STEPS:
            with pytest.raises(KilledError):
                go_on(premises, Journal.find(layout, place.tenant))
        ended = go_on(premises, Journal.find(layout, place.tenant))
    yield SimpleNamespace(
        place=place, layout=layout, mongo=mongo, said=said, retired=retired, killed=killed, ended=ended, keys=keys,
        provisioner=provisioner, again=lambda: go_on(premises, Journal.find(layout, place.tenant)),
    )  # fmt: skip
    provisioner.close()
    mongo.close()
    place.close()
    for file in (layout.home / "left").glob(f"{place.tenant}.*"):
        file.unlink()


def test_nothing_is_begun_before_it_may_be(story):
    """Nobody asked, a key alone, nothing written out, figures on their way; none of it leaves a journal."""
    assert story.said["nobody asked"] == story.said["a key alone"] == story.said["no package"] == "leaving-not-agreed"
    assert story.said["figures on their way"] == "leaving-period-open"
    assert story.said["journal"] is None


def test_a_kill_after_each_step_is_gone_on_with(story):
    """Each step is taken twice, and noted once; at the end one more run changes nothing."""
    assert story.killed == STEPS
    assert list(story.ended.steps) == STEPS
    assert story.retired == [story.place.tenant] * 2
    assert story.again() == story.ended


def test_nothing_of_the_host_is_left(story):
    """No database, no vhost, no key, no file, no entry at board and custodian."""
    tenant = story.place.tenant
    assert not [name for name in story.mongo.list_database_names() if tenant in name]
    assert not story.provisioner.broker.has_vhost(f"t-{tenant}")
    assert not Vault.folder_of(story.layout.secrets_dir, tenant).exists()
    assert not story.layout.data_dir(tenant).exists()
    assert list(story.layout.escrow_dir(tenant).glob(f"{tenant}*")) == []
    for server in ("board", "custodian"):
        assert tenant not in HostRegister(path=story.layout.data_dir(server) / "hosts.json").read()


def test_the_certificate_says_what_is_gone_what_lapses_and_what_stays(story):
    """Signed by a key that exists no more; it names nobody."""
    file = certificate_file(story.layout, story.place.tenant)
    found = verify_certificate(file, story.keys)
    assert list(found["gone"]) == STEPS[:5]
    assert (found["host"], found["package"]) == (story.place.tenant, None)
    assert found["stated"]["asked_by"] == story.place.actor("HOST_DPO")
    assert {one["what"]: one["when"] for one in found["lapses"]}["backups of keys"] == "2027-01-31"
    assert len(found["remains"]) == 3
    assert found["audit_log"]["checkpoint"].startswith(f"alongside/{story.place.tenant}/audit\n")
    assert "Zlatan" not in file.read_text(encoding="utf-8")


def test_a_certificate_that_was_changed_is_not_believed(story, tmp_path):
    """Neither with other facts, nor without its signature."""
    file = certificate_file(story.layout, story.place.tenant)
    said = json.loads(file.read_text(encoding="utf-8"))
    copy = tmp_path / "certificate.json"
    copy.write_text(json.dumps({**said, "lapses": []}, indent=1) + "\n", encoding="utf-8")
    with pytest.raises(PackageUnreadableError, match="no certificate"):
        verify_certificate(copy, story.keys)
    signature_file(copy).write_bytes(signature_file(file).read_bytes())
    with pytest.raises(PackageUnreadableError, match="not signed"):
        verify_certificate(copy, story.keys)


def test_its_id_is_given_to_no_other_host(story):
    """Board and custodian know its log."""
    with pytest.raises(DeletedBeforeError):
        refuse_deleted(story.layout, story.place.tenant)
    refuse_deleted(story.layout, "another")


def test_a_retired_host_is_neither_started_nor_provisioned_again(tmp_path):
    """The stack's record has it no more; the others stay."""
    stack = Stack(Layout(home=tmp_path / "home", port_base=29_000))
    state = StackState()
    for number, name in enumerate(("alder", "birch")):
        state = state.with_tenant(TenantSpec(id=name, name=name, nation="WALES", setting="OTHER", number=number))
    replace(state, suspended=("alder", "birch")).save(stack.layout)
    retire(stack, "alder")
    retire(stack, "alder")
    assert [one.id for one in stack.state.tenants] == ["birch"]
    assert stack.state.suspended == ("birch",)
