"""Open enrolment links, and who administers here; both inside one transaction."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.identity.domain import ACTIVE, Administrator, Membership, RolePolicy
from services.identity.store import ADMINISTRATION, ENROLMENTS, USERS, user_from
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


class EnrolmentStore:
    """Open enrolment links: at most one a person."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, link_index: str) -> Mapping[str, Any] | None:
        """Give a link, however old."""
        return self._work.find(ENROLMENTS, link_index)

    def of(self, user_id: str) -> Mapping[str, Any] | None:
        """Give a person's link."""
        found = self._work.find_where(ENROLMENTS, {"user_id": user_id}, limit=1)
        return found[0] if found else None

    def put(self, link_index: str, *, user_id: str, expires_at: datetime, needs_code: bool, made_by: str) -> None:
        """Keep a link in place of the person's earlier ones."""
        self.clear(user_id)
        document = {"_id": link_index, "user_id": user_id, "expires_at": expires_at, "made_by": made_by}
        self._work.insert(ENROLMENTS, {**document, "needs_code": needs_code, "code": None, "failures": 0})

    def change(self, link: Mapping[str, Any], **values: Any) -> None:
        """Keep other values of a link."""
        self._work.replace(ENROLMENTS, {**link, **values})

    def clear(self, user_id: str) -> None:
        """Let no link of a person work any more."""
        for document in self._work.find_where(ENROLMENTS, {"user_id": user_id}):
            self._work.delete(ENROLMENTS, document["_id"])


class Administrators:
    """Who administers here, as their own documents say now; a token alone proves nothing."""

    def __init__(self, work: UnitOfWork, policy: RolePolicy) -> None:
        """Work inside one transaction."""
        self._work = work
        self._policy = policy

    def take_turn(self, who: Administrator) -> None:
        """Check that somebody still administers; one such command of a tenant at a time.

        All write one document, since each reads what another may be changing: two administrators who suspend each
        other at one moment must not both succeed.

        Raises:
            DocumentMissingError: They do not, or no longer; HTTP 404.
        """
        document = self._work.find(USERS, who.actor_id)
        held = Membership(organisation_id=who.organisation_id, role=self._policy.administrator)
        user = user_from(document) if document is not None else None
        if user is None or user.status != ACTIVE or held not in user.memberships:
            raise DocumentMissingError(USERS)
        self._work.save(ADMINISTRATION, {"_id": "turn", "taken_by": who.actor_id})

    def has_one(self, organisation_id: str) -> bool:
        """Whether an organisation has an administrator, or somebody who is to become one."""
        wanted = {"organisation_id": organisation_id, "role": self._policy.administrator}
        held, proposed = {"memberships": wanted}, {"proposal.memberships": wanted}
        return bool(self._work.find_where(USERS, {"$or": [held, proposed]}, limit=1))
