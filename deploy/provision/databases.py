"""One database and one user for each service of each tenant, with the rights that it needs and no more.

Collections and indexes are made here, beforehand, since a transaction may not make them; the marker
document says whose database it is, which topology its processes must speak, and of which version it is
(``shared.runtime.migrations``).
"""

from collections.abc import Iterable
from typing import Any

from pymongo import IndexModel, MongoClient
from pymongo.errors import OperationFailure
from pymongo.write_concern import WriteConcern

from deploy.migrations.runner import Runner
from shared.bus.topology import Topology
from shared.kernel.tenancy import RESERVED, SERVICES, TenantId, couriers_service, database_name
from shared.runtime.access_parts import LEFT_AT, LEFT_FOR_S, PARTS
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS
from shared.runtime.rooms import service_of

KERNEL_COLLECTIONS = (
    "outbox",
    "inbox",
    "streams",
    "relay",
    "idempotency",
    "latest",
    "marker",
)
KERNEL_INDEXES: dict[str, list[IndexModel]] = {
    "outbox": [
        IndexModel([("status", 1), ("route", 1), ("_id", 1)]),
        # Sent rows stay 30 days for replay; rows not yet sent have no such time and stay.
        IndexModel([("sent_at", 1)], expireAfterSeconds=30 * 24 * 3600),
    ],
    # Of the kernel's own, only the numbers of sent rows have such a time: they are kept as long as the rows.
    "relay": [IndexModel([("at", 1)], expireAfterSeconds=30 * 24 * 3600)],
    "inbox": [IndexModel([("at", 1)], expireAfterSeconds=30 * 24 * 3600)],
    "idempotency": [IndexModel([("expires_at", 1)], expireAfterSeconds=0)],
}
_VAULTS: dict[str, tuple[str, ...]] = {
    "keys": ("survivor_keys", "erasures", "states"),
    "strongroom": ("imports", PARTS),
}
_ADD_TO_STRONGROOM = frozenset(one.name for one in SERVICES if one.adds_to_strongroom)
_SOON_DURABLE: dict[str, Any] = {"w": 1}
"""Each step need not wait for the disk: the marker's write, which comes last, waits for all that came before it."""
_MECHANISMS = ["SCRAM-SHA-256"]
"""The only one that clients of ours speak; to derive keys for SHA-1 too takes as long again."""
_EXISTS_ALREADY = 48
_USER_EXISTS = 51003
_ROLE_EXISTS = 51002

Client = MongoClient[dict[str, Any]]


def make_service_database(admin: Client, tenant: TenantId, service: str, topology: Topology, password: str) -> str:
    """Make one service's database with its user; give the database's name."""
    name = database_name(tenant, service)
    database = admin[name]
    composed = service_of(service)
    collections, indexes = composed.collections, composed.indexes
    indexed = {**KERNEL_INDEXES, **indexes}
    there = set(database.list_collection_names())
    for collection in (*KERNEL_COLLECTIONS, *collections):
        if collection in indexed:
            # This makes the collection too, where it is missing.
            database[collection].create_indexes(indexed[collection], writeConcern=_SOON_DURABLE)
        elif collection not in there:
            _make_collection(admin, name, collection)
    marked = database["marker"].update_one(
        {"_id": "marker"},
        {
            "$set": {
                "tenant_id": tenant,
                "service": service,
                "topology": topology.hash,
                "holds": sorted(topology.holds),
            }
        },
        upsert=True,
    )
    if marked.upserted_id is not None:
        # Nothing runs here yet and nothing is in it: it begins at the newest version.
        Runner(database, service).up(contract=True)
    roles: list[Any] = [_writer_role(admin, name, service, (*KERNEL_COLLECTIONS, *collections), composed.append_only)]
    if service in KEEPERS_OF_SURVIVOR_KEYS:
        roles += _vault_roles(admin, tenant)
    if service in _ADD_TO_STRONGROOM and tenant not in RESERVED:
        roles.append(_adder_role(admin, tenant, service))
    put_user(admin, name, f"{tenant}.{service}", password, roles)
    return name


