"""The credentials file of each service of each tenant: what ``shared.runtime.context`` reads, mode 0600.

Passwords and keys are drawn once and kept; provisioning again changes nothing.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from deploy.engines.secret_files import read_or_make_password, write_private
from shared.kernel.tenancy import TenantId
from shared.keys.signing import SigningKey
from shared.transparency.log_key import LogKey


@dataclass(frozen=True, kw_only=True)
class Vault:
    """The folder of one tenant's secrets.

    Attributes:
        folder: ``<secrets>/credentials/<tenant>``.
    """

    folder: Path

    @classmethod
    def of(cls, secrets_dir: Path, tenant: TenantId) -> "Vault":
        """Open a tenant's folder, made if missing."""
        folder = cls.folder_of(secrets_dir, tenant)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return cls(folder=folder)

    @staticmethod
    def folder_of(secrets_dir: Path, tenant: str) -> Path:
        """Say where a tenant's folder is; makes nothing."""
        return secrets_dir / "credentials" / tenant

    def password(self, name: str) -> str:
        """Give a password; drawn at the first time."""
        return read_or_make_password(self.folder / f"{name}.password")

    def token_key(self) -> tuple[Path, str]:
        """Give the file of the tenant's token signing key, and its public half as hexadecimal."""
        file = self.folder / "token.key"
        if not file.exists():
            write_private(file, Ed25519PrivateKey.generate().private_bytes_raw().hex())
        private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text(encoding="utf-8")))
        return file, private.public_key().public_bytes_raw().hex()

    def signing_key(self) -> tuple[Path, str]:
        """Give the file of the tenant's signing key for tasks and reports, and its public half as hexadecimal."""
        file = self.folder / "signing.key"
        if not file.exists():
            write_private(file, Ed25519PrivateKey.generate().private_bytes_raw().hex())
        return file, SigningKey.load(file).public

    def log_key(self) -> Path:
        """Give the file of the key that signs the tenant's audit log."""
        file = self.folder / "log.key"
        if not file.exists():
            write_private(file, LogKey.draw().text)
        return file

    def write(self, service: str, settings: dict[str, Any]) -> None:
        """Write one service's credentials file, unless it says so already."""
        file = self.folder / f"{service}.json"
        text = json.dumps(settings, indent=1, sort_keys=True)
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            write_private(file, text)
