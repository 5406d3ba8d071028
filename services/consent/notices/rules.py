"""A notice: one version of what people are told, the English words first; pure.

Promise: what a person was shown never changes: a version's English words and reviewed translations stay, and other
words are another version. A translation that nobody reviewed is shown to nobody outside a demonstration: they are shown
the English words. Shown by tests/unit/consent/test_notices.py. Source: domain reference 4.2 and 14.8; ADR 0053.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.consent.notices.errors import (
    NotATranslationError,
    NoticeReplacedError,
    OtherWordsReviewedError,
    PlaceholdersDifferError,
    PlaceholderUnknownError,
    TranslationReviewedError,
)

ENGLISH, SIGNED = "en", "bfi"
SOURCE, NONE, REVIEWED = "SOURCE", "NONE", "REVIEWED"
REVIEWS = (SOURCE, NONE, REVIEWED)
"""The English words themselves; a translation that nobody reviewed; one that somebody did."""
PLACEHOLDERS = ("controller", "contact", "keeps_months")
"""What the statement of the purpose's basis fills in."""

_BRACES = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True, kw_only=True)
class Text:
    """The words in one language, and the same in easy words.

    Attributes:
        text_hash: SHA-256 of the words as they are shown.
        easy: A reading aid beside the words, never instead of them; None where there is none.
        review: One of ``REVIEWS``.
    """

    language: str
    text: str
    text_hash: str
    easy: str | None
    review: str
    added_by: str
    added_at: datetime
    reviewed_by: str | None = None
    reviewed_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Notice:
    """One version of what people are told about a purpose, for one class of recipients.

    Attributes:
        id: Purpose, recipients and number; the code of the words that it registers.
        filled: What stood in for each placeholder when it was published; translations are filled with the same.
        holds: The placeholders of the English words.
        replaced_at: When a newer version took its place.
    """

    id: str
    purpose: str
    recipient_class: str
    number: int
    filled: Mapping[str, str]
    holds: tuple[str, ...]
    texts: tuple[Text, ...]
    published_by: str
    published_at: datetime
    replaced_at: datetime | None = None
    version: int = 0

    def text_in(self, language: str) -> Text | None:
        """Give the words in a language, whether or not they were reviewed."""
        return next((one for one in self.texts if one.language == language), None)

    def shown(self, language: str, *, demo: bool) -> Text:
        """Give the words that may be shown to whoever wants them in a language."""
        english = self.texts[0]
        found = self.text_in(language)
        if found is None or (found.review == NONE and not demo):
            return english
        return found

    def translated(self, language: str, template: str, easy: str | None, *, by: str, at: datetime) -> "Notice":
        """Add a translation, or one that takes the place of another that nobody reviewed.

        Raises:
            NoticeReplacedError, NotATranslationError, TranslationReviewedError, PlaceholderUnknownError,
            PlaceholdersDifferError: Nothing changes.
        """
        self._check_in_use()
        if language in (ENGLISH, SIGNED):
            raise NotATranslationError
        known = self.text_in(language)
        if known is not None and known.review == REVIEWED:
            raise TranslationReviewedError
        if placeholders_of(template) != self.holds:
            raise PlaceholdersDifferError(self.holds)
        added = text_of(language, template, easy, self.filled, review=NONE, by=by, at=at)
        return replace(self, texts=(*(one for one in self.texts if one.language != language), added))

    def reviewed(self, language: str, text_hash: str, *, by: str, at: datetime) -> "Notice":
        """Note that somebody who reads the language found that it says the same.

        Raises:
            NoticeReplacedError, TranslationReviewedError: Nothing changes.
            OtherWordsReviewedError: Other words stand there by now, or none.
        """
        self._check_in_use()
        known = self.text_in(language)
        if known is None or known.text_hash != text_hash or known.review == SOURCE:
            raise OtherWordsReviewedError
        if known.review == REVIEWED:
            raise TranslationReviewedError
        done = replace(known, review=REVIEWED, reviewed_by=by, reviewed_at=at)
        return replace(self, texts=tuple(done if one is known else one for one in self.texts))

    def _check_in_use(self) -> None:
        if self.replaced_at is not None:
            raise NoticeReplacedError


def notice_id(purpose: str, recipient_class: str, number: int) -> str:
    """Name a version; also the code of the words that it registers."""
    return f"{purpose}.{recipient_class}.v{number}"


def placeholders_of(template: str) -> tuple[str, ...]:
    """Give the placeholders of a text, each once.

    Raises:
        PlaceholderUnknownError: One is none, or a brace stands alone.
    """
    found = set(_BRACES.findall(template))
    if found - set(PLACEHOLDERS) or "{" in _BRACES.sub("", template) or "}" in _BRACES.sub("", template):
        raise PlaceholderUnknownError(PLACEHOLDERS)
    return tuple(one for one in PLACEHOLDERS if one in found)


def text_of(
    language: str, template: str, easy: str | None, filled: Mapping[str, str], *, review: str, by: str, at: datetime
) -> Text:
    """Fill a template and its easy words in; what is shown is what is hashed.

    Raises:
        PlaceholderUnknownError: One is none, or the notice was published before the basis that fills it was stated.
    """
    text = _fill(template, filled)
    return Text(
        language=language,
        text=text,
        text_hash=hashlib.sha256(text.encode()).hexdigest(),
        easy=_fill(easy, filled) if easy else None,
        review=review,
        added_by=by,
        added_at=at,
    )


def _fill(template: str, filled: Mapping[str, str]) -> str:
    if set(placeholders_of(template)) - set(filled):
        raise PlaceholderUnknownError(tuple(filled))
    return _BRACES.sub(lambda found: filled[found[1]], template)
