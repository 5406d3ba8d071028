"""Tells a restored host's services once more who was erased: what they kept may be older than the erasure.

Promise: the key table is always the newest and says who; consent, which would know them again by an old backup, lets
them go again within seconds of the first start, and the gate says no. Shown by
tests/integration/consent/test_erased_everywhere.py.
"""

from typing import Any

from pymongo import MongoClient

from services.case.survivors.erasure import state_erased
from shared.kernel.clock import real_now
from shared.kernel.tenancy import TenantId, database_name, services_of
from shared.outbox.committer import transaction
from shared.outbox.unit_of_work import UnitOfWork

_SERVICE, _CHUNK = "case", 100


def tell_of_erasures(mongo: MongoClient[dict[str, Any]], tenant: TenantId) -> int:
    """Put each erasure of the key table in case's outbox once more; give how many. To do it twice does no harm."""
    if _SERVICE not in services_of(tenant):
        return 0
    erasures = mongo[database_name(tenant, "keys")]["erasures"]
    erased = [row["_id"] for row in erasures.find({}, {"_id": 1}).sort("_id", 1)]
    for first in range(0, len(erased), _CHUNK):
        with transaction(mongo) as session:
            work = UnitOfWork(
                database=mongo[database_name(tenant, _SERVICE)],
                session=session,
                tenant_id=tenant,
                service=_SERVICE,
                now=real_now(),
            )
            state_erased(erased[first : first + _CHUNK], work)
            work.flush()
    return len(erased)
