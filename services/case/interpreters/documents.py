"""Interpreters, one document each; what names or describes them is closed under a key of the tenant's.

That key lies outside the database. Codes and days stand in clear: they are of the host's own workers, of no survivor.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from types import SimpleNamespace
from typing import Any

from pymongo import IndexModel

from services.case.days import read_day, write_day
from services.case.interpreters.errors import TooManyInterpretersError
from services.case.interpreters.rules import MOST_INTERPRETERS, Interpreter, Tie, Words
from shared.kernel.tenancy import TenantId
from shared.keys.fields import CiphertextMovedError, decrypt_field, encrypt_field
from shared.keys.tenant_key import KeyWrapper
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext

INTERPRETERS = "interpreters"
INTERPRETER = DocumentType(
    collection=INTERPRETERS,
    fields=(
        Field(name="languages", holds=Holds.CODE, write=list, read=tuple),
        Field(name="gender", holds=Holds.CODE),
        Field(name="modes", holds=Holds.CODE, write=list, read=tuple),
        Field(name="from_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="until_on", holds=Holds.INSTANT, write=write_day, read=read_day),
        Field(name="words", holds=Holds.CIPHERTEXT),
        Field(name="stated_by", holds=Holds.ID),
        Field(name="updated_at", holds=Holds.INSTANT),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]),),
)
TYPES = (INTERPRETER,)
_FIELD = "words"


class ClosedWords:
    """Closes and opens what is kept of one tenant's interpreters; each opens for its own document alone."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Derive the sealing key."""
        self._key = key.subkey("INTERPRETERS")
        self._tenant = str(tenant)

    @classmethod
    def of(cls, context: ServiceContext) -> "ClosedWords":
        """Take the tenant's key."""
        return cls(context.tenant_key, context.tenant_id)

    def close(self, interpreter: Interpreter) -> dict[str, Any]:
        """Give an interpreter's document; what could not be read is never written over."""
        return INTERPRETER.document(SimpleNamespace(**{**vars(interpreter), "words": self._closed(interpreter)}))

    def read(self, document: Mapping[str, Any]) -> Interpreter:
        """Read a document; what does not open stands as None, which every judgement takes as a no."""
        values = INTERPRETER.values(document)
        return Interpreter(**{**values, "words": self._opened(values["id"], values["words"])})

    def _closed(self, one: Interpreter) -> bytes:
        words = one.readable
        ties = [[t.id, t.kind, t.who, t.by, t.at.isoformat(), t.ended_by, t.ended_at and t.ended_at.isoformat()]
                for t in words.ties]  # fmt: skip
        text = json.dumps([words.name, words.dialects, words.agency, words.communities, ties])
        return encrypt_field(self._key, text, tenant=self._tenant, survivor_id=one.id, field=_FIELD)

    def _opened(self, interpreter_id: str, closed: Any) -> Words | None:
        try:
            text = decrypt_field(
                self._key, bytes(closed), tenant=self._tenant, survivor_id=interpreter_id, field=_FIELD
            )
            name, dialects, agency, communities, ties = json.loads(text)
        except (CiphertextMovedError, TypeError, ValueError):
            return None
        read = tuple(
            Tie(id=tie_id, kind=kind, who=who, by=by, at=datetime.fromisoformat(at), ended_by=ended_by,
                ended_at=ended_at and datetime.fromisoformat(ended_at))
            for tie_id, kind, who, by, at, ended_by, ended_at in ties
        )  # fmt: skip
        return Words(name=name, dialects=tuple(dialects), agency=agency, communities=tuple(communities), ties=read)


class InterpreterStore:
    """Interpreters in one transaction."""

    def __init__(self, work: UnitOfWork, closed: ClosedWords) -> None:
        """Work inside one transaction."""
        self._work = work
        self._closed = closed

    def get(self, interpreter_id: str) -> Interpreter:
        """Give one; ``DocumentMissingError`` if there is none."""
        return self._closed.read(self._work.get(INTERPRETERS, interpreter_id))

    def find(self, interpreter_id: str) -> Interpreter | None:
        """Give one, or None."""
        document = self._work.find(INTERPRETERS, interpreter_id)
        return None if document is None else self._closed.read(document)

    def add(self, interpreter: Interpreter) -> None:
        """Keep a new one.

        Raises:
            TooManyInterpretersError: The register is full.
        """
        # Of two who add at the same moment there may be one more than this; nobody is harmed by it.
        if len(self._work.find_where(INTERPRETERS, {}, limit=MOST_INTERPRETERS)) >= MOST_INTERPRETERS:
            raise TooManyInterpretersError(MOST_INTERPRETERS)
        self._work.insert(INTERPRETERS, self._closed.close(interpreter))

    def save(self, interpreter: Interpreter) -> int:
        """Write its next version; give it."""
        known = self._work.get(INTERPRETERS, interpreter.id)
        self._work.replace(INTERPRETERS, {**known, **self._closed.close(interpreter)})
        return interpreter.version + 1
