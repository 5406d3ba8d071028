"""Why a broker cannot be reached, as a code for the log; docs/own-infrastructure.md says how each is mended.

Limit: what the other side does not say cannot be told; TLS 1.3 may end a refused connection without a word.
"""

import errno
import socket
import ssl
from collections.abc import Iterator

import amqp

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_THEIRS = {
    9: "their-certificate-not-yet-valid",
    10: "their-certificate-expired",
    18: "their-certificate-untrusted",
    19: "their-certificate-untrusted",
    20: "their-certificate-untrusted",
    21: "their-certificate-untrusted",
    62: "their-certificate-of-another-name",
    64: "their-certificate-of-another-name",
}
# Alerts of RFC 8446 §6.2, as OpenSSL names them.
_ALERTS = {
    "CERTIFICATE_EXPIRED": "own-certificate-expired",
    "UNKNOWN_CA": "own-certificate-untrusted",
    "BAD_CERTIFICATE": "own-certificate-refused",
    "CERTIFICATE_REVOKED": "own-certificate-refused",
    "CERTIFICATE_UNKNOWN": "own-certificate-refused",
    "CERTIFICATE_REQUIRED": "own-certificate-missing",
    "HANDSHAKE_FAILURE": "own-certificate-refused",
}
_NETWORK = frozenset({errno.ENETUNREACH, errno.EHOSTUNREACH, errno.ENETDOWN})


def reason_of(error: BaseException) -> str | None:
    """Give the code of the first cause that has one; None for what is none of these."""
    for cause in _causes(error):
        found = getattr(cause, "reason", None) if not isinstance(cause, ssl.SSLError) else None
        if isinstance(found, str):
            return found
        found = _of_tls(cause) if isinstance(cause, ssl.SSLError) else _of_network(cause)
        if found is not None:
            return found
    return None


def _of_tls(error: ssl.SSLError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return _THEIRS.get(error.verify_code, "their-certificate-refused")
    said = error.reason or ""
    return next((code for alert, code in _ALERTS.items() if said.endswith(f"ALERT_{alert}")), "tls-failed")


def _of_network(error: BaseException) -> str | None:
    if isinstance(error, amqp.exceptions.AccessRefused | amqp.exceptions.NotAllowed):
        return "login-refused"
    if isinstance(error, socket.gaierror):
        return "name-not-found"
    if isinstance(error, ConnectionRefusedError):
        return "connection-refused"
    if isinstance(error, TimeoutError):
        return "no-answer"
    if isinstance(error, OSError) and error.errno in _NETWORK:
        return "unreachable"
    return "connection-lost" if isinstance(error, ConnectionError) else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or error.__context__
