"""Forms: that a POST was made by a page of ours, for the one who sends it, and carried out once.

A form carries a token bound to the session's own token, or to a nonce cookie where there is no session yet (signed
double submit, OWASP CSRF cheat sheet), and the number of the request, which is its idempotency key. Besides, a
browser's own words about where the form stood must fit (Origin, Sec-Fetch-Site).
"""

import hashlib
import hmac
import re
from urllib.parse import urlsplit

from flask import Request
from werkzeug.datastructures import MultiDict

from shared.kernel.ids import new_id

CHECK, NUMBER = "form_check", "form_number"

_VERSION_DIGITS = 9
_NUMBER = re.compile(r"[0-9a-f-]{36}")


class FormChecks:
    """Makes and checks the tokens of one tenant's forms."""

    def __init__(self, key: bytes) -> None:
        """Take a key that no other purpose has."""
        self._key = key

    def made_for(self, holder: str) -> str:
        """Give the token of a session's or nonce's holder."""
        return hmac.new(self._key, f"form:{holder}".encode(), hashlib.sha256).hexdigest()

    def fits(self, request: Request, holder: str | None) -> bool:
        """Whether a POST came from a form that we gave to this holder; without one it is not even read."""
        if holder is None or not same_site(request):
            return False
        given = request.form.get(CHECK, "")
        return hmac.compare_digest(given.encode(errors="replace"), self.made_for(holder).encode())


def new_number() -> str:
    """Draw a number for one form; sending it twice is one command."""
    return f"{new_id()}"


def number_of(request: Request) -> str | None:
    """Give the number of a form that was sent, or None if it has none of ours."""
    number = request.form.get(NUMBER, "")
    return number if _NUMBER.fullmatch(number) else None


def version_in(form: MultiDict[str, str]) -> int | None:
    """Give the version that a form was shown at; None where it holds none."""
    text = form.get("version", "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= _VERSION_DIGITS else None


def same_site(request: Request) -> bool:
    """Whether nothing that the browser says speaks against a page of ours as the form's place."""
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        return False
    return request.headers.get("Sec-Fetch-Site", "same-origin") in ("same-origin", "none")
