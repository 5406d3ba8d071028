"""Consent's ledgers, one document for each survivor and purpose, and the documents of survivors."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, fields, replace
from typing import Any

from pymongo import IndexModel

from services.consent.ledger.keys import consent_key, other_recipients
from services.consent.ledger.people import ADVOCATES, PERSON, PersonStore
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import RECONFIRM, Entry
from services.consent.ledger.statements import Statement
from services.consent.ledger.terms import Terms
from services.consent.timers.policy import timers_of, version
from services.consent.timers.rules import talk_of
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

CONSENTS = "consents"
CHUNK = 100
"""Survivors that one transaction weighs anew or compares; each chunk costs a handful of queries."""

# An older process of a rolling upgrade takes a line with a name more for a fault, so a no has none: it is read by
# both. A yes to words has two, since a ledger must show in itself what was read out; what else is new stands beside.
# Its terms stand in a list of their own, since an older process reads every name of the lists it knows.
_OF_A_YES, _BESIDE, _TERMS = ("text_hash", "recipient_class"), ("ends_through",), "terms"


def _lines(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    lines = [
        {name: value for name, value in asdict(entry).items() if name not in (*_BESIDE, _TERMS)} for entry in entries
    ]
    return [{name: v for name, v in line.items() if v is not None or name not in _OF_A_YES} for line in lines]


def _beside_the_lines(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [{name: getattr(entry, name) for name in _BESIDE} for entry in entries]


def _statement(kept: Mapping[str, Any] | None) -> Statement | None:
    return Statement(**kept) if kept is not None else None


_OF_A_LINE = frozenset(one.name for one in fields(Entry))


CONSENT = DocumentType(
    collection=CONSENTS,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="purpose", holds=Holds.CODE),
        # Both follow from the lines, and are kept to be looked for; an older rule may have written them otherwise.
        Field(name="status", holds=Holds.CODE, missing=None),
        Field(name="until", holds=Holds.INSTANT, missing=None),
        Field(name="entries", holds=Holds.CODE, write=_lines, shown=False),
        Field(name="entries_more", holds=Holds.INSTANT, write=_beside_the_lines, missing=(), shown=False),
        Field(
            name="entries_terms",
            holds=Holds.CODE,
            write=lambda entries: [entry.terms.kept() for entry in entries],
            missing=(),
            shown=False,
        ),
        Field(name="recipient_class", holds=Holds.CODE, missing=None),
        Field(
            name="statement",
            holds=Holds.CODE,
            write=lambda said: asdict(said) if said is not None else None,
            read=_statement,
            shown=False,
        ),
        Field(name="updated_at", holds=Holds.INSTANT, missing=None, shown=False),
        # From when to talk about it again, kept to be looked for, and by which policy that was worked out.
        Field(name="talk_at", holds=Holds.INSTANT, missing=None, shown=False),
        Field(name="talk_policy", holds=Holds.COUNT, missing=None, shown=False),
    ),
    indexes=(
        IndexModel([("survivor_id", 1)]),
        IndexModel([("statement.wording_code", 1)]),
        IndexModel([("status", 1), ("until", 1)]),
        IndexModel([("status", 1), ("updated_at", 1), ("_id", 1)]),
        IndexModel([("talk_at", 1), ("_id", 1)]),
        IndexModel([("talk_policy", 1)]),
    ),
)
TYPES = (CONSENT, PERSON, ADVOCATES)


class ConsentStore:
    """Ledgers by survivor and purpose."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def of(self, survivor_id: str, purpose: str, recipient_class: str | None = None) -> Consent:
        """Give a survivor's consent to a purpose for some recipients; an empty ledger where nothing was said.

        A ledger of before recipients had one each goes on for the recipients that its lines are about: what ended there
        stays ended.
        """
        key = consent_key(survivor_id, purpose, recipient_class)
        document = self._work.find(CONSENTS, key)
        if document is not None:
            return consent_from(document)
        shared = self._work.find(CONSENTS, consent_key(survivor_id, purpose))
        if shared is not None and any(line.recipient_class == recipient_class for line in consent_from(shared).entries):
            return consent_from(shared)
        named = recipient_class if recipient_class in other_recipients(purpose) else None
        return Consent(id=key, survivor_id=survivor_id, purpose=purpose, recipient_class=named)

    def of_survivors(self, survivor_ids: Iterable[str], purpose: str) -> dict[str, Consent]:
        """Give the consents of many survivors to a purpose, by survivor, in one query."""
        keys = {consent_key(survivor_id, purpose): survivor_id for survivor_id in survivor_ids}
        found = {d["_id"]: consent_from(d) for d in self._work.find_where(CONSENTS, {"_id": {"$in": list(keys)}})}
        return {
            survivor_id: found.get(key) or Consent(id=key, survivor_id=survivor_id, purpose=purpose)
            for key, survivor_id in keys.items()
        }

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
        document = CONSENT.changed(
            self._work.find(CONSENTS, consent.id) or {"_id": consent.id},
            survivor_id=consent.survivor_id,
            purpose=consent.purpose,
            status=consent.status,
            until=consent.until,
            entries=consent.entries,
            entries_more=consent.entries,
            entries_terms=consent.entries,
            recipient_class=consent.recipient_class,
            statement=consent.statement,
            updated_at=self._work.now,
            **self._talk(consent),
        )
        self._work.save(CONSENTS, document)
        return replace(consent, version=consent.version + 1)

    def note_talk(self, consent: Consent) -> None:
        """Keep anew when to talk about a ledger, which itself stays as it is."""
        self._work.replace(CONSENTS, CONSENT.changed(self._work.get(CONSENTS, consent.id), **self._talk(consent)))

    def _talk(self, consent: Consent) -> dict[str, Any]:
        nation = PersonStore(self._work).nation_of(consent.survivor_id)
        talk = talk_of(consent, timers_of(nation, self._work.now.date()))
        return {"talk_at": talk.at if talk is not None else None, "talk_policy": version()}


def consent_from(document: Mapping[str, Any]) -> Consent:
    """Read a ledger's document."""
    said = CONSENT.values(document)
    return Consent(
        id=said["id"],
        survivor_id=said["survivor_id"],
        purpose=said["purpose"],
        entries=tuple(_entry(line) for line in _whole(said)),
        statement=said["statement"],
        recipient_class=said["recipient_class"],
        version=said["version"],
    )


def consent_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a consent as the API shows it; where it stands is told by its lines."""
    said, consent = CONSENT.values(document), consent_from(document)
    row = CONSENT.row({**said, "status": consent.status, "until": consent.until})
    return {**row, "history": [_shown(line) for line in _whole(said)]}


def _shown(line: Mapping[str, Any]) -> dict[str, Any]:
    terms: Terms = line[_TERMS]
    return {**{name: value for name, value in line.items() if name != _TERMS}, **terms.kept()}


def lines_of(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Give a ledger's lines with all that they say; a line of an older version says less."""
    return _whole(CONSENT.values(document))


def _whole(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    lines, more, terms = said["entries"], said["entries_more"], said["entries_terms"]
    return [
        {
            **line,
            **(more[n] if n < len(more) else {}),
            _TERMS: Terms.of(terms[n] if n < len(terms) else {}),
        }
        for n, line in enumerate(lines)
    ]


def _entry(line: Mapping[str, Any]) -> Entry:
    return Entry(**{name: value for name, value in line.items() if name in _OF_A_LINE})
