"""Seals what somebody writes when they close a finding, under a key of the tenant's that lies outside the database."""

from shared.kernel.tenancy import TenantId
from shared.keys.fields import decrypt_field, encrypt_field
from shared.keys.tenant_key import KeyWrapper

LONGEST = 2_000
_FIELD = "closing"


class ClosingWords:
    """Seals and opens one tenant's words; each opens for its own finding alone."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Derive the sealing key."""
        self._key = key.subkey("UNUSUAL-ACCESS")
        self._tenant = str(tenant)

    def seal(self, finding_id: str, words: str) -> bytes:
        """Close them."""
        return encrypt_field(self._key, words, tenant=self._tenant, survivor_id=finding_id, field=_FIELD)

    def open(self, finding_id: str, sealed: bytes) -> str:
        """Open them; ``CiphertextMovedError`` if they were moved."""
        return decrypt_field(self._key, sealed, tenant=self._tenant, survivor_id=finding_id, field=_FIELD).decode()
