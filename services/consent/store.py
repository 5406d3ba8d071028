"""Consent's documents: ledgers, wordings, and the gate's latest facts of each episode."""

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from pymongo import IndexModel

from services.consent.domain import Consent, Entry, Statement, Wording
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import UnitOfWork

CONSENTS, WORDINGS, EPISODES, PEOPLE = "consents", "wordings", "episodes", "people"
COLLECTIONS = (CONSENTS, WORDINGS, EPISODES, PEOPLE)
INDEXES: dict[str, list[IndexModel]] = {
    CONSENTS: [
        IndexModel([("survivor_id", 1)]),
        IndexModel([("statement.wording_code", 1)]),
        IndexModel([("status", 1), ("until", 1)]),
    ],
    EPISODES: [IndexModel([("survivor_id", 1)])],
    WORDINGS: [IndexModel([("updated_at", 1), ("_id", 1)])],
}
STATISTICS = "AGGREGATE_STATISTICS"


def consent_key(survivor_id: str, purpose: str) -> str:
    """Give the one id of a survivor's consent to a purpose, so that two writers meet in one document."""
    digest = hashlib.sha256(f"{survivor_id}:{purpose}".encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-{digest[12:16]}-{digest[16:20]}-{digest[20:32]}"


class ConsentStore:
    """Ledgers by survivor and purpose."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def of(self, survivor_id: str, purpose: str) -> Consent:
        """Give a survivor's consent to a purpose; an empty ledger where nothing was said."""
        document = self._work.find(CONSENTS, consent_key(survivor_id, purpose))
        if document is not None:
            return consent_from(document)
        return Consent(id=consent_key(survivor_id, purpose), survivor_id=survivor_id, purpose=purpose)

    def get(self, consent_id: str) -> Consent:
        """Give a consent; ``DocumentMissingError`` if there is none."""
        return consent_from(self._work.get(CONSENTS, consent_id))

    def save(self, consent: Consent) -> Consent:
        """Keep a ledger; give it with its new version."""
        self._work.save(
            CONSENTS,
            {
                "_id": consent.id,
                "survivor_id": consent.survivor_id,
                "purpose": consent.purpose,
                "status": consent.status,
                "until": consent.until(),
                "entries": [asdict(entry) for entry in consent.entries],
                "statement": asdict(consent.statement) if consent.statement is not None else None,
                "updated_at": self._work.now,
            },
        )
        return replace(consent, version=consent.version + 1)


class WordingStore:
    """Registered words, by code."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def of(self, code: str | None) -> list[Wording]:
        """Give the registrations of a code; none for no code."""
        if code is None:
            return []
        document = self._work.find(WORDINGS, code)
        return [wording_from(r) for r in document["registrations"]] if document is not None else []


class GateStore:
    """The latest facts of each episode, and the random ids under which they may go out."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def episode(self, episode_id: str) -> dict[str, Any] | None:
        """Give an episode's latest facts, or None."""
        return self._work.find(EPISODES, episode_id)

    def keep(self, episode_id: str, survivor_id: str, facts: Mapping[str, Any]) -> dict[str, Any]:
        """Keep an episode's facts; its contribution id is drawn once."""
        known = self.episode(episode_id) or {"_id": episode_id, "contribution_id": new_id(), "gate_version": 0}
        document = {**known, "survivor_id": survivor_id, "facts": dict(facts)}
        self._work.save(EPISODES, document)
        return document

    def of_survivor(self, survivor_id: str) -> list[dict[str, Any]]:
        """Give all episodes of a survivor."""
        return self._work.find_where(EPISODES, {"survivor_id": survivor_id}, sort=[("_id", 1)])

    def person_id(self, survivor_id: str) -> str:
        """Give the random id of a person for statistics; drawn once."""
        known = self._work.find(PEOPLE, survivor_id)
        if known is None:
            known = {"_id": survivor_id, "person_id": new_id()}
            self._work.insert(PEOPLE, known)
        return str(known["person_id"])

    def stated(self, document: Mapping[str, Any]) -> int:
        """Count up what the gate has stated of an episode; give the new sequence."""
        sequence = int(document["gate_version"]) + 1
        current = self._work.get(EPISODES, document["_id"])
        self._work.replace(EPISODES, {**current, "gate_version": sequence})
        return sequence


def consent_from(document: Mapping[str, Any]) -> Consent:
    """Read a ledger's document."""
    statement = document["statement"]
    return Consent(
        id=document["_id"],
        survivor_id=document["survivor_id"],
        purpose=document["purpose"],
        entries=tuple(Entry(**entry) for entry in document["entries"]),
        statement=Statement(**statement) if statement is not None else None,
        version=document["version"],
    )


def wording_from(document: Mapping[str, Any]) -> Wording:
    """Read one registration of a wording."""
    return Wording(**{**document, "languages": tuple(document["languages"])})
