"""The key of the marks: one for each generation of the tenant key, and gone with it.

Promise: an erasure replaces the tenant key, and with the old one the key of all marks that were made until then: no
copy of them in a backup or a log can be tried against a name any more. Shown by
tests/integration/case/test_finding.py. Source: ADR 0054.
"""

import hmac
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from services.case.finding.documents import MARK_KEY, MARK_KEYS, MarkKey
from services.case.finding.errors import MarkKeyNotReadError
from services.case.finding.rules import Said
from shared.keys.key_file import KEY_BYTES
from shared.keys.tenant_key import WrappedKey
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import Document, DuplicateIdError, UnitOfWork
from shared.runtime.context import ServiceContext

_MARK_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Marker:
    """Makes marks under the key of one generation."""

    generation: int
    key: bytes = field(repr=False)

    def marks(self, said: Said) -> Mapping[str, str]:
        """Give the kind of each mark of what was said."""
        return {self._mark(kind, folded): kind for kind, folded in said.folded()}

    def _mark(self, kind: str, folded: str) -> str:
        digest = hmac.digest(self.key, f"{kind}:{folded}".encode(), "sha256")[:_MARK_BYTES]
        return f"{self.generation}-{digest.hex()}"


class MarkKeys:
    """The marks' keys of one tenant."""

    def __init__(self, context: ServiceContext) -> None:
        """Take case's context."""
        self._keys = context.client[context.database_name][MARK_KEYS]
        self._wrapper = context.tenant_key
        self._execute = context.committer.execute

    @property
    def generation(self) -> int:
        """The tenant key's generation now; marks of an older one lead to nobody."""
        return self._wrapper.generation

    def newest(self) -> Marker:
        """Give what makes marks now; nothing of it is kept in memory, so it ends with its key.

        Raises:
            TemporarilyUnavailableError: The tenant key was replaced at this moment, or the database is away.
        """
        stored = self._keys.find_one({"_id": str(self._wrapper.generation)}) or self._made()
        known = MarkKey(**MARK_KEY.values(stored))
        key = self._wrapper.unwrap(WrappedKey(generation=known.generation, data=known.wrapped))
        return Marker(generation=known.generation, key=key)

    def _made(self) -> Document:
        wrapped = self._wrapper.wrap(secrets.token_bytes(KEY_BYTES))
        made = MarkKey(id=str(wrapped.generation), generation=wrapped.generation, wrapped=wrapped.data)
        # Two processes may make one at this moment: the first one's counts.
        with suppress(DuplicateIdError):
            self._execute(Command(run=partial(_keep, MARK_KEY.document(made))))
        stored = self._keys.find_one({"_id": made.id})
        if stored is None:
            raise MarkKeyNotReadError
        return stored


def _keep(document: Document, work: UnitOfWork) -> Answer:
    if work.find(MARK_KEYS, document["_id"]) is None:
        work.insert(MARK_KEYS, document)
    return Answer(status=200)