def make_courier_user(admin: Client, tenant: TenantId, password: str) -> None:
    """Make the courier's database user: it may read and mark outbox rows of its one service, nothing else."""
    name = database_name(tenant, str(couriers_service(tenant)))
    privileges = [
        _privilege(name, "outbox", ("find", "update", "changeStream")),
        _privilege(name, "relay", ("find", "insert", "update")),
        _privilege(name, "marker", ("find",)),
    ]
    _put_role(admin, name, "courier", privileges)
    put_user(admin, name, f"{tenant}.courier", password, [{"role": "courier", "db": name}])


def put_user(admin: Client, database: str, user: str, password: str, roles: Iterable[Any]) -> None:
    """Make a database user, or set its password and roles."""
    try:
        admin[database].command("createUser", user, pwd=password, roles=list(roles), mechanisms=_MECHANISMS)
    except OperationFailure as error:
        if error.code != _USER_EXISTS:
            raise
        admin[database].command("updateUser", user, pwd=password, roles=list(roles), mechanisms=_MECHANISMS)


def drop_tenant(admin: Client, tenant: TenantId, services: Iterable[str]) -> None:
    """Delete a tenant's databases with their users and roles."""
    for service in (*services, "keys", "strongroom"):
        name = database_name(tenant, service)
        admin[name].command("dropAllUsersFromDatabase")
        admin[name].command("dropAllRolesFromDatabase")
        admin.drop_database(name)


def _make_collection(admin: Client, database: str, collection: str) -> None:
    try:
        admin[database].create_collection(collection, check_exists=False, write_concern=WriteConcern(w=1))
    except OperationFailure as error:
        if error.code != _EXISTS_ALREADY:
            raise


def _vault_roles(admin: Client, tenant: TenantId) -> list[dict[str, str]]:
    """Who keeps survivors' keys alone holds them, and reads what waits in the strongroom for it."""
    roles = []
    for vault, collections in _VAULTS.items():
        name = database_name(tenant, vault)
        for collection in collections:
            _make_collection(admin, name, collection)
        roles.append({"role": "readWrite", "db": name})
    waiting = IndexModel([(LEFT_AT, 1)], expireAfterSeconds=LEFT_FOR_S)
    admin[database_name(tenant, "strongroom")][PARTS].create_indexes([waiting], writeConcern=_SOON_DURABLE)
    return roles


def _adder_role(admin: Client, tenant: TenantId, service: str) -> dict[str, str]:
    """Let a service leave a part of a person's copy in the strongroom; it reads none, not even its own."""
    name, role = database_name(tenant, "strongroom"), f"{service}-adds"
    _put_role(admin, name, role, [_privilege(name, PARTS, ("insert",))])
    return {"role": role, "db": name}


def _writer_role(
    admin: Client, database: str, service: str, collections: Iterable[str], append_only: Iterable[str]
) -> dict[str, str]:
    """Make the role of a service's own user; an append-only collection can be added to and read."""
    closed = set(append_only)
    privileges = []
    for collection in collections:
        actions: tuple[str, ...] = ("find", "insert", "update", "remove", "changeStream")
        if collection in closed:
            actions = ("find", "insert")
        if collection == "marker":
            actions = ("find",)
        privileges.append(_privilege(database, collection, actions))
    _put_role(admin, database, service, privileges)
    return {"role": service, "db": database}


def _privilege(database: str, collection: str, actions: Iterable[str]) -> dict[str, Any]:
    return {"resource": {"db": database, "collection": collection}, "actions": list(actions)}


def _put_role(admin: Client, database: str, role: str, privileges: list[dict[str, Any]]) -> None:
    try:
        admin[database].command("createRole", role, privileges=privileges, roles=[])
    except OperationFailure as error:
        if error.code != _ROLE_EXISTS:
            raise
        admin[database].command("updateRole", role, privileges=privileges, roles=[])
