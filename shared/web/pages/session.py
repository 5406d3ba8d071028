"""The session cookie: the API's own short-lived signed token, kept where no script can read it.

Promise: HttpOnly, SameSite=Strict, Path=/, and over anything but a loopback address Secure under a ``__Host-`` name.
The token is verified at each request by the API's own verifier and ends by itself; while the session is used it is
renewed, for a working day at most; nothing is kept on the server. Shown by tests/unit/shared/web/test_pages_site.py.
Limit: a gate in front must pass the Host header on, or forms are refused, since Origin then differs. Cookies know no
port, so tenants that share one loopback address in a demo are sent each other's, under other names; a verifier
refuses another tenant's token.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from flask import Request
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response

from shared.kernel.tenancy import Principal, TenantId
from shared.web.tokens import LIFETIME_S, TokenRefusedError, TokenVerifier, session_of

RENEW_AFTER_S = LIFETIME_S / 3
"""Age of a token at which a page asks for the next one: five minutes."""
_KEPT_S = 24 * 3600  # Longer than any session: an ended one still says whose form was being filled in.
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


class Sessions:
    """Reads and writes the two cookies of one tenant: the session, and the nonce of a form without session."""

    def __init__(self, tenant: TenantId, verifier: TokenVerifier) -> None:
        """Take what verifies."""
        self._tenant = tenant
        self._verifier = verifier

    def principal(self, request: Request) -> Principal | None:
        """Give who is signed in, or None for no, an expired or a foreign session."""
        token = self.token(request)
        if token is None:
            return None
        try:
            return self.verified(token)
        except TokenRefusedError:
            return None

    def verified(self, token: str) -> Principal:
        """Verify a token as the API does.

        Raises:
            TokenRefusedError: Whatever is wrong with it.
        """
        return self._verifier.verify(f"Bearer {token}")

    def token(self, request: Request) -> str | None:
        """Give the session's token as it came, not yet verified."""
        return request.cookies.get(self._name(request, "session"))

    def token_in(self, headers: Mapping[str, str]) -> str | None:
        """Give the session's token from headers as our server has them, before there is a request."""
        return parse_cookie(headers.get("COOKIE", "")).get(self._named(headers.get("HOST", ""), "session"))

    def holder(self, request: Request) -> str | None:
        """Give what a session's forms are bound to: the session, which outlives each of its tokens."""
        token = self.token(request)
        return holder_of(token) if token is not None else None

    def is_due(self, request: Request) -> bool:
        """Whether a session is in use and its token no longer new, so that the next one should be asked for."""
        session = session_of(self.token(request) or "")
        return session is not None and time.time() - session.issued > RENEW_AFTER_S

    def keep(self, request: Request, response: Response, token: str) -> None:
        """Put a session's next token into an answer."""
        self._set(request, response, "session", token, max_age=_KEPT_S)

    def begin(self, request: Request, response: Response, token: str) -> None:
        """Put a session into an answer, in place of any other."""
        self._set(request, response, "session", token, max_age=_KEPT_S)
        self._forget(request, response, "form")

    def end(self, request: Request, response: Response) -> None:
        """Take the session out of the browser."""
        self._forget(request, response, "session")
        self._forget(request, response, "form")

    def nonce(self, request: Request) -> str | None:
        """Give the nonce that a form without session is bound to."""
        return request.cookies.get(self._name(request, "form"))

    def new_nonce(self, request: Request) -> tuple[str, Callable[[Response], None]]:
        """Draw a nonce; the second value puts it into the answer."""
        nonce = secrets.token_urlsafe(24)
        return nonce, lambda response: self._set(request, response, "form", nonce, max_age=None)

    def _set(self, request: Request, response: Response, kind: str, value: str, *, max_age: int | None) -> None:
        response.set_cookie(
            self._name(request, kind),
            value,
            max_age=max_age,
            path="/",
            secure=not is_loopback(request),
            httponly=True,
            samesite="Strict",
        )

    def _forget(self, request: Request, response: Response, kind: str) -> None:
        response.delete_cookie(
            self._name(request, kind), path="/", secure=not is_loopback(request), httponly=True, samesite="Strict"
        )

    def _name(self, request: Request, kind: str) -> str:
        return self._named(request.host, kind)

    def _named(self, host: str, kind: str) -> str:
        return f"{'' if _is_loopback(host) else '__Host-'}alongside-{self._tenant}-{kind}"


def holder_of(token: str) -> str:
    """Give what the forms of a token's session are bound to."""
    session = session_of(token)
    return f"session:{session.id}" if session is not None else token


def is_loopback(request: Request) -> bool:
    """Whether the browser speaks to this machine itself, where there is no TLS to ask for."""
    return _is_loopback(request.host)


def _is_loopback(host: str) -> bool:
    try:
        return (urlsplit(f"//{host}").hostname or "") in _LOOPBACK
    except ValueError:
        # Such as half a bracket: no browser sends it.
        return False
