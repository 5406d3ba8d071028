"""What identity shows; plain rows, names opened."""

from collections.abc import Mapping
from typing import Any

from pymongo.database import Database

from services.identity.domain import Organisation
from services.identity.names import StaffNames
from services.identity.store import MACHINES, ORGANISATIONS, USERS, user_from
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.paging import Page, PageRequest, find_page


class IdentityViews:
    """Reads from identity's own database."""

    def __init__(self, database: Database[dict[str, Any]], names: StaffNames, own: Organisation) -> None:
        """Take the database, the key to names, and the tenant's own organisation."""
        self._database = database
        self._names = names
        self._own = own

    def users(self, wanted: PageRequest) -> Page:
        """Give a page of users with their names."""
        return find_page(self._database[USERS], wanted, where={}, row=self._user_row)

    def user(self, user_id: str) -> dict[str, Any]:
        """Give a user; ``DocumentMissingError`` if there is none."""
        document = self._database[USERS].find_one({"_id": user_id})
        if document is None:
            raise DocumentMissingError(USERS)
        return self._user_row(document)

    def person(self, user_id: str) -> dict[str, Any] | None:
        """Give a user, or None where the caller is a machine."""
        document = self._database[USERS].find_one({"_id": user_id})
        return self._user_row(document) if document is not None else None

    def machines(self, wanted: PageRequest) -> Page:
        """Give a page of machine keys, without their secrets."""
        return find_page(self._database[MACHINES], wanted, where={}, row=_machine_row)

    def organisations(self, wanted: PageRequest) -> Page:
        """Give a page of organisations; the tenant's own stands before the first page."""
        page = find_page(self._database[ORGANISATIONS], wanted, where={}, row=_organisation_row)
        if wanted.after is not None or wanted.updated_since is not None:
            return page
        own = {"id": self._own.id, "name": self._own.name, "nation": self._own.nation, "setting": self._own.setting}
        return Page(items=[{**own, "own": True}, *page.items], next=page.next)

    def _user_row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        user = user_from(document)
        return {
            "id": user.id,
            "login": self._names.open_sealed(user.login_sealed, user_id=user.id, field="login"),
            "display_name": self._names.open_sealed(user.name_sealed, user_id=user.id, field="display_name"),
            "memberships": [{"organisation_id": m.organisation_id, "role": m.role} for m in user.memberships],
            "status": user.status,
            "joined_duties": user.joined_duties,
            "version": user.version,
            "updated_at": document["updated_at"],
        }


def _machine_row(document: Mapping[str, Any]) -> dict[str, Any]:
    names = ("client_id", "scopes", "organisation_id", "revoked", "version", "updated_at")
    return {"id": document["_id"], **{name: document[name] for name in names}}


def _organisation_row(document: Mapping[str, Any]) -> dict[str, Any]:
    names = ("name", "nation", "setting")
    return {"id": document["_id"], **{name: document[name] for name in names}, "own": False}
