"""What the API answers: objects with their version, changes, tokens and problems."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any

from .errors import UnusableAnswerError
from .grants import Token
from .sending import Reply

_LONGEST_LIFE_S = 86_400


class Answer(dict[str, Any]):
    """A JSON object of the API.

    Attributes:
        status: HTTP status.
        etag: The version's tag, to give as ``version``; None where there is none.
        sent_at: When it left, by the API's own clock; None if it does not say.
        retry_after_s: Seconds to wait where it says that there is more to come; None if it does not say.
    """

    def __init__(
        self,
        content: Mapping[str, Any],
        *,
        status: int,
        etag: str | None,
        sent_at: datetime | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        """Keep the content."""
        super().__init__(content)
        self.status = status
        self.etag = etag
        self.sent_at = sent_at
        self.retry_after_s = retry_after_s


@dataclass(frozen=True, kw_only=True)
class Changes:
    """What changed in a list.

    Attributes:
        again_from: What to give as ``since`` the next time; keep it with what you made of the items.
    """

    items: list[dict[str, Any]]
    again_from: str


def answer_of(reply: Reply) -> Answer:
    """Read an answer of the API."""
    try:
        sent_at = parsedate_to_datetime(reply.headers.get("date", ""))
    except ValueError:
        sent_at = None
    return Answer(
        reply.document(),
        status=reply.status,
        etag=reply.headers.get("etag"),
        sent_at=sent_at,
        retry_after_s=reply.retry_after_s,
    )


def problem_in(reply: Reply) -> dict[str, Any]:
    """Give a problem document; a gate in between may answer with anything."""
    try:
        return reply.document()
    except UnusableAnswerError:
        return {}


def token_in(document: Mapping[str, Any]) -> Token:
    """Read a token.

    Raises:
        UnusableAnswerError: It is none.
    """
    token, life = document.get("access_token"), document.get("expires_in")
    if not isinstance(token, str) or not token or not isinstance(life, int) or not 0 < life <= _LONGEST_LIFE_S:
        raise UnusableAnswerError("What answered gives no token as this API does.")
    role, organisation_id = document.get("role"), document.get("organisation_id")
    return Token(
        access_token=token,
        ends_at=time.time() + life,
        lifetime_s=float(life),
        role=role if isinstance(role, str) else None,
        organisation_id=organisation_id if isinstance(organisation_id, str) else None,
        scopes=tuple(str(document.get("scope") or "").split()),
    )
