"""What is shown of people; plain rows, names opened."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.identity.people.documents import USER, USERS, membership_rows, user_from
from services.identity.people.names import StaffNames
from services.identity.people.rules import ACTIVE, ADVOCATE, INVITED, Proposal, RolePolicy
from services.identity.sessions.documents import SIGN_INS
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.listing import Page, PageRequest, find_page


class PeopleViews:
    """Reads from identity's own database."""

    def __init__(
        self, database: Database[dict[str, Any]], names: StaffNames, policy: RolePolicy, tenant: TenantId
    ) -> None:
        """Take the database, the key to names, who sees what of it, and the tenant, whose own organisation it is."""
        self._database = database
        self._names = names
        self._policy = policy
        self._tenant = tenant

    def administers(self, who: Principal) -> bool:
        """Whether somebody still administers; a token may be a quarter of an hour old."""
        document = self._database[USERS].find_one({"_id": who.actor_id, "status": ACTIVE})
        held = {"organisation_id": who.organisation_id, "role": self._policy.administrator}
        return document is not None and held in document["memberships"]

    def users(self, wanted: PageRequest, who: Principal) -> Page:
        """Give a page of the users for whom this administrator answers, at least in part, with their names."""
        page = find_page(self._database[USERS], wanted, where=self._theirs(who), row=self._row)
        last = self._signed_in_at([row["id"] for row in page.items])
        return replace(page, items=[{**row, "last_signed_in_at": last.get(row["id"])} for row in page.items])

    def user(self, user_id: str, who: Principal) -> dict[str, Any]:
        """Give a user; ``DocumentMissingError`` if there is none for this administrator."""
        document = self._database[USERS].find_one({"_id": user_id, **self._theirs(who)})
        if document is None:
            raise DocumentMissingError(USERS)
        return {**self._row(document), "last_signed_in_at": self._signed_in_at([user_id]).get(user_id)}

    def advocates(self, wanted: PageRequest) -> Page:
        """Give a page of the tenant's active advocates: ids and names, and nothing else of them."""
        held = {"organisation_id": str(self._tenant), "role": ADVOCATE}
        where = {"status": ACTIVE, "memberships": {"$elemMatch": held}}
        return find_page(self._database[USERS], wanted, where=where, row=self._named)

    def person(self, user_id: str) -> dict[str, Any] | None:
        """Give a user, or None where the caller is a machine."""
        document = self._database[USERS].find_one({"_id": user_id})
        return self._row(document) if document is not None else None

    def _signed_in_at(self, user_ids: list[str]) -> dict[str, datetime]:
        found = self._database[SIGN_INS].find({"_id": {"$in": user_ids}})
        return {document["_id"]: document["last_at"] for document in found}

    def _theirs(self, who: Principal) -> dict[str, Any]:
        if self._policy.centre:
            return {}
        own = {"organisation_id": who.organisation_id}
        clauses: list[dict[str, Any]] = [
            {"memberships": {"$elemMatch": own}},
            {"proposal.memberships": {"$elemMatch": own}},
        ]
        if who.organisation_id == self._tenant:
            # Whom the tenant's own administrators invited as another organisation's first.
            clauses.append({"status": INVITED, "memberships": []})
        return {"$or": clauses}

    def _named(self, document: Mapping[str, Any]) -> dict[str, Any]:
        user = user_from(document)
        name = self._names.open_sealed(user.name_sealed, user_id=user.id, field="display_name")
        return {"id": user.id, "display_name": name}

    def _row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        said, user = USER.values(document), user_from(document)
        return {
            **USER.row({**said, "memberships": membership_rows(user.memberships)}),
            "login": self._names.open_sealed(user.login_sealed, user_id=user.id, field="login"),
            "display_name": self._names.open_sealed(user.name_sealed, user_id=user.id, field="display_name"),
            "proposed": _proposed(user.proposal),
        }


def _proposed(proposal: Proposal | None) -> dict[str, Any] | None:
    if proposal is None:
        return None
    return {
        "memberships": membership_rows(proposal.memberships),
        "asked_by": proposal.asked_by,
        "confirmed": proposal.confirmed_by is not None,
    }
