"""What an imported row says of a consent, and what it is worth; pure."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.consent.ledger.standing import GIVEN, RECONFIRM, REFUSED, UNKNOWN, WITHDRAWN
from services.consent.wordings.rules import Wording, covering


@dataclass(frozen=True, kw_only=True)
class Statement:
    """What an imported row says; it is weighed again when a wording is registered."""

    stated: str
    said_at: datetime | None
    wording_code: str | None
    language: str | None
    method: str | None
    setting_private: bool | None


def weigh(statement: Statement, purpose: str, wordings: Iterable[Wording]) -> str:
    """Say what an imported statement is worth.

    Given is effective only with date, registered wording, language, method and a private setting; any
    other yes must be asked again; a blank is nothing said. Source: decisions 4, domain reference 6.2.
    """
    if statement.stated in (REFUSED, WITHDRAWN):
        return statement.stated
    if statement.stated == "NOT_STATED":
        return UNKNOWN
    if (
        statement.stated == GIVEN
        and statement.said_at is not None
        and statement.language is not None
        and statement.method is not None
        and statement.setting_private is True
        and covering(
            (w for w in wordings if w.code == statement.wording_code),
            purpose=purpose,
            language=statement.language,
            said_at=statement.said_at,
        )
        is not None
    ):
        return GIVEN
    return RECONFIRM


def completed(statement: Statement, known: Statement | None) -> Statement:
    """Fill what a later file leaves blank from what an earlier one said of the same yes: blank overrides nothing."""
    if known is None or statement.stated != GIVEN or known.stated != GIVEN:
        return statement
    names = ("said_at", "wording_code", "language", "method", "setting_private")
    return replace(statement, **{n: getattr(known, n) for n in names if getattr(statement, n) is None})
