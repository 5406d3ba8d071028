"""What identity shows; plain rows, names opened."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.identity.domain import ACTIVE, INVITED, Administrator, Organisation, RolePolicy, User
from services.identity.names import StaffNames
from services.identity.store import MACHINES, ORGANISATIONS, USERS, membership_rows, user_from
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.paging import Page, PageRequest, find_page


class IdentityViews:
    """Reads from identity's own database."""

    def __init__(
        self, database: Database[dict[str, Any]], names: StaffNames, own: Organisation, policy: RolePolicy
    ) -> None:
        """Take the database, the key to names, the tenant's own organisation, and who sees what of it."""
        self._database = database
        self._names = names
        self._own = own
        self._policy = policy

    def administers(self, who: Administrator) -> bool:
        """Whether somebody still administers; a token may be a quarter of an hour old."""
        document = self._database[USERS].find_one({"_id": who.actor_id, "status": ACTIVE})
        held = {"organisation_id": who.organisation_id, "role": self._policy.administrator}
        return document is not None and held in document["memberships"]

    def users(self, wanted: PageRequest, who: Administrator) -> Page:
        """Give a page of the users for whom this administrator answers, at least in part, with their names."""
        return find_page(self._database[USERS], wanted, where=self._theirs(who), row=self._user_row)

    def user(self, user_id: str, who: Administrator) -> dict[str, Any]:
        """Give a user; ``DocumentMissingError`` if there is none for this administrator."""
        document = self._database[USERS].find_one({"_id": user_id, **self._theirs(who)})
        if document is None:
            raise DocumentMissingError(USERS)
        return self._user_row(document)

    def _theirs(self, who: Administrator) -> dict[str, Any]:
        if self._policy.centre:
            return {}
        own = {"organisation_id": who.organisation_id}
        clauses: list[dict[str, Any]] = [
            {"memberships": {"$elemMatch": own}},
            {"proposal.memberships": {"$elemMatch": own}},
        ]
        if who.organisation_id == self._own.id:
            # Whom the tenant's own administrators invited as another organisation's first.
            clauses.append({"status": INVITED, "memberships": []})
        return {"$or": clauses}

    def person(self, user_id: str) -> dict[str, Any] | None:
        """Give a user, or None where the caller is a machine."""
        document = self._database[USERS].find_one({"_id": user_id})
        return self._user_row(document) if document is not None else None

    def machines(self, wanted: PageRequest, who: Administrator) -> Page:
        """Give a page of machine keys, without their secrets."""
        where = {} if self._policy.centre else {"organisation_id": who.organisation_id}
        return find_page(self._database[MACHINES], wanted, where=where, row=_machine_row)

    def organisations(self, wanted: PageRequest, who: Administrator) -> Page:
        """Give a page of organisations; the tenant's own stands before the first page.

        An administrator of another organisation than the tenant's own sees theirs alone.
        """
        every = self._policy.centre or who.organisation_id == self._own.id
        where = {} if every else {"_id": who.organisation_id}
        page = find_page(self._database[ORGANISATIONS], wanted, where=where, row=_organisation_row)
        if wanted.after is not None or wanted.updated_since is not None or not every:
            return page
        own = {"id": self._own.id, "name": self._own.name, "nation": self._own.nation, "setting": self._own.setting}
        return Page(items=[{**own, "own": True}, *page.items], next=page.next)

    def _user_row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        user = user_from(document)
        return {
            "id": user.id,
            "login": self._names.open_sealed(user.login_sealed, user_id=user.id, field="login"),
            "display_name": self._names.open_sealed(user.name_sealed, user_id=user.id, field="display_name"),
            "memberships": membership_rows(user.memberships),
            "proposed": self._proposed(user),
            "status": user.status,
            "joined_duties": user.joined_duties,
            "version": user.version,
            "updated_at": document["updated_at"],
        }

    @staticmethod
    def _proposed(user: User) -> dict[str, Any] | None:
        if user.proposal is None:
            return None
        return {
            "memberships": membership_rows(user.proposal.memberships),
            "asked_by": user.proposal.asked_by,
            "confirmed": user.proposal.confirmed_by is not None,
        }


def _machine_row(document: Mapping[str, Any]) -> dict[str, Any]:
    names = ("client_id", "scopes", "organisation_id", "revoked", "version", "updated_at")
    return {"id": document["_id"], **{name: document[name] for name in names}}


def _organisation_row(document: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "nation", "setting")
    return {"id": document["_id"], **{name: document[name] for name in names}, "own": False}
