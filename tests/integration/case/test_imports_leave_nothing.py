"""After the end of an import no key that exists opens what was uploaded, wherever it still stands."""

import re
from datetime import timedelta

import bson
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from deploy.keeping.contents import databases_of
from services.case.imports.rules.table import Table
from services.case.strongroom.documents import UNCLAIMED, key_id, strongroom_of
from services.case.strongroom.upload_keys import Use
from shared.kernel.clock import real_now
from shared.kernel.tenancy import RESERVED
from shared.keys.key_table import KeyTable
from shared.keys.tenant_key import UnknownGenerationError, WrappedKey, WrongTenantKeyError
from tests.kit.import_files import COLUMNS, export, line, references

pytestmark = pytest.mark.integration

NONCE = 12


def history(place, databases, since):
    """Every entry of the database's own history of these databases."""
    names = [f"as_{place.tenant}_{short}" for short in databases]
    ours = {"$regex": f"^({'|'.join(names)})\\."}
    query = {"ts": {"$gte": since}, "$or": [{"ns": ours}, {"o.applyOps.ns": ours}]}
    found = list(place._admin["local"]["oplog.rs"].find(query))
    assert found, "the history was looked at"
    return found


def wrapped_keys(entries):
    """Every wrapped key that the history holds."""
    found = []

    def walk(value):
        if isinstance(value, dict):
            if "wrapped" in value and "generation" in value:
                found.append(WrappedKey(generation=value["generation"], data=bytes(value["wrapped"])))
            for one in value.values():
                walk(one)
        elif isinstance(value, list):
            for one in value:
                walk(one)

    walk(entries)
    return found


def opened(blob, place_of_it, context, wrapped):
    """What an upload gives to all the keys that exist: wrapped rows as far as they unwrap, files, and both together."""
    halves = [context.tenant_key.subkey(purpose) for purpose in ("STRONGROOM", "IMPORT_CONTENT")]
    for one in wrapped:
        try:
            halves.append(context.tenant_key.unwrap(one))
        except (UnknownGenerationError, WrongTenantKeyError):
            continue
    files = [path.read_bytes() for path in context.settings.tenant_key_file.parent.rglob("*") if path.is_file()]
    keys = [*halves, *(file for file in files if len(file) == 32)]
    keys += [
        HKDF(algorithm=hashes.SHA256(), length=32, salt=file, info=b"alongside/upload").derive(row)
        for row in halves
        for file in files
    ]
    found = []
    for key in keys:
        try:
            found.append(AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], place_of_it.encode()))
        except InvalidTag:
            continue
    return found


def sealed(place, import_id):
    """Everything that the strongroom holds of an upload, by its place."""
    found = place.database("strongroom")["imports"].find({"of": import_id, "sealed": {"$exists": True}})
    return {one["_id"]: bytes(one["sealed"]) for one in found}


def test_nothing_of_an_upload_opens_after_its_end(several_systems):
    """Twin: a moment before, with the keys of then, it opens; afterwards nothing does, and no erasure was needed."""
    place, context = several_systems, several_systems.contexts["case"]
    since = place._admin.admin.command("ping")["operationTime"]
    ref, *_ = references(1)
    content = export(line(ref, Notes="planted-note"), columns=(*COLUMNS, "planted-column"))
    content = content.replace(b"Yes\n", b"Yes,planted-cell\n")
    import_id = place.post("/v1/imports?source=nothing-left", content, "HOST_DPO").json["id"]
    (blob,) = sealed(place, import_id).values()
    wrapped = wrapped_keys(history(place, ["keys"], since))
    (plain,) = opened(blob, import_id, context, wrapped)
    table = Table.unstage(plain)
    assert [ref in one.cells for one in table.lines] == [True]
    assert not re.search(rb"planted", repr(table).encode()), "what is not mapped was dropped before it was kept"

    place.run_imports()
    assert not KeyTable(context.keys_database).find([key_id(import_id)])
    assert place.database("strongroom")["imports"].find_one({"_id": import_id}) is None

    wrapped = wrapped_keys(history(place, ["keys"], since))
    assert len(wrapped) > 1, "the history still holds the wrapped keys"
    assert opened(blob, import_id, context, wrapped) == []
    everything = b"".join(
        bson.encode(entry) for entry in history(place, ["case", "keys", "strongroom", "audit"], since)
    )
    assert blob in everything, "the sealed upload is in the history, and stays closed"
    assert b"planted" not in everything


def test_the_file_of_a_plan_is_closed_at_its_end_and_the_plan_when_it_expires(several_systems):
    """The plan can be read for two weeks; the file that it was made of opens no longer than its import runs."""
    place, context = several_systems, several_systems.contexts["case"]
    since = place._admin.admin.command("ping")["operationTime"]
    planned = place.plan(export(line(references(1)[0])), query="?source=nothing-left")
    before = sealed(place, planned["id"])
    wrapped = wrapped_keys(history(place, ["keys"], since))
    assert all(opened(blob, name, context, wrapped) for name, blob in before.items())
    file = before.pop(planned["id"])
    assert before, "the plan has parts of its own"

    assert place.commit(planned)["state"] == "DONE"
    wrapped = wrapped_keys(history(place, ["keys"], since))
    assert opened(file, planned["id"], context, wrapped) == []
    assert all(opened(blob, name, context, wrapped) for name, blob in before.items())

    strongroom_of(context).remove(planned["id"])
    assert not [name for name, blob in before.items() if opened(blob, name, context, wrapped)]


def test_a_kill_before_the_file_was_deleted_is_made_good(several_systems):
    """A planned import ended, and the process died at that moment: the next sweep closes the file, and leaves the plan."""
    place, context = several_systems, several_systems.contexts["case"]
    room, imports = strongroom_of(context), place.database("strongroom")["imports"]
    planned = place.plan(export(line(references(1)[0])), query="?source=nothing-left")
    imports.update_many({"of": planned["id"]}, {"$set": {"put_at": real_now() - UNCLAIMED - timedelta(seconds=1)}})
    room.sweep([planned["id"]], [planned["id"]])
    assert room.get(planned["id"]) is not None
    room.sweep([planned["id"]], [])
    assert room.get(planned["id"]) is None
    assert imports.find_one({"of": planned["id"], "use": Use.UPLOAD}) is None
    assert place.get(f"/v1/imports/{planned['id']}/plan", "HOST_DPO").json["hash"] == planned["plan_hash"]


def test_a_sweep_and_a_refused_upload_leave_no_key(place):
    """A file nobody waits for goes with its key; one that cannot be read never had any."""
    before = set(place.database("keys")["survivor_keys"].distinct("_id"))
    refused = place.post("/v1/imports", b"one,two\n1,2\n", "HOST_DPO")
    assert place.get(refused.headers["Location"], "HOST_DPO").json["state"] == "REFUSED"
    assert set(place.database("keys")["survivor_keys"].distinct("_id")) == before
    room = strongroom_of(place.contexts["case"])
    room.put("orphan", b"left behind")
    assert room.get("orphan") == b"left behind"
    room.remove("orphan")
    assert room.get("orphan") is None
    assert set(place.database("keys")["survivor_keys"].distinct("_id")) == before


def test_no_backup_holds_the_strongroom(place):
    """A copy of a waiting upload would outlive its erasure."""
    assert "strongroom" not in databases_of(place.tenant)
    assert all("strongroom" not in databases_of(tenant) for tenant in RESERVED)
