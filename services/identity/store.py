"""Identity's documents.

A login is kept as an HMAC under a tenant key, a password as argon2id, a machine's secret as an HMAC; the
login itself and the name are not kept at all.
"""

from pymongo import IndexModel

USERS, MACHINES, FAILURES = "users", "machines", "failures"
COLLECTIONS = (USERS, MACHINES, FAILURES)
INDEXES: dict[str, list[IndexModel]] = {
    USERS: [IndexModel([("login", 1)], unique=True)],
    MACHINES: [IndexModel([("client_id", 1)], unique=True)],
    FAILURES: [IndexModel([("at", 1)], expireAfterSeconds=900)],
}
