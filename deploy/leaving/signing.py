"""The signature over a package's manifest, by the key of the host's audit log, under a name of its own.

Promise: whoever holds the two lines of ``alongside audit keys`` can tell that this manifest is that host's, and no
checkpoint of its log can be taken for one, nor the other way round: the name that is signed differs. Shown by
tests/unit/deploy/test_leaving_signing.py.
"""

import hashlib
from dataclasses import replace
from datetime import datetime

from deploy.leaving.errors import PackageUnreadableError
from shared.kernel.tenancy import TenantId
from shared.transparency.log_key import LogKey
from shared.transparency.notes import Checkpoint, NoteRefusedError, VerifierKey, VerifierKeyError, read_checkpoint

_OTHER_KEYS = "These are not the two lines of keys of one host's audit log, as `alongside audit keys` prints them."
_UNSIGNED = "It is not signed with these keys: it was changed, or it is another host's."
_BOTH = 2
PACKAGE = "leaving"


def name_of(tenant: str, what: str = PACKAGE) -> str:
    """Give the name under which a host signs packages, or the certificate of its end."""
    return f"alongside/{tenant}/{what}"


def sign_manifest(
    key: LogKey, tenant: TenantId, manifest: bytes, files: int, at: datetime, *, what: str = PACKAGE
) -> str:
    """Give the signed note over a manifest and the number of its files, or over a certificate and its steps."""
    root = hashlib.sha256(manifest).digest()
    return key.sign(Checkpoint(origin=name_of(tenant, what), size=files, root=root, at=at))


def read_keys(text: str) -> tuple[VerifierKey, ...]:
    """Read the two lines of keys of an audit log.

    Raises:
        PackageUnreadableError: They are none.
    """
    try:
        keys = tuple(VerifierKey.parse(line) for line in text.splitlines() if line.strip())
    except VerifierKeyError as error:
        raise PackageUnreadableError(_OTHER_KEYS) from error
    if len(keys) != _BOTH or len({key.kind for key in keys}) != _BOTH or len({key.name for key in keys}) != 1:
        raise PackageUnreadableError(_OTHER_KEYS)
    return keys


def check_signed(
    note: str, manifest: bytes, files: int, keys: tuple[VerifierKey, ...], tenant: str, *, what: str = PACKAGE
) -> datetime:
    """Check that the owner of these keys signed this manifest; say when.

    Raises:
        PackageUnreadableError: It is not so.
    """
    try:
        said = read_checkpoint(note, tuple(replace(key, name=name_of(tenant, what)) for key in keys))
    except NoteRefusedError as error:
        raise PackageUnreadableError(_UNSIGNED) from error
    signed = (said.origin, said.size, said.root)
    if signed != (name_of(tenant, what), files, hashlib.sha256(manifest).digest()):
        raise PackageUnreadableError(_UNSIGNED)
    return said.at
