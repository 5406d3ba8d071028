"""Seals a source's credentials under a key of the tenant's that lies outside the database.

Promise: they open for their own source alone, and stand in clear in no database, log, event, message or answer. Shown
by tests/integration/case/test_sources_api.py.
"""

import json
from collections.abc import Mapping

from services.case.sources.rules.faults import SourceFaultError
from shared.kernel.tenancy import TenantId
from shared.keys.fields import CiphertextMovedError, decrypt_field, encrypt_field
from shared.keys.tenant_key import KeyWrapper

_FIELD = "source-credentials"


class SourceSecrets:
    """Seals and opens what belongs to one tenant's sources."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Derive the sealing key."""
        self._key = key.subkey("SOURCES")
        self._tenant = str(tenant)

    def seal(self, source_id: str, secrets: Mapping[str, str]) -> bytes:
        """Close credentials for their source."""
        text = json.dumps(dict(secrets), sort_keys=True)
        return encrypt_field(self._key, text, tenant=self._tenant, survivor_id=source_id, field=_FIELD)

    def open(self, source_id: str, sealed: bytes | None) -> dict[str, str]:
        """Open them.

        Raises:
            SourceFaultError: They do not open here.
        """
        if sealed is None:
            return {}
        try:
            text = decrypt_field(self._key, sealed, tenant=self._tenant, survivor_id=source_id, field=_FIELD)
        except CiphertextMovedError:
            raise SourceFaultError("NOT_OPENED") from None
        opened: dict[str, str] = json.loads(text)
        return opened
