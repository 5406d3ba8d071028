"""What is shown of machine keys; plain rows."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pymongo.database import Database

from services.identity.machines.documents import MACHINE, MACHINES, USES
from services.identity.people.rules import RolePolicy
from shared.kernel.tenancy import Principal
from shared.web.listing import Page, PageRequest, find_page


class MachineViews:
    """Reads from identity's own database."""

    def __init__(self, database: Database[dict[str, Any]], policy: RolePolicy) -> None:
        """Take the database, and who sees what of it."""
        self._database = database
        self._policy = policy

    def machines(self, wanted: PageRequest, who: Principal) -> Page:
        """Give a page of machine keys, without their secrets."""
        where = {} if self._policy.centre else {"organisation_id": who.organisation_id}
        page = find_page(self._database[MACHINES], wanted, where=where, row=_row)
        ids = [row["id"] for row in page.items]
        used = {use["_id"]: use["at"] for use in self._database[USES].find({"_id": {"$in": ids}})}
        return replace(page, items=[{**row, "last_used_at": used.get(row["id"])} for row in page.items])


def _row(document: Mapping[str, Any]) -> dict[str, Any]:
    return MACHINE.row(MACHINE.values(document))
