"""Proves that restored data holds together, before any process touches it.

Every outbox row's events decode; every sealed field opens with its key or belongs to an erased survivor;
staff names open; no stream is ahead of what its source has numbered; each entry of the audit log opens its leaf,
and the tree has the root that the log's key signed last. What is found is
told by collection and random id, never by content.
Shown by tests/integration/keeping/test_verification.py.

Limit: a document that is wrong in a way that its own service would accept is not seen.
"""

import hmac
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from pymongo import DESCENDING, MongoClient

from services.audit.checkpoints.checking import LogCheck
from services.audit.checkpoints.documents import CHECKPOINTS
from services.case.survivors.sealing import Sealer
from services.identity.people.documents import USERS
from services.identity.people.names import StaffNames
from shared.contracts.registry import UnknownEventTypeError, get_event
from shared.kernel.streams import from_document
from shared.kernel.tenancy import TenantId, database_name, services_of
from shared.keys.fields import CiphertextMovedError
from shared.keys.key_table import KeyTable
from shared.keys.survivor_keys import SurvivorKeys
from shared.keys.tenant_key import TenantKeyFile, UnknownGenerationError, WrongTenantKeyError
from shared.transparency.log_key import LogKey
from shared.transparency.notes import NoteRefusedError, origin_of, read_checkpoint

_AT_ONCE = 1_000
_MOST_OF_THE_LOG = 100
"""Problems of the log that are named; where it was replaced every entry would be one."""

Client = MongoClient[dict[str, Any]]


class Verification:
    """Checks one tenant.

    Attributes:
        problems: What does not hold; empty when all is well.
        opened: Documents whose sealed fields opened.
        erased: Documents that stay closed because their person was erased.
        events: Events that decoded.
        logged: Entries of the audit log that opened their leaves.
    """

    def __init__(self, client: Client, tenant: TenantId, key: TenantKeyFile, log_key: LogKey | None) -> None:
        """Bind to the administrator's client, the tenant's key, and the key of its audit log where there is one."""
        self._client = client
        self._tenant = tenant
        self._key = key
        self._log_key = log_key
        self.problems: list[str] = []
        self.opened = self.erased = self.events = self.logged = 0

    def run(self, counts: Mapping[str, int] | None = None) -> "Verification":
        """Run every check.

        Args:
            counts: Documents that each collection (``service/collection``) must hold, where that is known.
        """
        for place, count in (counts or {}).items():
            short, _, collection = place.partition("/")
            found = self._client[database_name(self._tenant, short)][collection].count_documents({})
            if found != count:
                self.problems.append(f"{place} holds {found} documents instead of {count}")
        for service in services_of(self._tenant):
            self._check_events(service)
            self._check_streams(service)
        if "case" in services_of(self._tenant):
            self._check_sealed()
        if "identity" in services_of(self._tenant):
            self._check_staff()
        if "audit" in services_of(self._tenant):
            self._check_log()
        return self

    def _check_events(self, service: str) -> None:
        for row in self._client[database_name(self._tenant, service)]["outbox"].find():
            for event in row["events"]:
                try:
                    msgspec.json.decode(bytes(event["body"]), type=get_event(event["type"]))
                    self.events += 1
                except (msgspec.DecodeError, UnknownEventTypeError):
                    self.problems.append(f"{service}/outbox: event {event['id']} does not decode")

    def _check_streams(self, service: str) -> None:
        for stored in self._client[database_name(self._tenant, service)]["streams"].find():
            source = stored["_id"]
            plan = self._client[database_name(self._tenant, source)]["relay"].find_one({"_id": "relay-plan"}) or {}
            given = plan.get("last", {}).get(service, 0)
            progress = from_document(stored)
            reached = max([progress.contiguous, *(high for _, high in progress.above)])
            if reached > given:
                self.problems.append(f"{service}/streams: {source} is at {reached}, its source gave {given} numbers")

    def _check_sealed(self) -> None:
        database = self._client[database_name(self._tenant, "case")]
        keys_database = self._client[database_name(self._tenant, "keys")]
        keys, table = SurvivorKeys(keys_database, self._key), KeyTable(keys_database)
        # Whatever is sealed, and not only what was when this was written; a survivor's own document is under their id.
        for collection in sorted(database.list_collection_names()):
            sealed = database[collection].find({"sealed": {"$type": "object"}}, {"sealed": 1, "survivor_id": 1})
            for documents in _batches(sealed):
                whose = {d["_id"]: d.get("survivor_id", d["_id"]) for d in documents}
                try:
                    found = keys.find_many(set(whose.values()))
                except (UnknownGenerationError, WrongTenantKeyError) as error:
                    self.problems.append(f"key table: {error}")
                    return
                erased = table.erased(set(whose.values()) - found.keys())
                sealer = Sealer(tenant=str(self._tenant), keys=found)
                for document in documents:
                    survivor = whose[document["_id"]]
                    if survivor in erased:
                        self.erased += 1
                    elif survivor not in found:
                        self.problems.append(f"case/{collection}: {document['_id']} has no key and no erasure")
                    else:
                        self._open(f"case/{collection}: {document['_id']}", sealer, survivor, document["sealed"])

    def _open(self, place: str, sealer: Sealer, survivor: str, sealed: Mapping[str, Any]) -> None:
        try:
            sealer.open(survivor, sealed)
            self.opened += 1
        except CiphertextMovedError:
            self.problems.append(f"{place} does not open with its key")

    def _check_log(self) -> None:
        database = self._client[database_name(self._tenant, "audit")]
        check, found = LogCheck(database), list[str]()
        first: int | None = 0
        while first is not None and len(found) < _MOST_OF_THE_LOG:
            part = check.part(first, _AT_ONCE)
            found += [f"audit/entries: {one['what']}, entry {one['index']} of the log" for one in part["wrong"]]
            self.logged += part["checked"]
            first = part["next"]
        self.problems += found[:_MOST_OF_THE_LOG]
        newest = database[CHECKPOINTS].find_one(sort=[("at", DESCENDING), ("size", DESCENDING)])
        if newest is not None and self._log_key is None:
            self.problems.append("audit/checkpoints: the key of this log is missing, so what was signed proves nothing")
        elif newest is not None and self._log_key is not None:
            try:
                read_checkpoint(newest["note"], self._log_key.public(origin_of(self._tenant)))
            except NoteRefusedError:
                self.problems.append("audit/checkpoints: the newest is not signed by the key of this log")

    def _check_staff(self) -> None:
        names = StaffNames(self._key, self._tenant)
        for user in self._client[database_name(self._tenant, "identity")][USERS].find():
            try:
                login = names.open_sealed(bytes(user["login_sealed"]), user_id=user["_id"], field="login")
                names.open_sealed(bytes(user["name_sealed"]), user_id=user["_id"], field="display_name")
            except CiphertextMovedError:
                self.problems.append(f"identity/users: {user['_id']} does not open")
                continue
            if not hmac.compare_digest(names.login_index(login), user["login"]):
                self.problems.append(f"identity/users: {user['_id']} is not found by its login")


def _batches(rows: Any) -> Iterator[list[dict[str, Any]]]:
    with rows:
        while batch := list(islice(rows, _AT_ONCE)):
            yield batch
