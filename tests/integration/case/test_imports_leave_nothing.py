"""After the end of an import and the next erasure, no key that exists opens what was uploaded, wherever it still stands."""

import re

import bson
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from deploy.keeping.contents import databases_of
from services.case.imports.rules.table import Table
from services.case.strongroom.documents import key_id, strongroom_of
from services.case.survivors.erasure import ErasureJob
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


def opened(blob, import_id, tenant_key, wrapped):
    """The keys, of all that exist, with which an upload opens: wrapped ones, as far as they unwrap, and derived ones."""
    keys = [tenant_key.subkey(purpose) for purpose in ("STRONGROOM", "IMPORT_CONTENT")]
    for one in wrapped:
        try:
            keys.append(tenant_key.unwrap(one))
        except (UnknownGenerationError, WrongTenantKeyError):
            continue
    found = []
    for key in keys:
        try:
            found.append(AESGCM(key).decrypt(blob[:NONCE], blob[NONCE:], import_id.encode()))
        except InvalidTag:
            continue
    return found


def test_nothing_of_an_upload_opens_after_its_end_and_the_next_erasure(several_systems):
    """Twin: a moment before, with the keys of then, it opens; afterwards nothing does, in history or table."""
    place, context = several_systems, several_systems.contexts["case"]
    since = place._admin.admin.command("ping")["operationTime"]
    ref, *_ = references(1)
    content = export(line(ref, Notes="planted-note"), columns=(*COLUMNS, "planted-column"))
    content = content.replace(b"Yes\n", b"Yes,planted-cell\n")
    import_id = place.post("/v1/imports?source=nothing-left", content, "HOST_DPO").json["id"]
    stored = place.database("strongroom")["imports"].find_one({"_id": import_id})
    blob = bytes(stored["sealed"])
    wrapped = wrapped_keys(history(place, ["keys"], since))
    (plain,) = opened(blob, import_id, context.tenant_key, wrapped)
    table = Table.unstage(plain)
    assert [ref in one.cells for one in table.lines] == [True]
    assert not re.search(rb"planted", repr(table).encode()), "what is not mapped was dropped before it was kept"

    place.run_imports()
    keys = KeyTable(context.keys_database)
    assert not keys.find([key_id(import_id)])
    assert place.database("strongroom")["imports"].find_one({"_id": import_id}) is None
    place.contexts["case"].survivor_keys.forget(place.survivor())
    ErasureJob(context, wait=lambda _seconds: None, settle_s=0.0).run()

    wrapped = wrapped_keys(history(place, ["keys"], since))
    assert len(wrapped) > 2, "the history still holds the wrapped keys"
    assert opened(blob, import_id, context.tenant_key, wrapped) == []
    everything = b"".join(
        bson.encode(entry) for entry in history(place, ["case", "keys", "strongroom", "audit"], since)
    )
    assert blob in everything, "the sealed upload is in the history, and stays closed"
    assert b"planted" not in everything


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
