"""The token endpoint's form and answers, as OAuth 2.0 has them (RFC 6749, 4.3, 4.4, 5.1, 5.2; RFC 8707)."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_plus

from flask import Request, Response, jsonify

from services.identity.sessions.errors import GrantRefusedError
from services.identity.sessions.sign_in import SignIn
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, Principal, TenantId
from shared.web.tokens import LIFETIME_S, TokenIssuer, TokenRefusedError, TokenVerifier, new_session, session_of

FORM: dict[str, Any] = {
    "required": True,
    "content": {
        "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["grant_type"],
                "properties": {
                    "grant_type": {"type": "string", "enum": ["password", "client_credentials", "refresh_token"]},
                    "username": {"type": "string"},
                    "password": {"type": "string", "format": "password"},
                    "role": {"type": "string", "description": "Which role, where the user has several"},
                    "organisation": {"type": "string", "description": "For which organisation"},
                    "client_id": {"type": "string"},
                    "client_secret": {"type": "string", "format": "password"},
                    "scope": {"type": "string", "description": "Fewer scopes than the machine key has"},
                    "session": {"type": "string", "enum": ["browser"], "description": "A token that may be renewed"},
                    "refresh_token": {
                        "type": "string",
                        "description": "A valid token of a browser's session, to get the next one for it",
                    },
                    "audience": {"type": "string", "description": "At the central register: board or custodian"},
                },
            }
        }
    },
}

LONGEST_SESSION_S = 8 * 3600
"""Seconds after the sign-in for which a browser's session may be renewed: a working day."""

_PARAMETERS = frozenset(FORM["content"]["application/x-www-form-urlencoded"]["schema"]["properties"])
_CENTRE_AUDIENCES = frozenset({CENTRE, BOARD, CUSTODIAN})


@dataclass(frozen=True, kw_only=True)
class TokenRequest:
    """What the form says; an empty parameter counts as left out."""

    grant_type: str
    username: str = ""
    password: str = field(default="", repr=False)
    role: str | None = None
    organisation: str | None = None
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str | None = None
    audience: str | None = None
    session: str | None = None
    refresh_token: str = field(default="", repr=False)
    address: str | None = field(default=None, repr=False)


class TokenEndpoint:
    """Gives tokens of one tenant."""

    def __init__(
        self, sign_in: SignIn, issuer: TokenIssuer, tenant: TenantId, verifier_of: Callable[[TenantId], TokenVerifier]
    ) -> None:
        """Take what checks, what signs, and what verifies the tokens of an audience."""
        self._sign_in = sign_in
        self._verifier_of = verifier_of
        self._issuer = issuer
        self._tenant = tenant

    def answer(self, request: Request) -> Response:
        """Give a token, or the error that RFC 6749 names."""
        try:
            token, principal = self.give(parse(request))
        except GrantRefusedError as error:
            return _refusal(error)
        response = jsonify(
            {
                "access_token": token,
                "token_type": "Bearer",
                "expires_in": LIFETIME_S,
                "role": principal.role,
                "organisation_id": principal.organisation_id,
                "scope": " ".join(sorted(principal.scopes)),
            }
        )
        response.headers["Pragma"] = "no-cache"
        return response

    def give(self, asked: TokenRequest) -> tuple[str, Principal]:
        """Give a token and whom it names; the one way to a token, for machines, API clients and browsers alike.

        Raises:
            GrantRefusedError: No token.
        """
        audience = self._audience(asked)
        if asked.grant_type == "refresh_token":
            return self._renew(asked.refresh_token, audience)
        principal = self._principal(asked)
        session = new_session() if asked.session == "browser" and asked.grant_type == "password" else None
        return self._issuer.issue(principal, audience_tenant=audience, session=session), principal

    def _renew(self, token: str, audience: TenantId) -> tuple[str, Principal]:
        """Give the next token of a session, if the person still is what they signed in as."""
        try:
            named = self._verifier_of(audience).verify(f"Bearer {token}")
        except TokenRefusedError as error:
            raise GrantRefusedError("invalid_grant", "The session has ended. Sign in again.") from error
        session = session_of(token)
        if session is None or time.time() - session.began > LONGEST_SESSION_S:
            raise GrantRefusedError("invalid_grant", "The session has ended. Sign in again.")
        principal = self._sign_in.still(named, began=session.began)
        return self._issuer.issue(principal, audience_tenant=audience, session=session), principal

    def _principal(self, asked: TokenRequest) -> Principal:
        if asked.grant_type == "password":
            return self._sign_in.person(
                asked.username, asked.password, role=asked.role, organisation_id=asked.organisation
            )
        if asked.grant_type == "client_credentials":
            return self._sign_in.machine(asked.client_id, asked.client_secret, scope=asked.scope, address=asked.address)
        if not asked.grant_type:
            raise GrantRefusedError("invalid_request", "grant_type is missing.")
        raise GrantRefusedError(
            "unsupported_grant_type", "grant_type is password, client_credentials or refresh_token."
        )

    def _audience(self, asked: TokenRequest) -> TenantId:
        """Give whose API will take the token: this tenant's own, or the board's and custodian's at the centre."""
        allowed = _CENTRE_AUDIENCES if self._tenant == CENTRE else frozenset({self._tenant})
        audience = TenantId(asked.audience or self._tenant)
        if audience not in allowed:
            raise GrantRefusedError("invalid_target", "No tokens are given here for that audience.")
        return audience


def parse(request: Request) -> TokenRequest:
    """Read the form and, for a machine, HTTP Basic credentials.

    Raises:
        GrantRefusedError: It is no form, or a parameter is unknown or stands twice.
    """
    form = request.form
    if request.mimetype != "application/x-www-form-urlencoded" or request.query_string:
        raise GrantRefusedError("invalid_request", "Send the parameters as a form (x-www-form-urlencoded).")
    if set(form) - _PARAMETERS or any(len(values) > 1 for _, values in form.lists()):
        raise GrantRefusedError("invalid_request", f"Send each parameter once, of: {', '.join(sorted(_PARAMETERS))}.")
    basic = request.authorization
    client_id, secret = form.get("client_id", ""), form.get("client_secret", "")
    if basic is not None and basic.type == "basic":
        client_id, secret = unquote_plus(basic.username or ""), unquote_plus(basic.password or "")
    return TokenRequest(
        grant_type=form.get("grant_type", ""),
        username=form.get("username", ""),
        password=form.get("password", ""),
        role=form.get("role") or None,
        organisation=form.get("organisation") or None,
        client_id=client_id,
        client_secret=secret,
        scope=form.get("scope") or None,
        audience=form.get("audience") or None,
        session=form.get("session") or None,
        refresh_token=form.get("refresh_token", ""),
        address=request.remote_addr,
    )


def _refusal(error: GrantRefusedError) -> Response:
    response = jsonify({"error": error.oauth_error, "error_description": str(error)})
    response.status_code = error.status
    response.headers["Pragma"] = "no-cache"
    if error.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Basic realm="alongside"'
    if error.retry_after_s is not None:
        response.headers["Retry-After"] = str(error.retry_after_s)
    return response
