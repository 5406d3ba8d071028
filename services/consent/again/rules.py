"""Why a yes does not count, and from when one may ask again; pure.

The limits on asking are the ledger's own (``ledger.asking``), so whoever reads this list is told what a request would
be told. Shown by tests/unit/consent/test_asking_again.py.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from services.consent.ledger.asking import asked_from
from services.consent.ledger.rules import Consent
from services.consent.ledger.standing import EXPIRED, GIVEN, RECONFIRM, REVOKED
from services.consent.ledger.statements import Statement
from services.consent.wordings.rules import Wording, covering

ASKED_AGAIN = (RECONFIRM, EXPIRED, REVOKED)
"""States in which a yes was said that does not count, or counts no more; a no is left in peace."""

NOT_CLEAR, NO_DATE, NO_LANGUAGE, NO_METHOD = "NOT_CLEAR", "NO_DATE", "NO_LANGUAGE", "NO_METHOD"
NOT_PRIVATE, NO_WORDS, WORDS_UNKNOWN, WORDS_DO_NOT_FIT = "NOT_PRIVATE", "NO_WORDS", "WORDS_UNKNOWN", "WORDS_DO_NOT_FIT"
YEAR_PASSED, ENDED_BY_HOST = "YEAR_PASSED", "ENDED_BY_HOST"


@dataclass(frozen=True, kw_only=True)
class AskAgain:
    """One yes that does not count.

    Attributes:
        why: Every reason; the file's own gaps first.
        not_before: The first instant at which one may ask; None for now.
        never: They were asked as often as may be; only they may raise it.
    """

    why: tuple[str, ...]
    not_before: datetime | None = None
    never: bool = False


def judge(consent: Consent, wordings: Iterable[Wording], now: datetime) -> AskAgain | None:
    """Say whether and when somebody is to be asked again; None where no yes is missing."""
    if consent.status not in ASKED_AGAIN or consent.current is None:
        return None
    reasons = _reasons(consent, list(wordings))
    not_before, never = asked_from(consent.entries, now)
    return AskAgain(why=reasons, not_before=not_before, never=never)


def _reasons(consent: Consent, wordings: list[Wording]) -> tuple[str, ...]:
    if consent.status == EXPIRED:
        return (YEAR_PASSED,)
    if consent.status == REVOKED or consent.statement is None:
        return (ENDED_BY_HOST,) if consent.status == REVOKED else (NOT_CLEAR,)
    return tuple(_gaps(consent.statement, consent.purpose, wordings)) or (NOT_CLEAR,)


def _gaps(said: Statement, purpose: str, wordings: list[Wording]) -> Iterable[str]:
    """Give what a file's yes lacks, as ``ledger.statements.weigh`` wants it."""
    if said.stated != GIVEN:
        yield NOT_CLEAR
        return
    gaps = {
        NO_DATE: said.said_at is None,
        NO_LANGUAGE: said.language is None,
        NO_METHOD: said.method is None,
        NOT_PRIVATE: said.setting_private is not True,
        NO_WORDS: said.wording_code is None,
    }
    yield from (gap for gap, is_open in gaps.items() if is_open)
    if said.wording_code is None:
        return
    own = [words for words in wordings if words.code == said.wording_code]
    if not own:
        yield WORDS_UNKNOWN
    elif (
        said.said_at is not None
        and covering(own, purpose=purpose, language=said.language, said_at=said.said_at) is None
    ):
        yield WORDS_DO_NOT_FIT
