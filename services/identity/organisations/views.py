"""What is shown of organisations; plain rows."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from pymongo.database import Database

from services.identity.organisations.documents import ORGANISATION, ORGANISATIONS
from services.identity.organisations.rules import Organisation
from services.identity.people.rules import RolePolicy
from shared.kernel.tenancy import Principal
from shared.web.listing import Page, PageRequest, find_page


class OrganisationViews:
    """Reads from identity's own database."""

    def __init__(self, database: Database[dict[str, Any]], own: Organisation, policy: RolePolicy) -> None:
        """Take the database, the tenant's own organisation, and who sees what of it."""
        self._database = database
        self._own = own
        self._policy = policy

    def organisations(self, wanted: PageRequest, who: Principal) -> Page:
        """Give a page of organisations; the tenant's own stands before the first page.

        An administrator of another organisation than the tenant's own sees theirs alone.
        """
        every = self._policy.centre or who.organisation_id == self._own.id
        where = {} if every else {"_id": who.organisation_id}
        page = find_page(self._database[ORGANISATIONS], wanted, where=where, row=_row)
        if wanted.after is not None or wanted.updated_since is not None or not every:
            return page
        return Page(items=[{**asdict(self._own), "own": True}, *page.items], next=page.next)


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    row = ORGANISATION.row(ORGANISATION.values(document))
    # An organisation is never changed, so its version would tell nobody anything.
    del row["version"]
    return {**row, "own": False}
