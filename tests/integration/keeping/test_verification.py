"""What `restore --verify` finds in a host's data: sealed fields of every kind, and the audit log."""

from functools import partial

import pytest
from bson import Binary

from deploy.keeping.verification import Verification
from services.audit.checkpoints.signing import Signing, log_key_file
from services.audit.tree.appending import append_waiting
from shared.keys.tenant_key import TenantKeyFile
from shared.transparency.log_key import LogKey
from tests.kit.audited import batch_of, hear
from tests.kit.tenant_place import TenantPlace

CONTACT = {"mode": "PHONE", "on": "2026-08-04", "interpreter": "NONE_NEEDED", "note": "planted"}


@pytest.fixture(scope="module")
def tenant_place(engines, tmp_path_factory):
    """A host of these tests' own, since they leave its database harmed."""
    place = TenantPlace(engines, tmp_path_factory.mktemp("verified"))
    yield place
    place.close()


@pytest.fixture
def host(place):
    """A person with an episode and a contact; a signed log of three entries, and one that waits."""
    for collection in ("entries", "batches", "waiting", "stretches", "tiles", "heads", "checkpoints", "public_keys"):
        place.database("audit")[collection].delete_many({})
    audit = place.contexts["audit"]
    (audit.settings.data_dir / "audit-checkpoint").unlink(missing_ok=True)
    place.database("case")["contacts"].delete_many({})
    episode = place.episode()
    assert place.post(f"/v1/episodes/{episode['id']}/contacts", CONTACT).status_code == 201
    hear(audit, batch_of(3))
    append_waiting(audit)
    Signing(audit).run()
    hear(audit, batch_of(1))
    return place


def verified(place):
    """Everything that is found, as the administrator who restores finds it."""
    context = place.contexts["case"]
    key = TenantKeyFile.load(context.settings.tenant_key_file, place.tenant)
    log_key = LogKey.load(log_key_file(place.contexts["audit"]))
    return Verification(place.database("case").client, place.tenant, key, log_key).run()


def test_what_is_sound_is_sound(host):
    """Each sealed document is opened, and each entry that has its place in the log is looked at."""
    found = verified(host)
    assert found.problems == []
    assert found.logged == 3
    sealed = host.database("case")["contacts"].count_documents({}) + 2
    assert found.opened >= sealed == 3


def test_a_sealed_field_of_any_collection_that_does_not_open_is_named(host):
    """Not only what was sealed when the check was written."""
    contacts = host.database("case")["contacts"]
    stored = contacts.find_one()
    contacts.update_one({}, {"$set": {"sealed.note": Binary(bytes(stored["sealed"]["note"])[:-1] + b"\0\0")}})
    assert verified(host).problems == [f"case/contacts: {stored['_id']} does not open with its key"]


def test_an_entry_of_the_log_that_was_changed_is_named(host):
    """By its place, and without a word of it."""
    host.database("audit")["entries"].update_one({}, {"$set": {"role": "HOST_ADMIN"}})
    (found,) = verified(host).problems
    assert found.startswith("audit/entries: ENTRY_CHANGED, entry ")


def test_a_checkpoint_of_another_key_is_named(host):
    """Whoever replaced database and checkpoint together has not the key that lies apart."""
    checkpoints = host.database("audit")["checkpoints"]
    note = checkpoints.find_one()["note"]
    lines = note.split("\n")
    changed = "\n".join([*lines[:4], lines[4][:-8] + ("A" * 7 + "="), *lines[5:]])
    checkpoints.update_one({}, {"$set": {"note": changed}})
    assert verified(host).problems == ["audit/checkpoints: the newest is not signed by the key of this log"]


def test_without_the_logs_key_a_signed_log_is_not_taken_for_sound(host):
    """What nobody could check is a problem; a log that was never signed needs none."""
    context = host.contexts["case"]
    key = TenantKeyFile.load(context.settings.tenant_key_file, host.tenant)
    check = partial(Verification, host.database("case").client, host.tenant, key, None)
    (found,) = check().run().problems
    assert found.startswith("audit/checkpoints: the key of this log is missing")
    host.database("audit")["checkpoints"].delete_many({})
    assert check().run().problems == []


def test_of_a_log_that_was_replaced_a_hundred_entries_are_named(host):
    """However many there are."""
    audit = host.contexts["audit"]
    hear(audit, batch_of(150))
    append_waiting(audit)
    host.database("audit")["entries"].update_many({}, {"$set": {"role": "HOST_ADMIN"}})
    assert len(verified(host).problems) == 100
