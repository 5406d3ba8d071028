"""Identity's documents.

What is stored of a person: an HMAC of the login (to find it), login and name sealed under a tenant key
outside the database, the password as argon2id, roles. Of an enrolment link: HMACs of its secret and of its code, for
seven days. Of a machine: an HMAC of its secret, scopes. Of failed sign-ins: the login's HMAC and a count, for a quarter
of an hour.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo import IndexModel

from services.identity.domain import GUARDED, MachineKey, Membership, Organisation, Proposal, User
from services.identity.roster import staff_changed
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

USERS, MACHINES, ORGANISATIONS, FAILURES = "users", "machines", "organisations", "failures"
ENROLMENTS, ADMINISTRATION = "enrolments", "administration"
COLLECTIONS = (USERS, MACHINES, ORGANISATIONS, FAILURES, ENROLMENTS, ADMINISTRATION)
_UNKNOWN = "unknown-sign-ins"  # No login's HMAC: those are hexadecimal.
_BY_CHANGE = IndexModel([("updated_at", 1), ("_id", 1)])
INDEXES: dict[str, list[IndexModel]] = {
    USERS: [IndexModel([("login", 1)], unique=True), _BY_CHANGE],
    MACHINES: [IndexModel([("client_id", 1)], unique=True), _BY_CHANGE],
    ORGANISATIONS: [_BY_CHANGE],
    FAILURES: [IndexModel([("expires_at", 1)], expireAfterSeconds=0)],
    ENROLMENTS: [IndexModel([("user_id", 1)]), IndexModel([("expires_at", 1)], expireAfterSeconds=0)],
}


class UserStore:
    """Users by id and by login."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, user_id: str) -> User:
        """Give a user; ``DocumentMissingError`` if there is none."""
        return user_from(self._work.get(USERS, user_id))

    def has_login(self, login_index: str) -> bool:
        """Whether somebody has this login."""
        return bool(self._work.find_where(USERS, {"login": login_index}, limit=1))

    def save(self, user: User, *, read_version: int | None = None) -> int:
        """Keep a user and give the new version.

        Raises:
            StaleVersionError: ``read_version`` is no longer the stored one.
        """
        if read_version is not None and read_version != user.version:
            raise StaleVersionError(USERS)
        document = {**_user_document(user), "updated_at": self._work.now}
        self._work.save(USERS, document)
        self._work.record(staff_changed(document, str(self._work.tenant_id)), sequence=user.version + 1)
        return user.version + 1


class MachineStore:
    """Machine keys by id."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def get(self, machine_id: str) -> MachineKey:
        """Give a machine key; ``DocumentMissingError`` if there is none."""
        return machine_from(self._work.get(MACHINES, machine_id))

    def save(self, machine: MachineKey) -> int:
        """Keep a machine key and give the new version."""
        document = {
            "_id": machine.id,
            "client_id": machine.client_id,
            "secret": machine.secret_index,
            "scopes": list(machine.scopes),
            "organisation_id": machine.organisation_id,
            "revoked": machine.revoked,
            "updated_at": self._work.now,
        }
        self._work.save(MACHINES, document)
        return machine.version + 1


class OrganisationStore:
    """Organisations besides the tenant's own, which its settings describe."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def has(self, organisation_id: str) -> bool:
        """Whether people may act for it here."""
        return organisation_id == self._work.tenant_id or self._work.find(ORGANISATIONS, organisation_id) is not None

    def add(self, organisation: Organisation) -> None:
        """Keep a new organisation."""
        self._work.insert(
            ORGANISATIONS,
            {
                "_id": organisation.id,
                "name": organisation.name,
                "nation": organisation.nation,
                "setting": organisation.setting,
                "updated_at": self._work.now,
            },
        )


class FailureStore:
    """Failed sign-ins of one login within one window of real time."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, login_index: str, *, at: datetime, window: timedelta) -> None:
        """Count one more; the window begins with the first."""
        known = self._work.find(FAILURES, login_index)
        if known is None or known["expires_at"] <= at:
            known = {"_id": login_index, "count": 0, "expires_at": at + window}
        self._work.save(FAILURES, {**known, "count": known["count"] + 1})

    def count_unknown(self) -> None:
        """Count a sign-in that named nobody."""
        counted = self._work.find(FAILURES, _UNKNOWN)
        self._work.save(FAILURES, {"_id": _UNKNOWN, "count": (counted["count"] if counted is not None else 0) + 1})

    def take_unknown(self) -> int:
        """Give how many were counted, and begin anew."""
        counted = self._work.find(FAILURES, _UNKNOWN)
        if counted is None or not counted["count"]:
            return 0
        self._work.replace(FAILURES, {**counted, "count": 0})
        return int(counted["count"])

    def clear(self, login_index: str) -> None:
        """Forget them."""
        if self._work.find(FAILURES, login_index) is not None:
            self._work.delete(FAILURES, login_index)


def user_from(document: Mapping[str, Any]) -> User:
    """Read a user's document."""
    return User(
        id=document["_id"],
        login_index=document["login"],
        login_sealed=bytes(document["login_sealed"]),
        name_sealed=bytes(document["name_sealed"]),
        password_hash=document["password"],
        memberships=_memberships(document["memberships"]),
        proposal=_proposal(document.get("proposal")),
        # Whoever was there before links were made keeps what they hold; to hold more, they set a new password.
        vouched=document.get("vouched", any(m["role"] in GUARDED for m in document["memberships"])),
        joined_duties=document["joined_duties"],
        status=document["status"],
        version=document["version"],
    )


def machine_from(document: Mapping[str, Any]) -> MachineKey:
    """Read a machine key's document."""
    return MachineKey(
        id=document["_id"],
        client_id=document["client_id"],
        secret_index=document["secret"],
        scopes=tuple(document["scopes"]),
        organisation_id=document["organisation_id"],
        revoked=document["revoked"],
        version=document["version"],
    )


def _user_document(user: User) -> dict[str, Any]:
    return {
        "_id": user.id,
        "login": user.login_index,
        "login_sealed": user.login_sealed,
        "name_sealed": user.name_sealed,
        "password": user.password_hash,
        "memberships": membership_rows(user.memberships),
        "proposal": None
        if user.proposal is None
        else {
            "memberships": membership_rows(user.proposal.memberships),
            "asked_by": user.proposal.asked_by,
            "confirmed_by": user.proposal.confirmed_by,
        },
        "vouched": user.vouched,
        "joined_duties": user.joined_duties,
        "status": user.status,
    }


def membership_rows(memberships: Iterable[Membership]) -> list[dict[str, str]]:
    """Give memberships as they are stored and shown; the order of the names is part of what a query finds."""
    return [{"organisation_id": m.organisation_id, "role": m.role} for m in memberships]


def _memberships(rows: Iterable[Mapping[str, str]]) -> tuple[Membership, ...]:
    return tuple(Membership(**row) for row in rows)


def _proposal(document: Mapping[str, Any] | None) -> Proposal | None:
    if document is None:
        return None
    return Proposal(
        memberships=_memberships(document["memberships"]),
        asked_by=document["asked_by"],
        confirmed_by=document["confirmed_by"],
    )
