"""What case shows of contacts; sealed words are opened for the caller who may see them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from services.case.contacts.documents import CONTACT, CONTACTS
from services.case.contacts.rules import next_id
from services.case.survivors.sealing import Sealer
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest, find_page

NEWEST = 40
"""Contacts written last, among which one person's last ones are looked for."""


class ContactViews:
    """Reads from case's own database."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._contacts = context.client[context.database_name][CONTACTS]
        self._context = context

    def of_episode(self, episode: Mapping[str, Any], wanted: PageRequest) -> Page:
        """Give a page of an episode's contacts, with what was corrected and by which."""
        page = find_page(self._contacts, wanted, where={"episode_id": episode["id"]}, row=dict)
        return replace(page, items=self._rows(page.items, str(episode["survivor_id"])))

    def of_person(self, survivor_id: str, episode_ids: Collection[str], wanted: PageRequest) -> Page:
        """Give a page of a person's contacts in some episodes, likewise."""
        page = find_page(self._contacts, wanted, where={"episode_id": {"$in": list(episode_ids)}}, row=dict)
        return replace(page, items=self._rows(page.items, survivor_id))

    def last(self, survivor_id: str, episode_ids: Collection[str], most: int) -> list[dict[str, Any]]:
        """Give a person's last contacts that stand, the latest day first, from among those written last."""
        where = {"survivor_id": survivor_id, "episode_id": {"$in": list(episode_ids)}}
        found = list(self._contacts.find(where).sort([("recorded_at", -1)]).limit(NEWEST))
        rows = [row for row in self._rows(found, survivor_id) if row["corrected_by"] is None and not row["taken_back"]]
        rows.sort(key=lambda row: (row["on"] or date.min, row["recorded_at"]), reverse=True)
        return rows[:most]

    def contact(self, survivor_id: str, contact_id: str) -> dict[str, Any] | None:
        """Give a contact of a person, with its episode; None if they have none of this id."""
        document = self._contacts.find_one({"_id": contact_id, "survivor_id": survivor_id})
        if document is None:
            return None
        (row,) = self._rows([document], survivor_id)
        return {**row, "episode_id": document["episode_id"]}

    def _rows(self, documents: Iterable[dict[str, Any]], survivor_id: str) -> list[dict[str, Any]]:
        documents = list(documents)
        opening = Sealer.of_known(self._context, [survivor_id]).opening(survivor_id)
        later = {next_id(one["_id"]) for one in documents}
        there = {one["_id"] for one in self._contacts.find({"_id": {"$in": list(later)}}, {"_id": 1})}
        return [
            {
                **CONTACT.row(CONTACT.values(one, opened=opening)),
                "corrected_by": next_id(one["_id"]) if next_id(one["_id"]) in there else None,
            }
            for one in documents
        ]
