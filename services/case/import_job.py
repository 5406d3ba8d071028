"""The job that carries out waiting imports, one after another.

The uploaded file waits in the strongroom, sealed under a key of the tenant, and is deleted when its
import has ended, whatever its end.
"""

import hashlib
import hmac
import os
from typing import Any

from bson import Binary
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pymongo.collection import Collection

from services.case.import_run import ImportRun
from services.case.imports.profile import choose, shipped
from services.case.imports.reading import read_sheet
from services.case.imports.verdicts import judge
from services.case.store import IMPORTS
from services.context import ServiceContext
from shared.codelists.periods import LONDON
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import database_name
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.telemetry.traces import extract, start_span

WAITING, DONE, REFUSED = "WAITING", "DONE", "REFUSED"
_NONCE_BYTES = 12


class Strongroom:
    """Uploaded files, sealed, until their import has ended."""

    def __init__(self, collection: Collection[dict[str, Any]], key: bytes) -> None:
        """Take the collection and the tenant's key for it."""
        self._collection = collection
        self._key = key

    def put(self, import_id: str, content: bytes) -> None:
        """Keep a file; a repeat keeps the first."""
        nonce = os.urandom(_NONCE_BYTES)
        sealed = nonce + AESGCM(self._key).encrypt(nonce, content, import_id.encode())
        self._collection.update_one({"_id": import_id}, {"$setOnInsert": {"sealed": Binary(sealed)}}, upsert=True)

    def get(self, import_id: str) -> bytes | None:
        """Give a file, or None when it is gone."""
        document = self._collection.find_one({"_id": import_id})
        if document is None:
            return None
        sealed = bytes(document["sealed"])
        return AESGCM(self._key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], import_id.encode())

    def remove(self, import_id: str) -> None:
        """Delete a file."""
        self._collection.delete_one({"_id": import_id})


def strongroom_of(context: ServiceContext) -> Strongroom:
    """Build the strongroom of a tenant's imports."""
    collection = context.client[database_name(context.tenant_id, "strongroom")]["imports"]
    return Strongroom(collection, context.tenant_key.subkey("STRONGROOM"))


class ImportJob:
    """Carries out every waiting import."""

    def __init__(self, context: ServiceContext) -> None:
        """Take the case service's context."""
        self._context = context
        self._strongroom = strongroom_of(context)
        self._hash_key = context.tenant_key.subkey("IMPORT_CONTENT")

    def run(self) -> None:
        """Carry out what waits, oldest first; a kill at any point is resumed here."""
        imports = self._context.client[self._context.database_name][IMPORTS]
        for document in imports.find({"state": WAITING}).sort("received_at", 1):
            with start_span("import", parent=extract(document)) as span:
                span.set(import_id=document["_id"])
                self._carry_out(document)

    def _carry_out(self, document: dict[str, Any]) -> None:
        import_id = document["_id"]
        content = self._strongroom.get(import_id)
        if content is None:
            self._end(import_id, REFUSED, "The file is no longer there. Upload it again.", ())
            return
        try:
            sheet = read_sheet(content, [column for p in shipped().values() for column in p.columns])
            profile = choose(sheet, document["profile"])
            binding = profile.bind(sheet)
        except InvalidInputError as error:
            self._end(import_id, REFUSED, str(error), ())
            return
        source = document["source"] or profile.id
        run = ImportRun(
            committer=self._context.committer,
            keys=self._context.survivor_keys,
            tenant=str(self._context.tenant_id),
            import_id=import_id,
            actor_id=document["actor_id"],
            row_key=lambda reference: self._row_key(source, reference),
            hash_key=self._hash_key,
        )
        today = self._context.clock.now().astimezone(LONDON).date()
        run.run(judge(sheet, binding, today=today), done=document["done"])
        self._end(import_id, DONE, None, binding.dropped, profile.id)

    def _row_key(self, source: str, reference: str) -> str:
        content = f"{len(source)}:{source}{reference}".encode()
        return hmac.new(self._hash_key, content, hashlib.sha256).hexdigest()

    def _end(
        self, import_id: str, state: str, why: str | None, dropped: tuple[str, ...], profile: str | None = None
    ) -> None:
        def end(work: UnitOfWork) -> Answer:
            document = work.get(IMPORTS, import_id)
            changes = {"state": state, "why": why, "dropped_columns": list(dropped), "ended_at": work.now}
            work.replace(IMPORTS, {**document, **changes, "profile": profile or document["profile"]})
            return Answer(status=200)

        self._context.committer.execute(Command(run=end, aggregates=frozenset({import_id})))
        self._strongroom.remove(import_id)
