"""Tokens: who is asking, verified with the tenant's own public keys and nothing else.

Promise: a token of another tenant, an expired one and garbage are the same to the caller. A signature is
checked once for each request, whatever was sent, so the time tells nothing either.
"""

import time
from collections.abc import Sequence
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from shared.kernel.errors import AlongsideError
from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal, TenantId

LIFETIME_S = 900
_ALGORITHMS = ["Ed25519"]


class TokenRefusedError(AlongsideError):
    """The token is missing, broken, expired or not of this tenant; HTTP 401, always the same."""

    code = "token-refused"


def audience(tenant: TenantId) -> str:
    """Name the audience of a tenant's tokens."""
    return f"alongside:{tenant}"


class TokenIssuer:
    """Signs tokens with the tenant's private key (Ed25519); identity alone holds it."""

    def __init__(self, private_key_hex: str, *, issuer: str) -> None:
        """Take the 32-byte key as hexadecimal."""
        self._key = _key(bytes.fromhex(private_key_hex), private=True)
        self._issuer = issuer

    def issue(self, principal: Principal, *, audience_tenant: TenantId | None = None) -> str:
        """Give a token for one session: one organisation and one role."""
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
        return jwt.encode({"alg": "Ed25519"}, claims, self._key, algorithms=_ALGORITHMS)


class TokenVerifier:
    """Checks tokens for one tenant."""

    def __init__(self, public_keys_hex: Sequence[str], *, tenant_id: TenantId, issuer: str) -> None:
        """Take the tenant's public keys, newest first."""
        self._keys = [_key(bytes.fromhex(key), private=False) for key in public_keys_hex]
        self._tenant_id = tenant_id
        self._issuer = issuer
        # A stand-in, so that a request without a readable token costs a verification too.
        self._stand_in = jwt.encode(
            {"alg": "Ed25519"}, {"sub": "nobody"}, OKPKey.generate_key("Ed25519"), algorithms=_ALGORITHMS
        )

    def verify(self, authorization: str | None) -> Principal:
        """Give the principal of an Authorization header.

        Raises:
            TokenRefusedError: Whatever is wrong with it.
        """
        scheme, _, token = (authorization or "").partition(" ")
        readable = scheme.lower() == "bearer" and token.count(".") == 2  # noqa: PLR2004  Three parts.
        claims = self._claims(token if readable else self._stand_in)
        if (
            claims is None
            or claims.get("iss") != self._issuer
            or claims.get("aud") != audience(self._tenant_id)
            or not isinstance(claims.get("exp"), int)
            or claims["exp"] <= time.time()
        ):
            raise TokenRefusedError
        return Principal(
            actor_id=claims["sub"],
            tenant_id=self._tenant_id,
            organisation_id=claims["org"],
            role=claims["role"],
            scopes=frozenset(claims["scopes"]),
        )

    def _claims(self, token: str) -> dict[str, Any] | None:
        for key in self._keys:
            try:
                claims: dict[str, Any] = jwt.decode(token, key, algorithms=_ALGORITHMS).claims
            except (JoseError, ValueError):
                continue
            return claims
        return None


def _key(raw: bytes, *, private: bool) -> Any:
    import base64  # noqa: PLC0415

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415

    def text(part: bytes) -> str:
        return base64.urlsafe_b64encode(part).rstrip(b"=").decode()

    if not private:
        return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": text(raw)})
    public = Ed25519PrivateKey.from_private_bytes(raw).public_key().public_bytes_raw()
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": text(public), "d": text(raw)})
