"""People's documents.

What is stored of a person: an HMAC of the login (to find it), login and name sealed under a tenant key
outside the database, the password as argon2id, roles. Every change of it is stated to the host's services.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import IndexModel

from services.identity.people.links import ENROLMENT
from services.identity.people.rules import ACTIVE, GUARDED, Membership, Proposal, User
from shared.contracts.identity import StaffChanged
from shared.outbox.commands import Answer
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

USERS, ADMINISTRATION = "users", "administration"


def membership_rows(memberships: Iterable[Membership]) -> list[dict[str, str]]:
    """Give memberships as they are stored and shown; the order of the names is part of what a query finds."""
    return [{"organisation_id": m.organisation_id, "role": m.role} for m in memberships]


def _memberships(rows: Iterable[Mapping[str, str]]) -> tuple[Membership, ...]:
    return tuple(Membership(**row) for row in rows)


def _proposal_kept(proposal: Proposal | None) -> dict[str, Any] | None:
    if proposal is None:
        return None
    return {
        "memberships": membership_rows(proposal.memberships),
        "asked_by": proposal.asked_by,
        "confirmed_by": proposal.confirmed_by,
    }


def _proposal(kept: Mapping[str, Any] | None) -> Proposal | None:
    return Proposal(**{**kept, "memberships": _memberships(kept["memberships"])}) if kept is not None else None


USER = DocumentType(
    collection=USERS,
    fields=(
        Field(name="login", holds=Holds.HASH, shown=False),
        Field(name="login_sealed", holds=Holds.CIPHERTEXT, read=bytes, shown=False),
        Field(name="name_sealed", holds=Holds.CIPHERTEXT, read=bytes, shown=False),
        Field(name="password", holds=Holds.HASH, shown=False),
        Field(name="memberships", holds=Holds.CODE, write=membership_rows, read=_memberships),
        Field(name="proposal", holds=Holds.CODE, write=_proposal_kept, read=_proposal, missing=None, shown=False),
        # Users of before links were made have none.
        Field(name="vouched", holds=Holds.CODE, missing=None, shown=False),
        Field(name="joined_duties", holds=Holds.CODE),
        Field(name="status", holds=Holds.CODE),
        Field(name="updated_at", holds=Holds.INSTANT, missing=None),
    ),
    indexes=(IndexModel([("login", 1)], unique=True), IndexModel([("updated_at", 1), ("_id", 1)])),
)
# One document, which all who administer write in turn.
TURN = DocumentType(collection=ADMINISTRATION, fields=(Field(name="taken_by", holds=Holds.ID),))
TYPES = (USER, ENROLMENT, TURN)


class UserStore:
    """Users by id and by login."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, user_id: str) -> User | None:
        """Give a user, or None."""
        document = self._work.find(USERS, user_id)
        return user_from(document) if document is not None else None

    def get(self, user_id: str) -> User:
        """Give a user; ``DocumentMissingError`` if there is none."""
        return user_from(self._work.get(USERS, user_id))

    def has_login(self, login_index: str) -> bool:
        """Whether somebody has this login."""
        return bool(self._work.find_where(USERS, {"login": login_index}, limit=1))

    def has_member(self, membership: Membership) -> bool:
        """Whether somebody holds this membership, or is proposed for it."""
        (wanted,) = membership_rows([membership])
        held, proposed = {"memberships": wanted}, {"proposal.memberships": wanted}
        return bool(self._work.find_where(USERS, {"$or": [held, proposed]}, limit=1))

    def next_after(self, user_id: str, most: int) -> list[User]:
        """Give the users that come next by id."""
        found = self._work.find_where(USERS, {"_id": {"$gt": user_id}}, sort=[("_id", 1)], limit=most)
        return [user_from(document) for document in found]

    def save(self, user: User, *, read_version: int | None = None) -> int:
        """Keep a user, state what others may know of the change, and give the new version.

        Raises:
            StaleVersionError: ``read_version`` is no longer the stored one.
        """
        if read_version is not None and read_version != user.version:
            raise StaleVersionError(USERS)
        document = USER.changed(
            {"_id": user.id},
            login=user.login_index,
            login_sealed=user.login_sealed,
            name_sealed=user.name_sealed,
            password=user.password_hash,
            memberships=user.memberships,
            proposal=user.proposal,
            vouched=user.vouched,
            joined_duties=user.joined_duties,
            status=user.status,
            updated_at=self._work.now,
        )
        self._work.save(USERS, document)
        self._work.record(staff_changed(user, str(self._work.tenant_id)), sequence=user.version + 1)
        return user.version + 1


def user_from(document: Mapping[str, Any]) -> User:
    """Read a user's document."""
    said = USER.values(document)
    # Whoever was there before links were made keeps what they hold; to hold more, they set a new password.
    guarded = any(m.role in GUARDED for m in said["memberships"])
    return User(
        id=said["id"],
        login_index=said["login"],
        login_sealed=said["login_sealed"],
        name_sealed=said["name_sealed"],
        password_hash=said["password"],
        memberships=said["memberships"],
        proposal=said["proposal"],
        vouched=said["vouched"] if said["vouched"] is not None else guarded,
        joined_duties=said["joined_duties"],
        status=said["status"],
        version=said["version"],
    )


def staff_changed(user: User, tenant_id: str) -> StaffChanged:
    """Say what others may know of a user: roles in the organisation itself, and whether they may act."""
    own = {m.role for m in user.memberships if m.organisation_id == tenant_id}
    return StaffChanged(user_id=user.id, roles=tuple(sorted(own)), active=user.status == ACTIVE)


def answer_for(status: int, user: User, version: int, **more: str | None) -> Answer:
    """Give the answer of a command on a user: ids and codes only."""
    said = {
        "warning": "duties-joined-in-demo" if user.joined_duties else None,
        "confirmation": "second-administrator" if user.proposal is not None else None,
        **more,
    }
    return Answer(
        status=status,
        ids={"id": user.id, "version": version, "status": user.status, **{k: v for k, v in said.items() if v}},
    )
