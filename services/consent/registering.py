"""Registers words, and weighs again every imported yes that waited for them, a chunk of people in a transaction.

Promise: a chunk of a hundred people costs a handful of queries, and a kill or a cut-off between two chunks is taken
up by the job ``wordings`` where the last one ended. Nobody who said no since is brought back by it. Shown by
tests/integration/consent/test_registering.py.
"""

import hashlib
from collections.abc import Mapping
from typing import Any

from services.consent.commands import RegisterWording
from services.consent.keeping import SYSTEM, entry_of, keep_all
from services.consent.ledger import WORDS
from services.consent.store import CHUNK, WORDINGS, ConsentStore, WordingStore
from shared.codelists.lists import get
from shared.outbox.committer import Answer
from shared.outbox.unit_of_work import UnitOfWork


def register_wording(command: RegisterWording, *, work: UnitOfWork) -> Answer:
    """Register words, and weigh again the first imported statements that named them; the job does the others.

    What becomes effective by it is recorded now, not when the file was imported.

    Raises:
        UnknownCodeError: Purpose, recipients or a language is not in its list; nothing is registered.
    """
    get("consent_purpose").require(command.purpose)
    get("recipient_class").require(command.recipient_class)
    for language in command.languages:
        get("language").require(language)
    text_hash = hashlib.sha256(command.text.encode()).hexdigest()
    registration = {
        "code": command.code,
        "purpose": command.purpose,
        "recipient_class": command.recipient_class,
        "languages": list(command.languages),
        "valid_from": command.valid_from,
        "valid_to": command.valid_to,
    }
    known = work.find(WORDINGS, command.code) or {"_id": command.code, "registrations": [], "texts": []}
    document = {
        **known,
        "registrations": [*known["registrations"], registration],
        "texts": [*known["texts"], {"hash": text_hash, "text": command.text, "registered_at": work.now}],
        "updated_at": work.now,
    }
    work.save(WORDINGS, document)
    _weigh_chunk(work, command.code, None, actor_id=command.actor_id)
    return Answer(status=201, ids={"id": command.code, "text_hash": text_hash})


def go_on(code: str, *, work: UnitOfWork) -> Answer:
    """Weigh the next chunk of those who wait for registered words; a job's step."""
    progress = (work.find(WORDINGS, code) or {}).get("weighing")
    if progress is not None:
        _weigh_chunk(work, code, progress["after"], actor_id=progress.get("actor_id", SYSTEM))
    return Answer(status=200)


def _weigh_chunk(work: UnitOfWork, code: str, after: str | None, *, actor_id: str) -> None:
    waiting = ConsentStore(work).waiting_for(code, after)
    wordings = WordingStore(work).of(code)
    changes = []
    for before in waiting:
        if before.statement is not None and before.waits:
            entry = entry_of(WORDS, work.now, actor_id)
            changes.append((before, before.weighed(before.statement, wordings, entry)))
    keep_all(work, changes, actor_id=actor_id)
    progress: Mapping[str, Any] | None = None
    if len(waiting) == CHUNK:
        progress = {"after": waiting[-1].id, "actor_id": actor_id}
    work.replace(WORDINGS, {**work.get(WORDINGS, code), "weighing": progress})
