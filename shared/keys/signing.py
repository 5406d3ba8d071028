"""Ed25519 signatures of board, custodian and data leads, and the register of whose signature is whose.

A register is a file that its owner fills by hand at onboarding (the operator's command does it in an embedded
stack), so that neither server can put another key in a host's place for the other. Limit: whoever reads a
signing key can sign; a host that changes its key contributes again from the next task only.
"""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from shared.contracts.task import RosterHost
from shared.kernel.errors import PoisonMessageError, RuleViolationError
from shared.kernel.tenancy import is_sandbox


class SignatureRefusedError(PoisonMessageError):
    """A signature is not of this key over this content."""

    code = "signature-refused"

    def __init__(self) -> None:
        """Say what may be wrong; no cipher tells which."""
        super().__init__(
            "The signature does not fit: it was made with another key or over other content, or one of them was "
            "altered. Compare the "
            "public keys that both sides registered, then send it again."
        )


class SigningKeyFileError(RuleViolationError):
    """A signing key or register file cannot be used as it stands."""

    code = "signing-key-file"

    def __init__(self, path: Path, problem: str, remedy: str) -> None:
        """Say which file, what is wrong and how to mend it."""
        super().__init__(f"The file {path} {problem}. {remedy}")


class SandboxHostError(RuleViolationError):
    """A host of invented people can stand on no roster."""

    code = "sandbox-host"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "The people of a sandbox are invented, so it is never registered and never counted. Give the host itself."
        )


class UnknownHostError(RuleViolationError):
    """A host is not in this server's register.

    Attributes:
        host: Its tenant id.
    """

    code = "unknown-host"

    def __init__(self, host: str) -> None:
        """Name the host."""
        super().__init__(f"{host} is not in the register of hosts. Add it with its public key: alongside tenant add.")
        self.host = host


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """A private Ed25519 key."""

    secret: bytes = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a key file: 32 bytes as hexadecimal, mode 0600.

        Raises:
            SigningKeyFileError: It is missing, readable by others or no key.
        """
        try:
            if path.stat().st_mode & 0o077:
                raise SigningKeyFileError(path, "may be read by other users", "Set its mode to 0600.")
            return cls(secret=bytes.fromhex(path.read_text(encoding="utf-8").strip()))
        except FileNotFoundError as error:
            raise SigningKeyFileError(path, "does not exist", "Run: alongside tenant add.") from error
        except ValueError as error:
            raise SigningKeyFileError(path, "is not a signing key", "Restore it from the owner's safe copy.") from error

    @property
    def public(self) -> str:
        """The public key, hexadecimal."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).public_key().public_bytes_raw().hex()

    def sign(self, message: bytes) -> str:
        """Give the signature, hexadecimal; the same for the same message."""
        return Ed25519PrivateKey.from_private_bytes(self.secret).sign(message).hex()


def check_signature(public: str, signature: str, message: bytes) -> None:
    """Check a signature.

    Raises:
        SignatureRefusedError: It does not fit.
    """
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(public)).verify(bytes.fromhex(signature), message)
    except (InvalidSignature, ValueError) as error:
        raise SignatureRefusedError from error


@dataclass(frozen=True, kw_only=True)
class HostRegister:
    """The hosts that one server knows, with nation, setting and public key."""

    path: Path

    def read(self) -> Mapping[str, RosterHost]:
        """Give the hosts by tenant id; none where there is no file yet, and never a sandbox, whoever wrote it there.

        Raises:
            SigningKeyFileError: The file cannot be read.
        """
        if not self.path.exists():
            return {}
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            return {host: RosterHost(host=host, **entry) for host, entry in content.items() if not is_sandbox(host)}
        except (ValueError, TypeError, AttributeError) as error:
            raise SigningKeyFileError(self.path, "is not a register of hosts", "Run: alongside tenant add.") from error

    def get(self, host: str) -> RosterHost:
        """Give one host.

        Raises:
            UnknownHostError: It is not registered.
        """
        found = self.read().get(host)
        if found is None:
            raise UnknownHostError(host)
        return found

    def names(self) -> Mapping[str, str]:
        """Give the hosts' names by tenant id, for people's eyes; none where there is no file, or no readable one."""
        try:
            found = json.loads(self._names_path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return {str(host): str(name) for host, name in found.items()} if isinstance(found, dict) else {}

    def put(self, entry: RosterHost, *, name: str | None = None) -> None:
        """Add a host or change its entry; whole or not at all. Its name has a file of its own, and signs nothing.

        Raises:
            SandboxHostError: Its people are invented.
        """
        if is_sandbox(entry.host):
            raise SandboxHostError
        if name is not None and self.names().get(entry.host) != name:
            self._write(self._names_path, {**self.names(), entry.host: name})
        known = dict(self.read())
        if known.get(entry.host) == entry:
            return
        known[entry.host] = entry
        self._write(self.path, self._content(known))

    def drop(self, host: str) -> None:
        """Take a host out that has left, so that no roster can name it any more; its name stays for what it sent."""
        known = dict(self.read())
        if known.pop(host, None) is not None:
            self._write(self.path, self._content(known))

    @staticmethod
    def _content(known: Mapping[str, RosterHost]) -> dict[str, Any]:
        return {
            host: {"nation": e.nation, "setting": e.setting, "signing_key": e.signing_key}
            for host, e in sorted(known.items())
        }

    @property
    def _names_path(self) -> Path:
        return self.path.with_name("host_names.json")

    @staticmethod
    def _write(path: Path, content: Mapping[str, Any]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.draft")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)


@dataclass(frozen=True, kw_only=True)
class Trust:
    """Which key this party signs with, and whose signatures it believes.

    Attributes:
        board: The board's public key, fixed at onboarding.
        custodian: The custodian's.
        hosts: The hosts' keys; empty at a host.
    """

    own: SigningKey
    board: str
    custodian: str
    hosts: HostRegister
