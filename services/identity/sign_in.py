"""Sign-in: a password or a machine's secret for a token of one role.

An unknown login costs the same work and gets the same answer as a wrong password. Ten failures in a
quarter of an hour close a login until the quarter of an hour has passed.
"""

import hashlib
import hmac
import secrets
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from pymongo.database import Database

from services.identity.store import FAILURES, MACHINES, USERS
from shared.kernel.clock import real_now
from shared.kernel.tenancy import Principal, TenantId

FAILURE_LIMIT = 10


class Authenticator:
    """Checks credentials of one tenant."""

    def __init__(self, database: Database[dict[str, Any]], *, tenant: TenantId, key: bytes, cheap: bool) -> None:
        """Take identity's database and its tenant key.

        Args:
            cheap: For demo and test stacks: a password hash that does not take half a second of a laptop.
        """
        self._database = database
        self._tenant = tenant
        self._key = key
        self._hasher = PasswordHasher(memory_cost=8192, time_cost=1, parallelism=1) if cheap else PasswordHasher()
        # What an unknown login is compared with, so that it costs as much as a known one.
        self._nobody = self._hasher.hash(secrets.token_hex(16))

    def login_index(self, login: str) -> str:
        """Give the form in which a login is kept."""
        return hmac.new(self._key, b"login|" + login.strip().casefold().encode(), hashlib.sha256).hexdigest()

    def secret_index(self, secret: str) -> str:
        """Give the form in which a machine's secret is kept."""
        return hmac.new(self._key, b"secret|" + secret.encode(), hashlib.sha256).hexdigest()

    def password_hash(self, password: str) -> str:
        """Hash a password."""
        return self._hasher.hash(password)

    def person(self, login: str, password: str, role: str | None) -> Principal | None:
        """Give the principal of a login, or None whatever is wrong."""
        index = self.login_index(login)
        user = self._database[USERS].find_one({"login": index})
        usable = (
            user is not None
            and user["active"]
            and self._database[FAILURES].count_documents({"login": index}) < FAILURE_LIMIT
        )
        try:
            right = bool(
                self._hasher.verify(user["password"] if user is not None and usable else self._nobody, password)
            )
        except (VerificationError, InvalidHashError):
            right = False
        if user is None or not usable or not right:
            self._database[FAILURES].insert_one({"login": index, "at": real_now()})
            return None
        chosen = role or (user["roles"][0] if len(user["roles"]) == 1 else None)
        if chosen not in user["roles"]:
            return None
        return Principal(
            actor_id=user["_id"], tenant_id=self._tenant, organisation_id=user["organisation_id"], role=str(chosen)
        )

    def machine(self, client_id: str, secret: str) -> Principal | None:
        """Give the principal of a machine key, or None whatever is wrong."""
        machine = self._database[MACHINES].find_one({"client_id": client_id})
        stored = machine["secret"] if machine is not None else self.secret_index("")
        right = hmac.compare_digest(stored, self.secret_index(secret))
        if machine is None or not right or machine["revoked"]:
            return None
        return Principal(
            actor_id=machine["_id"],
            tenant_id=self._tenant,
            organisation_id=machine["organisation_id"],
            role="INTEGRATOR",
            scopes=frozenset(machine["scopes"]),
        )
