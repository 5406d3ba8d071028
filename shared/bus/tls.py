"""TLS towards a broker of another owner, from the parameters of an ``amqps://`` address.

The parameters are RabbitMQ's own: ``cacertfile``, ``certfile``, ``keyfile``, ``server_name_indication``. The other
side's certificate is always checked, against its name too; there is no way to switch that off. Files are read
anew at each connection, and ``TlsWatch`` says when they have changed, so a certificate is replaced by replacing
its files, without a restart.

Limit: no revocation lists are read; a certificate that must end early is refused by the other side.

Source: https://www.rabbitmq.com/docs/uri-query-parameters
"""

import ssl
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit, urlunsplit

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from shared.kernel.errors import InvalidInputError
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

_PARAMETERS = frozenset({"cacertfile", "certfile", "keyfile", "server_name_indication", "verify"})


class TlsAddressError(InvalidInputError):
    """An address asks for TLS that we do not do."""

    code = "tls-address"

    def __init__(self, problem: str) -> None:
        """Say what is wrong; the address itself holds a password."""
        super().__init__(
            f"The address of a broker {problem}. Allowed: amqps:// with cacertfile, certfile, keyfile and "
            "server_name_indication; verification is always on."
        )


class OwnCertificateError(OSError):
    """Our own certificate files cannot be used; the other side was not even asked.

    Attributes:
        reason: A code for the log, see ``shared.bus.reasons``.
    """

    def __init__(self, reason: str, file: Path, mend: str) -> None:
        """Say which file and how to mend it."""
        super().__init__(f"{file}: {mend}")
        self.reason = reason


@dataclass(frozen=True, kw_only=True)
class ClientTls:
    """The files of one side of one connection.

    Attributes:
        authorities: Whom we believe; None takes the system's.
        server_name: What the other side's certificate must be for.
    """

    server_name: str
    authorities: Path | None = None
    certificate: Path | None = None
    key: Path | None = None

    @classmethod
    def of(cls, uri: str) -> tuple[str, Self | None]:
        """Split an address into what kombu understands and its TLS, None for ``amqp://``.

        Raises:
            TlsAddressError: A parameter is unknown or asks for less than we do.
        """
        parts = urlsplit(uri)
        if parts.scheme != "amqps" and not parts.query:
            return uri, None
        given = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        if parts.scheme != "amqps":
            raise TlsAddressError("names TLS parameters without amqps://")
        if set(given) - _PARAMETERS:
            raise TlsAddressError("has an unknown parameter")
        if given.get("verify", "verify_peer") != "verify_peer":
            raise TlsAddressError("asks not to verify the other side")
        if ("certfile" in given) != ("keyfile" in given):
            raise TlsAddressError("names a certificate without its key, or the reverse")
        files = {name: Path(given[name]) for name in ("cacertfile", "certfile", "keyfile") if name in given}
        plain = urlunsplit((parts.scheme, parts.netloc, parts.path, "", ""))
        return plain, cls(
            server_name=given.get("server_name_indication") or parts.hostname or "",
            authorities=files.get("cacertfile"),
            certificate=files.get("certfile"),
            key=files.get("keyfile"),
        )

    def options(self) -> dict[str, Any]:
        """Look at the files and give py-amqp's options.

        Raises:
            OwnCertificateError: A file is missing, unreadable or no longer valid, or the key is another's.
        """
        if self.authorities is not None:
            _certificates(self.authorities)
        options: dict[str, Any] = {
            "cert_reqs": ssl.CERT_REQUIRED,
            "server_hostname": self.server_name,
            "tls_minimum_version": ssl.TLSVersion.TLSv1_2,
            "ca_certs": None if self.authorities is None else str(self.authorities),
        }
        if self.certificate is not None and self.key is not None:
            self._check(self.certificate, self.key)
            options |= {"certfile": str(self.certificate), "keyfile": str(self.key)}
        return options

    def version(self) -> tuple[tuple[int, int, int], ...]:
        """Give what differs when a file was replaced or written anew; missing files count as zeros."""
        return tuple(_mark(file) for file in (self.authorities, self.certificate, self.key) if file is not None)

    @staticmethod
    def _check(certificate_file: Path, key_file: Path) -> None:
        certificate = _certificates(certificate_file)[0]
        now = datetime.now(UTC)
        if now >= certificate.not_valid_after_utc:
            ended = certificate.not_valid_after_utc.date()
            raise OwnCertificateError("own-certificate-expired", certificate_file, f"ended on {ended}; replace it")
        if now < certificate.not_valid_before_utc:
            raise OwnCertificateError(
                "own-certificate-not-yet-valid", certificate_file, "is not valid yet; check this machine's clock"
            )
        try:
            key = load_pem_private_key(key_file.read_bytes(), password=None)
        except (OSError, TypeError, ValueError) as error:
            raise OwnCertificateError(
                "own-key-unusable", key_file, "cannot be read as a key without a password; replace it"
            ) from error
        if key.public_key() != certificate.public_key():
            raise OwnCertificateError(
                "own-key-of-another", key_file, "does not belong to the certificate; replace both"
            )


class TlsWatch:
    """Says when the files of an address have changed since a connection was opened with them."""

    def __init__(self, uri: str) -> None:
        """Remember the address's files; nothing is read yet."""
        self._tls = ClientTls.of(uri)[1]
        self._opened_with: object = None
        self._refused: object = None

    def opened(self) -> None:
        """Note that a connection begins with the files as they are now; call it before it opens."""
        if self._tls is not None:
            self._opened_with = self._tls.version()

    def is_outdated(self) -> bool:
        """Whether there are newer files that can be used; unusable ones are logged once and leave things be."""
        if self._tls is None:
            return False
        version = self._tls.version()
        if version in {self._opened_with, self._refused}:
            return False
        try:
            self._tls.options()
        except OwnCertificateError as error:
            self._refused = version
            log.warning("new certificate files cannot be used", reason=error.reason)
            return False
        log.info("certificate files have changed")
        return True


def _certificates(file: Path) -> list[x509.Certificate]:
    try:
        return x509.load_pem_x509_certificates(file.read_bytes())
    except (OSError, ValueError) as error:
        raise OwnCertificateError(
            "own-certificate-unusable", file, "does not hold a readable certificate; check its content and mode"
        ) from error


def _mark(file: Path) -> tuple[int, int, int]:
    try:
        found = file.stat()
    except OSError:
        return (0, 0, 0)
    return (found.st_mtime_ns, found.st_size, found.st_ino)
