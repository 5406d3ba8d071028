"""Logins and names of staff: found by HMAC, kept sealed, opened only to be shown.

Limit: whoever holds the tenant key file and the database reads them. They do not fall under a survivor's
erasure; a member of staff who leaves is suspended, and an own erasure of staff is not built yet.
"""

import hmac
import re
import unicodedata

from services.identity.people.errors import InvalidLoginError
from shared.kernel.tenancy import TenantId
from shared.keys.fields import decrypt_field, encrypt_field
from shared.keys.tenant_key import KeyWrapper

LONGEST_LOGIN = 254

_LOGIN = re.compile(r"[^@\s]+@[^@\s]+")


class StaffNames:
    """Seals and finds the staff of one tenant."""

    def __init__(self, key: KeyWrapper, tenant: TenantId) -> None:
        """Derive one key for each purpose from the tenant's key."""
        self._tenant = str(tenant)
        self._index_key = key.subkey("staff-login-index")
        self._sealing_key = key.subkey("staff-names")
        self._secret_key = key.subkey("machine-secret")
        self._link_key = key.subkey("enrolment-link")

    def login_index(self, login: str) -> str:
        """Give the HMAC by which a login is found, however it is capitalised; takes any text."""
        return hmac.digest(self._index_key, _normal(login).encode(errors="replace"), "sha256").hex()

    def secret_index(self, secret: str) -> str:
        """Give the HMAC of a machine's secret, which is random, so that no slow hash is needed."""
        return hmac.digest(self._secret_key, secret.encode(errors="replace"), "sha256").hex()

    def link_index(self, secret: str) -> str:
        """Give the HMAC of an enrolment link's secret or of its code; both are random."""
        return hmac.digest(self._link_key, secret.encode(errors="replace"), "sha256").hex()

    def seal(self, text: str, *, user_id: str, field: str) -> bytes:
        """Seal a login or a name for its place."""
        return encrypt_field(self._sealing_key, text, tenant=self._tenant, survivor_id=user_id, field=field)

    def open_sealed(self, sealed: bytes, *, user_id: str, field: str) -> str:
        """Open what ``seal`` closed; ``CiphertextMovedError`` if it was moved."""
        opened = decrypt_field(self._sealing_key, sealed, tenant=self._tenant, survivor_id=user_id, field=field)
        return opened.decode()


def check_login(login: str) -> str:
    """Give a login as it is kept.

    Raises:
        InvalidLoginError: It does not look like an e-mail address.
    """
    normal = _normal(login)
    if len(normal) > LONGEST_LOGIN or not _LOGIN.fullmatch(normal):
        raise InvalidLoginError
    return normal


def _normal(login: str) -> str:
    return unicodedata.normalize("NFKC", login.strip()).casefold()
