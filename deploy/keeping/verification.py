"""Proves that restored data holds together, before any process touches it.

Every outbox row's events decode; every sealed field opens with its key or belongs to an erased survivor;
staff names open; no stream is ahead of what its source has numbered. What is found is
told by collection and random id, never by content.

Limit: a document that is wrong in a way that its own service would accept is not seen.
"""

import hmac
from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
from pymongo import MongoClient

from services.case.episodes.documents import EPISODES
from services.case.survivors.documents import SURVIVORS
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

_AT_ONCE = 1_000

Client = MongoClient[dict[str, Any]]


class Verification:
    """Checks one tenant.

    Attributes:
        problems: What does not hold; empty when all is well.
        opened: Documents whose sealed fields opened.
        erased: Documents that stay closed because their person was erased.
        events: Events that decoded.
    """

    def __init__(self, client: Client, tenant: TenantId, key: TenantKeyFile) -> None:
        """Bind to the administrator's client and the tenant's key."""
        self._client = client
        self._tenant = tenant
        self._key = key
        self.problems: list[str] = []
        self.opened = self.erased = self.events = 0

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
        for collection in (SURVIVORS, EPISODES):
            for documents in _batches(database[collection].find({}, {"sealed": 1, "survivor_id": 1})):
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
