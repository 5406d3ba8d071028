"""What is shown of notices; plain rows."""

from typing import Any

from pymongo.database import Database

from services.consent.notices.documents import NOTICES, notice_from, notice_row
from services.consent.notices.rules import Notice
from shared.outbox.unit_of_work import DocumentMissingError
from shared.web.listing import Page, PageRequest, find_page


class NoticeViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._notices = database[NOTICES]

    def notices(self, wanted: PageRequest) -> Page:
        """Give a page of every version."""
        return find_page(self._notices, wanted, where={}, row=notice_row)

    def row(self, code: str) -> dict[str, Any]:
        """Give a version as the API shows it; ``DocumentMissingError`` if there is none."""
        return notice_row(self._found(code))

    def notice(self, code: str) -> Notice:
        """Give a version; ``DocumentMissingError`` if there is none."""
        return notice_from(self._found(code))

    def easy(self, code: str, text_hash: str) -> str | None:
        """Give the easy words beside words that a notice registered; None where there are none."""
        document = self._notices.find_one({"_id": code})
        texts = notice_from(document).texts if document is not None else ()
        return next((one.easy for one in texts if one.text_hash == text_hash), None)

    def is_notice(self, code: str) -> bool:
        """Whether words are a notice's."""
        return self._notices.find_one({"_id": code}, {"_id": 1}) is not None

    def _found(self, code: str) -> dict[str, Any]:
        document = self._notices.find_one({"_id": code})
        if document is None:
            raise DocumentMissingError(NOTICES)
        return document
