"""What is shown of registered words; plain rows."""

from typing import Any

from pymongo.database import Database

from services.consent.wordings.documents import WORDINGS, wording_row
from shared.web.listing import Page, PageRequest, find_page


class WordingViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def wordings(self, wanted: PageRequest) -> Page:
        """Give a page of the registered wordings; words that are only waited for are none."""
        where = {"registrations.0": {"$exists": True}}
        return find_page(self._database[WORDINGS], wanted, where=where, row=wording_row)

    def being_weighed(self) -> list[str]:
        """Give the codes of registered words for which people still wait to be weighed again."""
        return [d["_id"] for d in self._database[WORDINGS].find({"weighing": {"$ne": None}}, {"_id": 1})]
