"""Seals an endpoint's address and keys under a key of the tenant's that lies outside the database.

Shown by tests/integration/integrations/test_webhooks.py.
"""

from services.integrations.webhooks.signing import WebhookKey
from shared.kernel.tenancy import TenantId
from shared.keys.fields import decrypt_field, encrypt_field
from shared.keys.tenant_key import KeyWrapper


class EndpointSecrets:
    """Seals and opens what belongs to one tenant's endpoints."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Derive the sealing key."""
        self._key = key.subkey("webhooks")
        self._tenant = str(tenant)

    def seal_key(self, endpoint_id: str, key: WebhookKey) -> bytes:
        """Close a signing key for its endpoint."""
        return self._seal(endpoint_id, "key", f"{key.kind} {key.secret}")

    def open_key(self, endpoint_id: str, sealed: bytes) -> WebhookKey:
        """Open a signing key; ``CiphertextMovedError`` where it was another endpoint's."""
        kind, _, secret = self._open(endpoint_id, "key", sealed).partition(" ")
        return WebhookKey(kind=kind, secret=secret)

    def seal_url(self, endpoint_id: str, url: str) -> bytes:
        """Close an address, which may hold a token."""
        return self._seal(endpoint_id, "url", url)

    def open_url(self, endpoint_id: str, sealed: bytes) -> str:
        """Open an address."""
        return self._open(endpoint_id, "url", sealed)

    def _seal(self, endpoint_id: str, field: str, text: str) -> bytes:
        return encrypt_field(self._key, text, tenant=self._tenant, survivor_id=endpoint_id, field=f"webhook-{field}")

    def _open(self, endpoint_id: str, field: str, sealed: bytes) -> str:
        opened = decrypt_field(
            self._key, sealed, tenant=self._tenant, survivor_id=endpoint_id, field=f"webhook-{field}"
        )
        return opened.decode()
