"""What audit shows of findings, to whoever may judge them."""

from collections.abc import Mapping
from typing import Any

from services.audit.tree.reading import LogTree
from services.audit.unusual.documents import FINDING, FINDINGS, finding_from
from services.audit.unusual.finding import ADMINISTRATOR, Finding
from services.audit.unusual.looking import PASS_NAMES
from services.audit.unusual.reading import LogReader
from services.audit.unusual.rules import VERSION
from services.audit.unusual.sealing import ClosingWords
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page


class FindingViews:
    """Reads of audit's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take audit's context."""
        self._database = context.client[context.database_name]
        self._reader, self._tree = LogReader(self._database), LogTree(self._database)
        self._words = ClosingWords(context.tenant_key, context.tenant_id)

    def findings(self, wanted: PageRequest, who: Principal, *, state: str | None) -> Page:
        """Give a page of what somebody may judge, the longest untouched first; their own show no sign of existing."""
        where: dict[str, Any] = {"actor_id": {"$ne": who.actor_id}}
        if state is not None:
            where["state"] = state
        if who.role == ADMINISTRATOR:
            where["of_officer"] = True
        return find_page(self._database[FINDINGS], wanted, where=where, row=self.row)

    def finding(self, finding_id: str) -> Finding:
        """Give one; ``DocumentMissingError`` if there is none."""
        document = self._database[FINDINGS].find_one({"_id": finding_id})
        if document is None:
            raise DocumentMissingError(FINDINGS)
        return finding_from(document)

    def row_of(self, finding_id: str) -> dict[str, Any]:
        """Give one as it is shown."""
        document = self._database[FINDINGS].find_one({"_id": finding_id})
        if document is None:
            raise DocumentMissingError(FINDINGS)
        return self.row(document)

    def row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        """Give a finding as it is shown, with what was written when it was closed."""
        values = FINDING.values(document)
        closings = [
            {"by": one.by, "at": one.at, "reason": one.reason, "words": self._words.open(values["id"], one.words)}
            for one in values["closings"]
        ]
        return {**FINDING.row(values), "closings": closings}

    def standing(self) -> dict[str, Any]:
        """Give the rules' version and this host's bounds, and for each pass how far it is and when it looked last."""
        people, bounds = self._reader.people(), self._reader.bounds()
        return {
            "rules_version": VERSION,
            "people": people,
            "people_an_hour": bounds.an_hour,
            "people_a_day": bounds.a_day,
            "log_size": self._tree.size(),
            "passes": [
                {name: said[name] for name in ("id", "next", "looked_at", "not_known", "not_understood")}
                for said in map(self._reader.pass_of, PASS_NAMES)
            ],
        }
