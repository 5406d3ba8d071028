"""What the conversation shows: whom somebody may ask, where each purpose stands, and the words that may be read out."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pymongo.database import Database

from services.consent.ledger.acting import ADVOCATE
from services.consent.ledger.asking import asked_from
from services.consent.ledger.documents import CONSENTS, consent_from
from services.consent.ledger.people import PEOPLE, advocates_key, within_reach
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EFFECTIVE, ENDING
from services.consent.purposes.register import PURPOSES
from services.consent.wordings.documents import WORDING, WORDINGS, wordings_from
from services.consent.wordings.rules import covering
from shared.kernel.tenancy import Principal

PART = 20
"""People a page; each one's name is asked for apart."""
_MOST_WORDS = 200


@dataclass(frozen=True, kw_only=True)
class Words:
    """Words that may be read out now."""

    code: str
    text: str
    text_hash: str


class TalkingViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def people(self, who: Principal, after: str, now: datetime) -> tuple[list[str], str | None]:
        """Give a part of those whom somebody may ask, and after whom the next part begins.

        An advocate meets only who is assigned to them.
        """
        if who.role == ADVOCATE:
            return self._own(who.actor_id, after, now)
        where = {"_id": {"$gt": after}, "person_id": {"$ne": None}}
        found = [d["_id"] for d in self._database[PEOPLE].find(where, {"_id": 1}).sort("_id", 1).limit(PART + 1)]
        return _part(found)

    def _own(self, actor_id: str, after: str, now: datetime) -> tuple[list[str], str | None]:
        where = {**within_reach(actor_id, now), "_id": {"$gt": advocates_key(after)}}
        found = self._database[PEOPLE].find(where, {"_id": 1}).sort("_id", 1).limit(PART + 1)
        return _part([d["_id"].removeprefix(advocates_key("")) for d in found])

    def purposes(self, survivor_id: str, now: datetime) -> list[dict[str, Any]]:
        """Say where each purpose stands for somebody; further recipients stand behind their purpose."""
        found = [consent_from(d) for d in self._database[CONSENTS].find({"survivor_id": survivor_id})]
        rows = []
        for code in PURPOSES:
            known = sorted((one for one in found if one.purpose == code), key=lambda one: one.recipient_class or "")
            rows += [_row(code, one, now) for one in known] or [_row(code, None, now)]
        return rows

    def words(self, purpose: str, recipient_class: str, language: str, now: datetime) -> Words | None:
        """Give the words that may be read out now, of several those registered last; None where there are none."""
        documents = self._database[WORDINGS].find({"registrations.purpose": purpose}).limit(_MOST_WORDS)
        found: list[tuple[tuple[datetime, str], Words]] = []
        for document in documents:
            one = covering(
                wordings_from(document),
                purpose=purpose,
                language=language,
                said_at=now,
                recipient_class=recipient_class,
            )
            texts = {text["hash"]: text["text"] for text in WORDING.values(document)["texts"]}
            if one is not None and one.text_hash is not None and one.text_hash in texts:
                words = Words(code=one.code, text=texts[one.text_hash], text_hash=one.text_hash)
                found.append(((one.registered_at or one.valid_from, one.code), words))
        if not found:
            return None
        return max(found, key=lambda pair: pair[0])[1]


def _part(ids: list[str]) -> tuple[list[str], str | None]:
    return ids[:PART], ids[PART - 1] if len(ids) > PART else None


def _row(purpose: str, consent: Consent | None, now: datetime) -> dict[str, Any]:
    if consent is None:
        nothing = dict.fromkeys(("id", "recipient_class", "status", "until", "not_before"))
        return {**nothing, "purpose": purpose, "open": False, "never": False}
    effective = consent.is_effective(now)
    ran_out = consent.status in EFFECTIVE and not effective
    not_before, never = asked_from(consent.entries, now)
    return {
        "purpose": purpose,
        "id": consent.id,
        "recipient_class": consent.recipient_class,
        "status": "EXPIRED" if ran_out else consent.status,
        "until": consent.until if effective else None,
        "open": consent.status not in ENDING and bool(consent.entries),
        "not_before": not_before,
        "never": never,
    }
