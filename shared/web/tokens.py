"""Tokens: who is asking, verified with the tenant's own public keys and nothing else.

Promise: a token of another tenant, an expired one and garbage are the same to the caller. Each public
key checks exactly one signature a request, whatever was sent, so the time tells nothing either.
Shown by tests/integration/shared/test_web.py and tests/unit/shared/web/test_web_tokens.py.
Limit: a token that is out cannot be called back; it ends within 15 minutes of real time.
"""

import base64
import ipaddress
import json
import re
import time
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jwt
from joserfc.errors import BadSignatureError, JoseError
from joserfc.jwk import OKPKey

from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId

LIFETIME_S = 900

_ALGORITHMS = ["Ed25519"]
# Two machines' clocks may differ a little; only a token that ends later than any we give is refused for it.
_CLOCKS_DIFFER_S = 60
_SIGNATURE = re.compile(r"[A-Za-z0-9_-]{86}")
_LONGEST = 4096
# The order of the group: a greater S is refused before any work is done (RFC 8032, 5.1.7).
_ORDER = 2**252 + 27742317777372353535851937790883648493


class TokenRefusedError(AlongsideError):
    """The token is missing, broken, expired or not of this tenant; HTTP 401, always the same."""

    code = "token-refused"


def audience(tenant: TenantId) -> str:
    """Name the audience of a tenant's tokens."""
    return f"alongside:{tenant}"


@dataclass(frozen=True, kw_only=True)
class Session:
    """A browser's session, which several tokens carry one after the other.

    Attributes:
        began: Real time of the sign-in, in seconds.
        issued: Real time at which the token that was read was issued, in seconds.
    """

    id: str
    began: int
    issued: int = 0


def new_session() -> Session:
    """Begin one now."""
    return Session(id=new_id(), began=int(time.time()))


def session_of(token: str) -> Session | None:
    """Read the session that a token names, without verifying anything; None for a token that is no browser's."""
    try:
        part = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
        session = Session(id=claims["sid"], began=claims["auth_time"], issued=claims["iat"])
    except (IndexError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return session if isinstance(session.id, str) and type(session.began) is type(session.issued) is int else None


class TokenIssuer:
    """Signs tokens with the tenant's private key (Ed25519); identity alone holds it."""

    def __init__(self, private_key_hex: str, *, issuer: str) -> None:
        """Take the 32-byte key as hexadecimal."""
        self._key = _private_key(bytes.fromhex(private_key_hex))
        self._issuer = issuer

    def issue(
        self, principal: Principal, *, audience_tenant: TenantId | None = None, session: "Session | None" = None
    ) -> str:
        """Give a token for one session: one organisation and one role, for ``LIFETIME_S`` seconds.

        Args:
            principal: Who signed in.
            audience_tenant: Whose API will take it; the principal's own unless the central register says else.
            session: A browser's, which may be renewed while it is used; None for a token that just ends.
        """
        now = int(time.time())
        claims = {
            "iss": self._issuer,
            "aud": audience(audience_tenant or principal.tenant_id),
            "sub": principal.actor_id,
            "org": principal.organisation_id,
            "role": principal.role,
            "scopes": sorted(principal.scopes),
            "iat": now,
            "exp": now + LIFETIME_S,
            "jti": new_id(),
        }
        if principal.networks:
            claims["net"] = sorted(principal.networks)
        if session is not None:
            claims |= {"sid": session.id, "auth_time": session.began}
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=_ALGORITHMS)


class TokenVerifier:
    """Checks tokens for one tenant."""

    def __init__(self, public_keys_hex: Sequence[str], *, tenant_id: TenantId, issuer: str) -> None:
        """Take the tenant's public keys, newest first."""
        self._keys = [_public_key(bytes.fromhex(key)) for key in public_keys_hex]
        self._tenant_id = tenant_id
        self._issuer = issuer
        # A stand-in, so that a request without a readable token costs a verification too.
        self._stand_in = jwt.encode(
            {"alg": "Ed25519"},
            {"iss": issuer, "aud": audience(tenant_id), "sub": new_id(), "exp": 0},
            OKPKey.generate_key("Ed25519"),
            algorithms=_ALGORITHMS,
        )

    def verify(self, authorization: str | None) -> Principal:
        """Give the principal of an Authorization header.

        Raises:
            TokenRefusedError: Whatever is wrong with it.
        """
        scheme, _, token = (authorization or "").partition(" ")
        readable = scheme.lower() == "bearer" and _may_be_token(token)
        claims = self._claims(token if readable else self._stand_in)
        if claims is None or not self._in_force(claims):
            raise TokenRefusedError
        try:
            return Principal(
                actor_id=claims["sub"],
                tenant_id=self._tenant_id,
                organisation_id=claims["org"],
                role=claims["role"],
                scopes=frozenset(claims["scopes"]),
                networks=frozenset(claims.get("net", ())),
            )
        except (KeyError, TypeError) as error:
            raise TokenRefusedError from error

    def _in_force(self, claims: dict[str, Any]) -> bool:
        now = time.time()
        ends = claims.get("exp")
        # A token may say from when on it holds (RFC 7519, 4.1.5); one that says it in another form holds never.
        begins = claims.get("nbf", 0)
        return (
            claims.get("iss") == self._issuer
            and claims.get("aud") == audience(self._tenant_id)
            and isinstance(ends, int)
            and isinstance(begins, int)
            and not isinstance(begins, bool)
            and begins <= now + _CLOCKS_DIFFER_S
            and now < ends <= now + LIFETIME_S + _CLOCKS_DIFFER_S
        )

    def _claims(self, token: str) -> dict[str, Any] | None:
        found = None
        for key in self._keys:
            # Every key has its turn, also after one fitted, so that the work is always the same.
            found = self._opened(token, key) or found
        return found

    def _opened(self, token: str, key: OKPKey) -> dict[str, Any] | None:
        try:
            claims: dict[str, Any] = jwt.decode(token, key, algorithms=_ALGORITHMS).claims
        except BadSignatureError:
            return None
        except (JoseError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            # The header was refused before any signature was checked; check the stand-in's instead.
            if token != self._stand_in:
                self._opened(self._stand_in, key)
            return None
        return claims


def may_come_from(networks: Collection[str], address: str | None) -> bool:
    """Whether a caller's address lies in one of a key's networks; none named means any.

    An address that cannot be read lies in none. One of IPv4 that came over IPv6 counts as that of IPv4.
    """
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return any((mapped or found) in ipaddress.ip_network(network) for network in networks)


def _may_be_token(token: str) -> bool:
    """Whether the text has three parts and a signature that a verifier would not refuse unread."""
    if len(token) > _LONGEST or not token.isascii() or token.count(".") != 2:  # noqa: PLR2004  Three parts.
        return False
    signature = token.rpartition(".")[2]
    if not _SIGNATURE.fullmatch(signature):
        return False
    raw = base64.urlsafe_b64decode(signature + "==")
    return int.from_bytes(raw[32:], "little") < _ORDER


def _public_key(raw: bytes) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _text(raw)})


def _private_key(raw: bytes) -> OKPKey:
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": _text(public), "d": _text(raw)})


def _text(part: bytes) -> str:
    return base64.urlsafe_b64encode(part).rstrip(b"=").decode()
