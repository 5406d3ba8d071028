"""Registers words, and weighs again every imported yes that waited for them, a chunk of people in a transaction.

Promise: a chunk of a hundred people costs a handful of queries, and a kill or a cut-off between two chunks is taken
up by the job ``wordings`` where the last one ended. Nobody who said no since is brought back by it. Shown by
tests/integration/consent/test_registering.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.consent.ledger.documents import CHUNK, ConsentStore
from services.consent.ledger.keeping import SYSTEM, entry_of, keep_all
from services.consent.ledger.standing import WORDS
from services.consent.notices.documents import NOTICES
from services.consent.notices.errors import WordingOfNoticeError
from services.consent.purposes.commands import check_stated
from services.consent.wordings.documents import WordingStore
from services.consent.wordings.rules import Wording
from shared.codelists.lists import get
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class RegisterWording(DomainCommand):
    """The host's data protection officer registers words for a purpose, recipients and days."""

    action: ClassVar[str] = "consent:wording:register"

    code: str
    purpose: str
    recipient_class: str
    languages: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None
    text: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The words' code."""
        return self.code

    @property
    def aggregates(self) -> frozenset[str]:
        """The words; a code could be spelt as a survivor's id."""
        return frozenset({wording_aggregate(self.code)})


def register_wording(
    command: RegisterWording, work: UnitOfWork, *, live: bool = False, of_notice: bool = False
) -> Answer:
    """Register words, and weigh again the first imported statements that named them; the job does the others.

    What becomes effective by it is recorded now, not when the file was imported.

    Args:
        command: The words.
        work: The transaction.
        of_notice: A notice registers its own words.
        live: The host is no demonstration: no words before the purpose's basis in law is stated, and so no yes.

    Raises:
        UnknownCodeError: Purpose, recipients or a language is not in its list; nothing is registered.
        BasisNotStatedError: The basis is missing; likewise.
        WordingOfNoticeError: The code is a notice's; likewise.
    """
    get("consent_purpose").require(command.purpose)
    if not of_notice and work.find(NOTICES, command.code) is not None:
        raise WordingOfNoticeError
    if live:
        check_stated(work, command.purpose)
    get("recipient_class").require(command.recipient_class)
    for language in command.languages:
        get("language").require(language)
    words = Wording(
        code=command.code,
        purpose=command.purpose,
        recipient_class=command.recipient_class,
        languages=command.languages,
        valid_from=command.valid_from,
        valid_to=command.valid_to,
    )
    text_hash = WordingStore(work).register(words, command.text)
    _weigh_chunk(work, command.code, None, actor_id=command.actor_id)
    return Answer(status=201, ids={"id": command.code, "text_hash": text_hash})


def go_on(code: str, work: UnitOfWork) -> Answer:
    """Weigh the next chunk of those who wait for registered words; a job's step."""
    progress = WordingStore(work).progress(code)
    if progress is not None:
        _weigh_chunk(work, code, progress["after"], actor_id=progress.get("actor_id", SYSTEM))
    return Answer(status=200)


def wording_aggregate(code: str) -> str:
    """Name words among the things that only one command of a transaction may touch."""
    return f"wording:{code}"


def _weigh_chunk(work: UnitOfWork, code: str, after: str | None, *, actor_id: str) -> None:
    words = WordingStore(work)
    waiting = ConsentStore(work).waiting_for(code, after)
    wordings = words.of(code)
    changes = []
    for before in waiting:
        if before.statement is not None and before.waits:
            entry = entry_of(WORDS, work.now, actor_id)
            changes.append((before, before.weighed(before.statement, wordings, entry)))
    keep_all(work, changes, actor_id=actor_id)
    words.note_progress(code, {"after": waiting[-1].id, "actor_id": actor_id} if len(waiting) == CHUNK else None)
