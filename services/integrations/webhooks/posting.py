"""Posts one delivery and says what it met: one connection, no redirect, no proxy, nothing kept of the answer.

Promise: whatever a receiver or its name's server does, an attempt ends within 15 seconds, reads at most 16 kB, reaches
only the public internet (in a demo also this machine itself), and gives an outcome instead of an error.
Shown by tests/unit/integrations/test_webhook_posting.py and tests/integration/integrations/test_webhook_wire.py.
"""

import ssl
import time
from collections.abc import Mapping
from functools import cached_property

import httpcore
import httpx

from services.integrations.webhooks.rules import Outcome
from services.integrations.webhooks.targets import Target
from shared.web.outbound.connecting import (
    CONNECT_S,
    WHOLE_S,
    AddressRefusedError,
    AnswerTooLargeError,
    Bounds,
    Dial,
    OutOfTimeError,
    PinnedBackend,
    dial_by_system,
)
from shared.web.outbound.looking_up import LookupFailedError, Resolve, resolve_by_system

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefusedError, "ADDRESS_REFUSED"),
    (LookupFailedError, "NAME_NOT_FOUND"),
    (AnswerTooLargeError, "ANSWER_TOO_LARGE"),
    (OutOfTimeError, "TIMED_OUT"),
    (httpcore.TimeoutException, "TIMED_OUT"),
    (ssl.SSLCertVerificationError, "CERTIFICATE_REFUSED"),
    (ssl.SSLError, "TLS_FAILED"),
    (httpcore.ProtocolError, "NOT_HTTP"),
)


class Poster:
    """Posts; may be used by many threads."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve_by_system,
        dial: Dial = dial_by_system,
        trust: ssl.SSLContext | None = None,
        whole_s: float = WHOLE_S,
    ) -> None:
        """Take how to look up and dial, and which certificates to believe; by default the public authorities'."""
        self._resolve = resolve
        self._dial = dial
        self._given_trust = trust
        self._whole_s = whole_s

    def post(self, target: Target, headers: Mapping[str, str], body: bytes) -> Outcome:
        """Post once."""
        began = time.monotonic()
        try:
            status = self._exchange(target, headers, body)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            return Outcome(status=None, reason=_why(error), took_ms=_ms_since(began))
        return Outcome(status=status, reason="ANSWERED", took_ms=_ms_since(began))

    def _exchange(self, target: Target, headers: Mapping[str, str], body: bytes) -> int:
        bounds = Bounds(whole_s=self._whole_s)
        backend = PinnedBackend(self._resolve, self._dial, bounds, loopback=target.loopback)
        # In parts, so that nobody reads the address a second time and perhaps otherwise.
        url = httpcore.URL(
            scheme=target.scheme.encode(),
            host=target.host.encode(),
            port=target.port,
            target=target.path.encode(),
        )
        sent = {"host": target.authority, **headers, "content-length": str(len(body)), "connection": "close"}
        timeouts = {"connect": CONNECT_S, "read": self._whole_s, "write": self._whole_s, "pool": CONNECT_S}
        with (
            httpcore.ConnectionPool(
                ssl_context=self._trust if target.scheme == "https" else None,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=backend,
            ) as pool,
            pool.stream(
                "POST",
                url,
                headers=[(name.encode(), value.encode()) for name, value in sent.items()],
                content=body,
                extensions={"timeout": timeouts},
            ) as answer,
        ):
            return int(answer.status)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        if self._given_trust is not None:
            return self._given_trust
        # Nothing of the environment: neither a proxy nor another list of authorities.
        return httpx.create_ssl_context(trust_env=False)


def _why(error: Exception) -> str:
    # httpcore gives what lies beneath as its own error's argument, and takes the cause away.
    beneath = [one for one in error.args if isinstance(one, Exception)]
    for one in (*beneath, error):
        for kind, reason in _REASONS:
            if isinstance(one, kind):
                return reason
    return "NOT_REACHED"


def _ms_since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
