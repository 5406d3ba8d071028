"""Registered words: for which purpose, recipients, languages and days a text may be read out; pure.

Days are London days and both ends belong to them: words valid from a summer's day cover the whole of it.
Source: decisions 4 (a wording covers this purpose, recipient class and period).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from services.consent.purposes.register import PURPOSES
from shared.codelists.periods import LONDON


@dataclass(frozen=True, kw_only=True)
class Wording:
    """Words that the host's data protection officer registered for a purpose, recipients and days.

    Attributes:
        valid_from: Its London day is the first on which they may have been read out.
        valid_to: Its London day is the last; None for no end.
        text_hash: SHA-256 of the text; None in registrations older than this field.
        registered_at: When they were registered; None likewise.
    """

    code: str
    purpose: str
    recipient_class: str
    languages: tuple[str, ...]
    valid_from: datetime
    valid_to: datetime | None
    text_hash: str | None = None
    registered_at: datetime | None = None

    def covers(
        self, *, purpose: str, language: str | None, said_at: datetime, recipient_class: str | None = None
    ) -> bool:
        """Whether it is the words for this purpose and these recipients, in this language, on that day.

        Args:
            recipient_class: None for the purpose's own recipients; no words cover one whom the purpose does not have.
        """
        if self.purpose != purpose:
            return False
        taken = PURPOSES[purpose].recipients
        wanted = recipient_class or taken[0]
        return (
            wanted in taken
            and self.recipient_class == wanted
            and (not self.languages or language in self.languages)
            and london_day(self.valid_from) <= london_day(said_at)
            and (self.valid_to is None or london_day(said_at) <= london_day(self.valid_to))
        )


def covering(
    wordings: Iterable[Wording],
    *,
    purpose: str,
    language: str | None,
    said_at: datetime,
    recipient_class: str | None = None,
) -> Wording | None:
    """Give the words that were read out, or None.

    Of several texts of one code it is the one registered last by then; of words registered only afterwards, the
    first.
    """
    found = [
        w
        for w in wordings
        if w.covers(purpose=purpose, language=language, said_at=said_at, recipient_class=recipient_class)
    ]
    before = [w for w in found if w.registered_at is None or w.registered_at <= said_at]
    return before[-1] if before else found[0] if found else None


def london_day(moment: datetime) -> date:
    """Give a moment's day in London."""
    return moment.astimezone(LONDON).date()
