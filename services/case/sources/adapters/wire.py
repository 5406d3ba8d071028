"""What carries the questions of the Salesforce library: only reading, only to Salesforce, only to checked addresses.

Promise: whatever the library or an answer asks for, nothing leaves but a GET of data, or a sign-in, over TLS to a name
below salesforce.com whose addresses are of the public internet; no redirect, no proxy, no cookie; each exchange ends
within its time and bytes. Shown by tests/integration/case/test_source_salesforce.py.
"""

import io
import re
import ssl
from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

import httpcore
import httpx
import requests
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from services.case.sources.rules.faults import SourceFaultError
from services.case.sources.rules.salesforce import HOST
from shared.web.outbound.connecting import (
    CONNECT_S,
    AddressRefusedError,
    AnswerTooLargeError,
    Bounds,
    Dial,
    OutOfTimeError,
    PinnedBackend,
    dial_by_system,
)
from shared.web.outbound.looking_up import LookupFailedError, Resolve, resolve_by_system

WHOLE_S = 60.0
MOST_READ = 32 * 1024 * 1024
MOST_OF_SIGN_IN = 256 * 1024
_DATA = re.compile(
    r"/services/data/v[0-9]{2,3}\.0/(?:(?:query|queryAll)(?:/[A-Za-z0-9_-]{0,60})?|sobjects/[A-Za-z0-9_]{1,80}/describe)"
)

_SIGN_IN = re.compile(r"/services/oauth2/token|/services/Soap/u/[0-9]{2,3}\.0")
_HTTPS = 443
_REDIRECTS = range(300, 400)
_FAULTS: tuple[tuple[type[Exception], str], ...] = (
    (AddressRefusedError, "ADDRESS_REFUSED"),
    (LookupFailedError, "NAME_NOT_FOUND"),
    (AnswerTooLargeError, "ANSWER_TOO_LARGE"),
    (OutOfTimeError, "TIMED_OUT"),
    (httpcore.TimeoutException, "TIMED_OUT"),
    (ssl.SSLCertVerificationError, "CERTIFICATE_REFUSED"),
)


class PinnedAdapter(BaseAdapter):
    """Carries what ``requests`` prepared over a connection of its own to an address that was checked."""

    def __init__(
        self,
        *,
        resolve: Resolve = resolve_by_system,
        dial: Dial = dial_by_system,
        trust: ssl.SSLContext | None = None,
        loopback: bool = False,
        whole_s: float = WHOLE_S,
        most_read: int = MOST_READ,
    ) -> None:
        """Take how to look up and dial, and which certificates to believe; by default the public authorities'.

        Args:
            loopback: Whether this machine's own loopback is meant, and then nothing else: in tests.
        """
        super().__init__()
        self._resolve = resolve
        self._dial = dial
        self._given_trust = trust
        self._loopback = loopback
        self._whole_s = whole_s
        self._most_read = most_read

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        """Carry one request; what the library would set about time, proxies and trust does not count.

        Raises:
            SourceFaultError: It is not one that may leave, or it could not be carried.
        """
        parts = urlsplit(request.url or "")
        signs_in = request.method == "POST" and _SIGN_IN.fullmatch(parts.path) is not None
        reads = request.method == "GET" and _DATA.fullmatch(parts.path.rstrip("/")) is not None
        netloc = parts.netloc.lower()
        if parts.scheme != "https" or HOST.fullmatch(netloc) is None or not (reads or signs_in):
            raise SourceFaultError("ELSEWHERE")
        bounds = Bounds(whole_s=self._whole_s, most_read=MOST_OF_SIGN_IN if signs_in else self._most_read)
        try:
            status, headers, content = self._exchange(request, netloc, parts.path, parts.query, bounds)
        except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError) as error:
            raise SourceFaultError(_why(error)) from None
        if status in _REDIRECTS:
            raise SourceFaultError("ELSEWHERE")
        response = requests.Response()
        response.status_code = status
        response.headers = CaseInsensitiveDict(headers)
        response.raw = io.BytesIO(content)
        response.encoding = "utf-8"
        response.url = f"https://{netloc}{parts.path}"
        response.request = request
        return response

    def close(self) -> None:
        """Nothing is kept open."""

    def _exchange(
        self, request: requests.PreparedRequest, host: str, path: str, query: str, bounds: Bounds
    ) -> tuple[int, Mapping[str, str], bytes]:
        backend = PinnedBackend(self._resolve, self._dial, bounds, loopback=self._loopback)
        target = f"{path}?{query}" if query else path
        url = httpcore.URL(scheme=b"https", host=host.encode(), port=_HTTPS, target=target.encode("ascii"))
        body = _bytes(request.body) if isinstance(request.body, str | bytes) else b""
        sent = {
            **{name: value for name, value in request.headers.items() if name.lower() not in _OURS},
            "host": host,
            # What is not packed cannot unpack to more than is read.
            "accept-encoding": "identity",
            "connection": "close",
            **({"content-length": str(len(body))} if body else {}),
        }
        timeouts = {"connect": CONNECT_S, "read": self._whole_s, "write": self._whole_s, "pool": CONNECT_S}
        with (
            httpcore.ConnectionPool(
                ssl_context=self._trust,
                max_connections=1,
                max_keepalive_connections=0,
                network_backend=backend,
            ) as pool,
            pool.stream(
                request.method or "GET",
                url,
                headers=[(_bytes(name), _bytes(value)) for name, value in sent.items()],
                content=body,
                extensions={"timeout": timeouts},
            ) as answer,
        ):
            headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in answer.headers}
            return int(answer.status), headers, b"".join(answer.iter_stream())

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        if self._given_trust is not None:
            return self._given_trust
        return httpx.create_ssl_context(trust_env=False)


def session_over(adapter: PinnedAdapter) -> requests.Session:
    """Give a session that knows nothing of this machine: no proxy, no netrc, and no other way out."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", adapter)
    return session


_OURS = frozenset({"host", "accept-encoding", "connection", "content-length", "transfer-encoding", "cookie"})


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def _why(error: Exception) -> str:
    beneath = [one for one in error.args if isinstance(one, Exception)]
    for one in (*beneath, error):
        for kind, code in _FAULTS:
            if isinstance(one, kind):
                return code
    return "NOT_REACHED"
