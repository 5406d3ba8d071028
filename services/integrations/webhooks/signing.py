"""Signs what goes out by the Standard Webhooks specification 1.0.0: HMAC (``v1``) or Ed25519 (``v1a``).

While a key is being rotated each key signs, so that a receiver may hold either. Shown by
tests/unit/integrations/test_webhook_signing.py, where the specification's own library verifies.
"""

import base64
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from standardwebhooks.webhooks import Webhook

HMAC, ED25519 = "HMAC", "ED25519"
KINDS = (HMAC, ED25519)
_PREFIX = {HMAC: "whsec_", ED25519: "whsk_"}
_PUBLIC_PREFIX = "whpk_"
_KEY_BYTES = 32


@dataclass(frozen=True, kw_only=True)
class WebhookKey:
    """One key of one endpoint.

    Attributes:
        secret: As text with its prefix; of an Ed25519 key its private half, which nobody is ever shown.
    """

    kind: str
    secret: str = field(repr=False)

    @property
    def shown(self) -> str:
        """What the receiver needs: the shared secret, or of an Ed25519 key the public half."""
        if self.kind == HMAC:
            return self.secret
        return _PUBLIC_PREFIX + base64.b64encode(self._private().public_key().public_bytes_raw()).decode()

    def sign(self, webhook_id: str, at: datetime, body: str) -> str:
        """Give one signature."""
        if self.kind == HMAC:
            return Webhook(self.secret).sign(webhook_id, at, body)
        signed = self._private().sign(f"{webhook_id}.{int(at.timestamp())}.{body}".encode())
        return f"v1a,{base64.b64encode(signed).decode()}"

    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(base64.b64decode(self.secret.removeprefix(_PREFIX[ED25519])))


def draw_key(kind: str) -> WebhookKey:
    """Draw a new key."""
    return WebhookKey(kind=kind, secret=_PREFIX[kind] + base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode())


def signed_headers(keys: Sequence[WebhookKey], webhook_id: str, at: datetime, body: str) -> dict[str, str]:
    """Give the three headers of a delivery, with a signature of each key, the newest first."""
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": " ".join(key.sign(webhook_id, at, body) for key in keys),
    }
