"""A notice is published, translated, and its translations are reviewed; each registers the words that it may show.

Promise: words that may be read out are those of a notice that was published, in English or reviewed; what stands in
braces is filled from the stated basis, and the words of the version before are closed with the day. Shown by
tests/integration/pages/test_notice_pages.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

from services.consent.notices.documents import NoticeStore
from services.consent.notices.rules import (
    ENGLISH,
    SOURCE,
    Notice,
    Text,
    notice_id,
    placeholders_of,
    text_of,
)
from services.consent.purposes.commands import BasisNotStatedError
from services.consent.purposes.documents import BasisStore
from services.consent.wordings.commands import RegisterWording, register_wording
from services.consent.wordings.documents import WordingStore
from shared.codelists.lists import get
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class PublishNotice(DomainCommand):
    """The next version of what people are told about a purpose.

    Attributes:
        text: The English words, with placeholders.
        easy: The same in easy words, or None.
    """

    action: ClassVar[str] = "consent:notice:publish"

    purpose: str
    recipient_class: str
    text: str
    easy: str | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """Purpose and recipients; the version has no number yet."""
        return f"{self.purpose}.{self.recipient_class}"

    @property
    def aggregates(self) -> frozenset[str]:
        """The notices of that purpose and those recipients."""
        return frozenset({f"notice:{self.object_id}"})


def publish_notice(command: PublishNotice, work: UnitOfWork, *, demo: bool) -> Answer:
    """Publish a version, register its words, and close those of the version before.

    Raises:
        UnknownCodeError, PlaceholderUnknownError: Nothing is published.
        BasisNotStatedError: The basis is missing, and the host is no demonstration or the words tell of it; likewise.
    """
    get("consent_purpose").require(command.purpose)
    get("recipient_class").require(command.recipient_class)
    notices = NoticeStore(work)
    before = notices.newest(command.purpose, command.recipient_class)
    number = _free_number(work, command, before.number if before is not None else 0)
    holds = placeholders_of(command.text)
    filled = _filled(work, command.purpose)
    if set(holds) | set(placeholders_of(command.easy or "")) and not filled:
        raise BasisNotStatedError
    english = text_of(ENGLISH, command.text, command.easy, filled, review=SOURCE, by=command.actor_id, at=work.now)
    notice = Notice(
        id=notice_id(command.purpose, command.recipient_class, number),
        purpose=command.purpose,
        recipient_class=command.recipient_class,
        number=number,
        filled=filled,
        holds=holds,
        texts=(english,),
        published_by=command.actor_id,
        published_at=work.now,
    )
    if before is not None:
        notices.save(replace(before, replaced_at=work.now))
        WordingStore(work).close(before.id)
    notices.save(notice)
    _register(work, notice, english, command.actor_id, demo=demo)
    return Answer(status=201, ids={"id": notice.id, "text_hash": english.text_hash})


@dataclass(frozen=True, kw_only=True)
class AddTranslation(DomainCommand):
    """The words of a version in another language."""

    action: ClassVar[str] = "consent:notice:translate"

    code: str
    language: str
    text: str
    easy: str | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """The version."""
        return self.code

    @property
    def aggregates(self) -> frozenset[str]:
        """The notices of its purpose and recipients."""
        return frozenset({f"notice:{self.code.rpartition('.')[0]}"})


def add_translation(command: AddTranslation, work: UnitOfWork, *, demo: bool) -> Answer:
    """Add a translation; outside a demonstration nobody is shown it before it is reviewed.

    Raises:
        DocumentMissingError, UnknownCodeError, AlongsideError: As ``Notice.translated``; nothing changes.
    """
    get("language").require(command.language)
    before = NoticeStore(work).get(command.code)
    after = before.translated(command.language, command.text, command.easy, by=command.actor_id, at=work.now)
    NoticeStore(work).save(after)
    added = after.texts[-1]
    if demo:
        _register(work, after, added, command.actor_id, demo=demo)
    return Answer(status=201, ids={"id": after.id, "text_hash": added.text_hash})


@dataclass(frozen=True, kw_only=True)
class ReviewTranslation(DomainCommand):
    """Somebody who reads the language found that a translation says the same as the English words.

    Attributes:
        text_hash: Of the words that were read.
    """

    action: ClassVar[str] = "consent:notice:review"

    code: str
    language: str
    text_hash: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The version."""
        return self.code

    @property
    def aggregates(self) -> frozenset[str]:
        """The notices of its purpose and recipients."""
        return frozenset({f"notice:{self.code.rpartition('.')[0]}"})


def review_translation(command: ReviewTranslation, work: UnitOfWork, *, demo: bool) -> Answer:
    """Note a review, and register the words: from now on they may be read out.

    Raises:
        DocumentMissingError, AlongsideError: As ``Notice.reviewed``; nothing changes.
    """
    before = NoticeStore(work).get(command.code)
    after = before.reviewed(command.language, command.text_hash, by=command.actor_id, at=work.now)
    NoticeStore(work).save(after)
    read = after.text_in(command.language)
    if read is not None and not demo:  # A demonstration registered them when they were added.
        _register(work, after, read, command.actor_id, demo=demo)
    return Answer(status=200, ids={"id": after.id, "text_hash": command.text_hash})


def _free_number(work: UnitOfWork, command: PublishNotice, last: int) -> int:
    """Give the next number whose name no words bear: what somebody registered by hand never counts as a notice's."""
    number, words = last + 1, WordingStore(work)
    while words.of(notice_id(command.purpose, command.recipient_class, number)):
        number += 1
    return number


def _filled(work: UnitOfWork, purpose: str) -> Mapping[str, str]:
    basis = BasisStore(work).of(purpose)
    if basis is None:
        return {}
    return {"controller": basis.controller, "contact": basis.contact, "keeps_months": str(basis.keeps_months)}


def _register(work: UnitOfWork, notice: Notice, text: Text, actor_id: str, *, demo: bool) -> None:
    words = RegisterWording(
        code=notice.id,
        purpose=notice.purpose,
        recipient_class=notice.recipient_class,
        languages=(text.language,),
        valid_from=work.now,
        valid_to=None,
        text=text.text,
        actor_id=actor_id,
    )
    register_wording(words, work, live=not demo, of_notice=True)
