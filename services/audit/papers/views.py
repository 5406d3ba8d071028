"""What audit shows of papers; a paper is made anew each time and kept nowhere.

Shown by tests/integration/audit/test_papers.py.
"""

from collections.abc import Mapping
from typing import Any

from services.audit.log.documents import ENTRIES, ENTRY, ERASED
from services.audit.papers.documents import POLICIES, POLICY, THE_POLICY, WITHHOLDING, WITHHOLDINGS, withholding_from
from services.audit.papers.rules import act_of, band_of, summed
from services.audit.papers.texts import words_in
from services.audit.papers.withholding import WITHHELD
from services.audit.papers.writing import Paper, written
from services.audit.whose.documents import MOST_THINGS, WhoseViews
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

MOST_READ = 5_000
"""Entries of one record that a paper reads, the newest; more is said on it."""
MOST_WITHHELD = 1_000


class PaperViews:
    """Reads of audit's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take audit's context."""
        self._database = context.client[context.database_name]
        self._settings, self._now = context.settings, context.clock.now
        self.whose = WhoseViews(self._database)

    def paper(self, survivor_id: str, *, language: str, nameless: bool, named: bool) -> dict[str, Any]:
        """Make a person's paper.

        Args:
            nameless: For a copy: it says nobody's name, neither the host's nor anybody's of its staff.
            named: Whether the reader may know who somebody of the staff is; then the host's policy decides.

        Raises:
            DocumentMissingError: Nothing was heard of such a person, or they were erased.
        """
        person = self._known(survivor_id)
        parts, now = self.whose.parts_of(survivor_id), self._now()
        found = self._database[ENTRIES].find({"object_id": {"$in": parts}})
        newest = list(found.sort([("updated_at", -1), ("_id", -1)]).limit(MOST_READ + 1))
        names = named and not nameless and bool(self.policy()["names_shown"])
        said = summed(
            (ENTRY.values(one) for one in newest[:MOST_READ]), withheld=self._withheld(survivor_id), names=names
        )
        shown, words = words_in(language, demo=self._settings.demo)
        paper = Paper(
            language=shown,
            words=words,
            organisation=None if nameless else self._settings.name,
            made_at=now,
            whole=bool(person["whole"]),
            more=len(newest) > MOST_READ or len(parts) > MOST_THINGS,
        )
        return written(paper, said)

    def withholdings(self, wanted: PageRequest) -> Page:
        """Give a page of what is, was or may be left out, the longest untouched first."""
        return find_page(self._database[WITHHOLDINGS], wanted, where={}, row=self._row)

    def policy(self) -> dict[str, Any]:
        """Give what the host states about names; where it stated nothing, no."""
        document = self._database[POLICIES].find_one({"_id": THE_POLICY}) or {"_id": THE_POLICY}
        return POLICY.row(POLICY.values(document))

    def _known(self, survivor_id: str) -> Mapping[str, Any]:
        person = self.whose.person(survivor_id)
        if self._database[ERASED].find_one({"_id": survivor_id}) is not None:
            raise DocumentMissingError(ENTRIES)
        if person is not None:
            return person
        # Somebody who was here before audit heard of people: their own entries say so.
        theirs = {"object_id": survivor_id, "action": {"$regex": "^case:survivor:"}, "outcome": "ALLOWED"}
        if self._database[ENTRIES].find_one(theirs) is None:
            raise DocumentMissingError(ENTRIES)
        return {"whole": False}

    def _withheld(self, survivor_id: str) -> frozenset[str]:
        now = self._now()
        where = {"survivor_id": survivor_id, "until": {"$gt": now}}
        found = map(withholding_from, self._database[WITHHOLDINGS].find(where).limit(MOST_WITHHELD))
        return frozenset(entry for one in found if one.state_at(now) == WITHHELD for entry in one.entry_ids)

    def _row(self, document: Mapping[str, Any]) -> dict[str, Any]:
        one = withholding_from(document)
        row = WITHHOLDING.row(WITHHOLDING.values(document))
        entries = self._database[ENTRIES].find({"_id": {"$in": list(one.entry_ids)}})
        return {**row, "state": one.state_at(self._now()), "entries": [_in_short(entry) for entry in entries]}


def _in_short(document: Mapping[str, Any]) -> dict[str, Any]:
    month, _ = band_of(document["at"])
    act = act_of(document["action"], document["outcome"])
    return {"id": document["_id"], "month": month, "role": document["role"], "act": act}
