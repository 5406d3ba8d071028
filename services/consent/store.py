"""Consent's documents: ledgers, wordings, the gate's latest facts of each episode, and one document a survivor.

Promise: whoever decides, hears or states something of a survivor writes that survivor's document in ``people``, so
that of two transactions that each read what the other writes one comes after the other (ADR 0017). Shown by
tests/integration/consent/test_consent_races.py.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import asdict, replace
from typing import Any

from pymongo import IndexModel

from services.consent.domain import RECONFIRM, Consent, Entry, Statement
from services.consent.wordings import Wording
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
_OF_A_YES, _MORE = ("text_hash", "recipient_class"), ("ends_through",)
CHUNK = 100
"""Survivors that one transaction weighs anew or compares; each chunk costs a handful of queries."""

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

    def waiting_for(self, code: str, after: str | None) -> list[Consent]:
        """Give the next chunk of consents whose imported yes waits for these words, by id."""
        query: dict[str, Any] = {"statement.wording_code": code, "status": RECONFIRM}
        if after is not None:
            query["_id"] = {"$gt": after}
        found = self._work.find_where(CONSENTS, query, sort=[("_id", 1)], limit=CHUNK)
        return [consent_from(document) for document in found]

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
                **_entries_to(consent.entries),
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
        """Give the registrations of a code, oldest first; none for no code."""
        document = self._work.find(WORDINGS, code) if code is not None else None
        return wordings_from(document) if document is not None else []

    def await_words(self, code: str) -> None:
        """Note that a statement waits for these words, so that whoever registers them meanwhile comes before or after.

        Words that nobody registered yet get a document without registrations; no list shows it.
        """
        known = self._work.find(WORDINGS, code)
        awaited = int((known or {}).get("awaited", 0)) + 1
        empty = {"registrations": [], "texts": [], "updated_at": self._work.now}
        self._work.save(WORDINGS, {**(known or {"_id": code, **empty}), "awaited": awaited})


class PersonStore:
    """One document a survivor: the random id for statistics, and the turn that every transaction about them takes."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def take_turn(self, survivor_id: str) -> None:
        """Write the survivor's document; of two transactions that both do, one is carried out after the other."""
        known = self._work.find(PEOPLE, survivor_id) or {"_id": survivor_id, "person_id": new_id()}
        self._work.save(PEOPLE, {**known, "turn": int(known.get("turn", 0)) + 1})

    def is_known(self, survivor_id: str) -> bool:
        """Whether case ever told anything of this survivor."""
        return self._work.find(PEOPLE, survivor_id) is not None

    def advocates_of(self, survivor_id: str) -> frozenset[str]:
        """Give who may act on a survivor beside supervisors and the data protection officer."""
        return advocates_in(self._work.find(PEOPLE, advocates_key(survivor_id)))

    def is_assigned(self, survivor_id: str) -> bool:
        """Whether case stated the whole set of who may act, and not only single episodes' advocates."""
        return bool((self._work.find(PEOPLE, advocates_key(survivor_id)) or {}).get("assigned"))

    def set_advocates(self, survivor_id: str, advocate_ids: Iterable[str], *, assigned: bool) -> None:
        """Keep who may act on a survivor."""
        ids = sorted(set(advocate_ids))
        # An older process of a rolling upgrade reads one advocate.
        first = {"advocate_id": ids[0] if ids else None, "person_id": None}
        key = advocates_key(survivor_id)
        self._work.save(PEOPLE, {"_id": key, "advocate_ids": ids, "assigned": assigned, **first})


class GateStore:
    """The latest facts of each episode, the random ids under which they may go out, and what was stated last."""

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

    def of_survivors(self, survivor_ids: Iterable[str]) -> list[dict[str, Any]]:
        """Give all episodes of several survivors, in one query."""
        return self._work.find_where(EPISODES, {"survivor_id": {"$in": list(survivor_ids)}}, sort=[("_id", 1)])

    def person_id(self, survivor_id: str) -> str:
        """Give the random id of a person for statistics; drawn once."""
        known = self._work.find(PEOPLE, survivor_id)
        if known is None:
            known = {"_id": survivor_id, "person_id": new_id(), "turn": 1}
            self._work.insert(PEOPLE, known)
        return str(known["person_id"])

    def stated(self, document: Mapping[str, Any], statement: Mapping[str, Any]) -> int:
        """Keep what the gate states of an episode now, and count it up; give the new sequence."""
        sequence = int(document["gate_version"]) + 1
        current = self._work.get(EPISODES, document["_id"])
        # The sequence tells a copy of this statement from one that an older process left behind.
        stated = {**statement, "sequence": sequence}
        self._work.replace(EPISODES, {**current, "gate_version": sequence, "stated": stated})
        return sequence


def consent_from(document: Mapping[str, Any]) -> Consent:
    """Read a ledger's document."""
    statement = document["statement"]
    return Consent(
        id=document["_id"],
        survivor_id=document["survivor_id"],
        purpose=document["purpose"],
        entries=tuple(Entry(**line) for line in lines_of(document)),
        statement=Statement(**statement) if statement is not None else None,
        version=document["version"],
    )


def lines_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a ledger's lines with all that they say; a line of an older version says less."""
    lines, more = document["entries"], document.get("entries_more", [])
    return [{**line, **(more[n] if n < len(more) else {})} for n, line in enumerate(lines)]


def _entries_to(entries: Iterable[Entry]) -> dict[str, Any]:
    # An older process of a rolling upgrade takes a line with a name more for a fault, so a no has none: it is read by
    # both. A yes to words has two, since a ledger must show in itself what was read out.
    lines = [asdict(entry) for entry in entries]
    more = [{name: line.pop(name) for name in _MORE} for line in lines]
    kept = [{name: v for name, v in line.items() if v is not None or name not in _OF_A_YES} for line in lines]
    return {"entries": kept, "entries_more": more}


def wordings_from(document: Mapping[str, Any]) -> list[Wording]:
    """Read a code's registrations; each text, with its hash and when it was registered, stands beside its own."""
    registrations, texts = document["registrations"], document.get("texts", [])
    beside = texts if len(texts) == len(registrations) else [{}] * len(registrations)
    return [
        Wording(
            **{
                **registration,
                "languages": tuple(registration["languages"]),
                "text_hash": text.get("hash"),
                "registered_at": text.get("registered_at"),
            }
        )
        for registration, text in zip(registrations, beside, strict=True)
    ]


def advocates_key(survivor_id: str) -> str:
    """Name the document that says who may act on a survivor."""
    return f"advocate:{survivor_id}"


def advocates_in(document: Mapping[str, Any] | None) -> frozenset[str]:
    """Read who may act; a document older than the set names one."""
    if document is None:
        return frozenset()
    one = document.get("advocate_id")
    return frozenset(document.get("advocate_ids", [one] if one is not None else []))
