"""What a restored event store must not go on as if nothing had been: its positions, and those who were erased since.

Between backup and restore positions were given that this store knows nothing of, and people were erased whom its notes
do not name. So the head leaps far ahead of every reader, whose next request is answered with 410 and who takes a
snapshot; every webhook is disabled until somebody enables it; and each erasure of the key table, which is always the
newest, is noted here too.
Shown by tests/integration/integrations/test_restored_store.py.
"""

from datetime import UTC, datetime
from typing import Any

from pymongo import MongoClient

from services.integrations.store.documents import ERASED, FLOOR, HEAD, POSITIONS
from services.integrations.webhooks.documents import WEBHOOKS
from services.integrations.webhooks.rules import DISABLED, RESTORED
from shared.kernel.tenancy import TenantId, database_name, services_of

_SERVICE = "integrations"
LEAP = 1_000_000
"""More than any host states between a backup and its restore."""


def renew_events(mongo: MongoClient[dict[str, Any]], tenant: TenantId) -> None:
    """Let a tenant's restored store begin anew for its readers, if it has one; to do it twice does no harm."""
    if _SERVICE not in services_of(tenant):
        return
    database = mongo[database_name(tenant, _SERVICE)]
    moved = database[POSITIONS].find_one_and_update(
        {"_id": HEAD}, {"$inc": {"position": LEAP, "version": 1}}, return_document=True
    )
    if moved is not None:
        floor = {"position": moved["position"] + 1, "tenant_id": str(tenant)}
        database[POSITIONS].update_one({"_id": FLOOR}, {"$set": floor, "$inc": {"version": 1}}, upsert=True)
    now = datetime.now(UTC)
    head = moved["position"] if moved is not None else 0
    # One that was removed or disabled since the backup must not begin again; somebody looks at each and enables it.
    disabled = {"status": DISABLED, "disabled_for": RESTORED, "position": head, "updated_at": now}
    database[WEBHOOKS].update_many({}, {"$set": disabled, "$inc": {"version": 1}})
    for erasure in mongo[database_name(tenant, "keys")]["erasures"].find({}, {"_id": 1}):
        note = {"at": now, "cleared": False, "tenant_id": str(tenant), "version": 1}
        database[ERASED].update_one({"_id": erasure["_id"]}, {"$set": note}, upsert=True)
