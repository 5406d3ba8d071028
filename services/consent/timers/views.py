"""Whom to talk with now: plain rows, the longest due first; an advocate sees their own people."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.ledger.acting import ADVOCATE
from services.consent.ledger.asking import asked_from
from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.ledger.keys import consent_key
from services.consent.ledger.people import PEOPLE, advocates_key, stopped_among, within_reach
from services.consent.ledger.rules import Consent
from services.consent.timers.policy import timers_of
from services.consent.timers.rules import talk_of, too_early_until
from shared.kernel.tenancy import Principal
from shared.web.listing import Page, PageRequest, make_cursor

MOST_PEOPLE = 500
"""Of one advocate; far above any caseload."""


class TalkViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def due(self, who: Principal, wanted: PageRequest, now: datetime) -> Page:
        """Give a page of those whom somebody is to talk with now; nobody for whom everything is stopped."""
        clauses: list[Mapping[str, Any]] = [{"talk_at": {"$ne": None, "$lte": now}}]
        if who.role == ADVOCATE:
            clauses.append({"survivor_id": {"$in": self._own(who.actor_id, now)}})
        if wanted.updated_since is not None:
            clauses.append({"updated_at": {"$gte": wanted.updated_since}})
        if wanted.after is not None:
            at, last = wanted.after
            clauses.append({"$or": [{"talk_at": {"$gt": at}}, {"talk_at": at, "_id": {"$gt": last}}]})
        found = self._database[CONSENTS].find({"$and": clauses}).sort([("talk_at", 1), ("_id", 1)])
        documents = list(found.limit(wanted.limit + 1))
        shown = documents[: wanted.limit]
        more = len(documents) > wanted.limit
        nations = self._nations({d["survivor_id"] for d in shown})
        stopped = stopped_among(self._database, nations)
        rows = [
            _row(document, nations.get(document["survivor_id"]), now)
            for document in shown
            if document["survivor_id"] not in stopped
        ]
        return Page(
            items=[row for row in rows if row is not None],
            next=make_cursor(shown[-1]["talk_at"], shown[-1]["_id"]) if more else None,
        )

    def too_early_until(self, survivor_id: str, purpose: str, recipient_class: str, now: datetime) -> datetime | None:
        """Say until when no yes of somebody is taken; None where one is."""
        timers = timers_of(self._nations({survivor_id}).get(survivor_id), now.date())
        told = [too_early_until(one.entries, timers) for one in self._ledgers(survivor_id, purpose, recipient_class)]
        return max((one for one in told if one is not None and one > now), default=None)

    def yes_until(self, survivor_id: str, purpose: str, recipient_class: str, now: datetime) -> datetime | None:
        """Say until when somebody's yes holds; None where none does."""
        found = next(
            (one for one in self._ledgers(survivor_id, purpose, recipient_class) if one.is_effective(now)), None
        )
        return found.until if found is not None else None

    def _ledgers(self, survivor_id: str, purpose: str, recipient_class: str) -> list[Consent]:
        """Give the ledger of those recipients, or the one of before recipients had one each."""
        own = consent_key(survivor_id, purpose, recipient_class)
        keys = {own, consent_key(survivor_id, purpose)}
        found = [consent_from(d) for d in self._database[CONSENTS].find({"_id": {"$in": sorted(keys)}})]
        theirs = [one for one in found if one.id == own]
        return theirs or [one for one in found if any(line.recipient_class == recipient_class for line in one.entries)]

    def _own(self, actor_id: str, now: datetime) -> list[str]:
        found = self._database[PEOPLE].find(within_reach(actor_id, now), {"_id": 1}).limit(MOST_PEOPLE)
        return [document["_id"].removeprefix(advocates_key("")) for document in found]

    def _nations(self, survivor_ids: set[str]) -> dict[str, str | None]:
        found = self._database[PEOPLE].find({"_id": {"$in": sorted(survivor_ids)}}, {"nation": 1})
        return {document["_id"]: document.get("nation") for document in found}


def _row(document: Mapping[str, Any], nation: str | None, now: datetime) -> dict[str, Any] | None:
    consent = consent_from(document)
    talk = talk_of(consent, timers_of(nation, now.date()))
    # What an older rule wrote down is no reason to trouble anybody.
    if talk is None or talk.at > now or (talk.until is not None and talk.until <= now):
        return None
    not_before, never = asked_from(consent.entries, now)
    return {
        "id": consent.id,
        "survivor_id": consent.survivor_id,
        "purpose": consent.purpose,
        "recipient_class": consent.recipient_class,
        "why": talk.why,
        "due_at": talk.at,
        "until": talk.until,
        "not_before": not_before,
        "never": never,
        "version": consent.version,
    }
