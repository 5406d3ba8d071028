"""Registered words, one document a code: every registration of it, and beside each its text."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from pymongo import IndexModel

from services.consent.wordings.rules import Wording
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

WORDINGS = "wordings"


def _registrations(words: Iterable[Wording]) -> list[dict[str, Any]]:
    # An older process takes a registration with a name more for a fault: the text's own stand in ``texts``.
    return [
        {
            "code": one.code,
            "purpose": one.purpose,
            "recipient_class": one.recipient_class,
            "languages": list(one.languages),
            "valid_from": one.valid_from,
            "valid_to": one.valid_to,
        }
        for one in words
    ]


WORDING = DocumentType(
    collection=WORDINGS,
    fields=(
        Field(name="registrations", holds=Holds.CODE),
        Field(name="texts", holds=Holds.TEXT, missing=()),
        # Where the job stands that weighs everybody who waited; None or absent where nobody is left.
        Field(name="weighing", holds=Holds.ID, missing=None, shown=False),
        Field(name="awaited", holds=Holds.COUNT, missing=0, shown=False),
        Field(name="updated_at", holds=Holds.INSTANT, missing=None, shown=False),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]),),
)
TYPES = (WORDING,)


class WordingStore:
    """Registered words, by code."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def of(self, code: str | None) -> list[Wording]:
        """Give the registrations of a code, oldest first; none for no code."""
        document = self._work.find(WORDINGS, code) if code is not None else None
        return wordings_from(document) if document is not None else []

    def register(self, words: Wording, text: str) -> str:
        """Add a registration with its text; give the text's hash."""
        text_hash = hashlib.sha256(text.encode()).hexdigest()
        known = self._known(words.code)
        document = WORDING.changed(
            known,
            registrations=[*known["registrations"], *_registrations([words])],
            texts=[*known["texts"], {"hash": text_hash, "text": text, "registered_at": self._work.now}],
            updated_at=self._work.now,
        )
        self._work.save(WORDINGS, document)
        return text_hash

    def close(self, code: str) -> None:
        """Let today be the last day of words that have none, since others take their place."""
        known = self._known(code)
        closed = [
            {**one, "valid_to": self._work.now} if one["valid_to"] is None else one for one in known["registrations"]
        ]
        self._work.save(WORDINGS, WORDING.changed(known, registrations=closed, updated_at=self._work.now))

    def await_words(self, code: str) -> None:
        """Note that a statement waits for these words, so that whoever registers them meanwhile comes before or after.

        Words that nobody registered yet get a document without registrations; no list shows it.
        """
        known = self._known(code)
        self._work.save(WORDINGS, WORDING.changed(known, awaited=int(known.get("awaited", 0)) + 1))

    def progress(self, code: str) -> Mapping[str, Any] | None:
        """Say where the weighing of those who waited stands; None where nobody is left."""
        progress: Mapping[str, Any] | None = (self._work.find(WORDINGS, code) or {}).get("weighing")
        return progress

    def note_progress(self, code: str, progress: Mapping[str, Any] | None) -> None:
        """Keep after whom the job goes on, or that nobody is left."""
        self._work.replace(WORDINGS, WORDING.changed(self._work.get(WORDINGS, code), weighing=progress))

    def _known(self, code: str) -> dict[str, Any]:
        known = self._work.find(WORDINGS, code)
        if known is not None:
            return known
        return WORDING.changed({"_id": code}, registrations=[], texts=[], updated_at=self._work.now)


def wordings_from(document: Mapping[str, Any]) -> list[Wording]:
    """Read a code's registrations; each text, with its hash and when it was registered, stands beside its own."""
    said = WORDING.values(document)
    registrations, texts = said["registrations"], said["texts"]
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


def wording_row(document: Mapping[str, Any]) -> dict[str, Any]:
    """Give a code's registrations and texts as the API shows them."""
    said = WORDING.values(document)
    registrations = [{k: v for k, v in one.items() if k != "code"} for one in said["registrations"]]
    return {"code": said["id"], "registrations": registrations, "texts": said["texts"]}
