"""How many halves of a period the custodian holds, on a stack of one machine.

The board shows which hosts have sent; the custodian shows nothing, on purpose. Whoever moves a demo's clock to the
closing must wait for both, since a half that was sent and is still being checked would come after it.
"""

from typing import Any

from pymongo import MongoClient

from deploy.engines.mongod import CLIENT_TIMEOUT_MS
from deploy.stack.stack import Stack
from services.custodian.seeds.documents import SEEDS
from services.custodian.tasks.documents import TASKS
from shared.kernel.tenancy import CUSTODIAN, database_name


def held_by_custodian(stack: Stack, period: str) -> int:
    """Give how many halves of a period's task the custodian has checked and kept; 0 where it knows no such task.

    Raises:
        PyMongoError: The database does not answer.
    """
    client: MongoClient[dict[str, Any]] = MongoClient(stack.engines.mongod.admin_uri(), timeoutMS=CLIENT_TIMEOUT_MS)
    with client:
        database = client[database_name(CUSTODIAN, "custodian")]
        tasks = [task["_id"] for task in database[TASKS].find({"period": period}, {"_id": 1})]
        return int(database[SEEDS].count_documents({"task_id": {"$in": tasks}}))
