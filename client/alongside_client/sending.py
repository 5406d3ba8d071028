"""One request, sent again where that is safe: a few times, with waits that end.

Promise: what is repeated bears the same headers and bytes, so the same Idempotency-Key; what bears none and changes
something is repeated only if it never left this machine or the API said "not now" before doing anything (429). Shown by
tests/unit/client/test_client_sending.py.
"""

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import httpx

from .errors import AwayError, PlainAddressError, UnusableAnswerError

LARGEST_ANSWER = 64 * 1024 * 1024
"""Bytes that are read of one answer."""

_THIS_MACHINE = frozenset({"127.0.0.1", "::1", "localhost"})
# With these, nothing of the request has left.
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often and how long one waits.

    Attributes:
        attempts: Tries in all, the first one too.
        first_wait_s: Seconds before the second try where the API names none; each further one is longer by as much.
        longest_wait_s: Longest single wait in seconds; if the API asks for more, its answer is told at once.
        when_away: Whether a request is also repeated if no answer came.
    """

    attempts: int = 5
    first_wait_s: float = 0.3
    longest_wait_s: float = 5.0
    when_away: bool = True
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True, kw_only=True)
class Reply:
    """An answer that was read whole."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def retry_after_s(self) -> float | None:
        """What the API asks to wait (RFC 9110, 10.2.3), in seconds; None if it does not say."""
        told = self.headers.get("retry-after", "")
        if told.isascii() and told.isdecimal():
            return float(told)
        try:
            at = parsedate_to_datetime(told)
        except ValueError:
            return None
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return max(0.0, (at - datetime.now(UTC)).total_seconds())

    def document(self) -> dict[str, Any]:
        """Read a JSON object.

        Raises:
            UnusableAnswerError: It is none.
        """
        try:
            content = json.loads(self.content) if self.content else {}
        except (ValueError, RecursionError):
            content = None
        if not isinstance(content, dict):
            raise UnusableAnswerError(f"What answered (HTTP {self.status}) does not speak as this API does.")
        return content


class Sender:
    """Sends requests to one server."""

    def __init__(
        self,
        url: str,
        *,
        retries: Retries,
        timeout_s: float,
        verify: ssl.SSLContext | bool,
        allow_plain: bool,
        transport: httpx.BaseTransport | None,
    ) -> None:
        """Take the address of the API.

        Raises:
            PlainAddressError: Secrets would go over the network in the clear.
        """
        self.url = checked(url, allow_plain=allow_plain)
        self._timeout_s = timeout_s
        self._retries = retries
        # A setting of the machine shall not send secrets through somebody's proxy, or add somebody's password.
        self._http = httpx.Client(timeout=timeout_s, verify=verify, trust_env=False, transport=transport)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return "/".join(self.url.split("/", 3)[:3])

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def send(self, method: str, path: str, *, repeatable: bool, **options: Any) -> Reply:
        """Send a request, and again where that is safe.

        Args:
            method: Such as GET.
            path: From the root of the API.
            repeatable: Whether a repeat changes nothing, whatever became of the request before it.
            options: Of httpx's request.

        Raises:
            AwayError: No answer came.
            UnusableAnswerError: The answer is larger than 64 MB.
        """
        for attempt in range(1, self._retries.attempts + 1):
            last = attempt == self._retries.attempts
            wait_s = self._retries.first_wait_s * attempt
            try:
                reply = self._once(method, path, options)
            except httpx.HTTPError as error:
                again = self._retries.when_away and (repeatable or isinstance(error, _NEVER_SENT))
                if last or not again:
                    # The library's own words may hold the whole address.
                    raise AwayError(self.origin, type(error).__name__) from None
            else:
                not_now = reply.status == HTTPStatus.TOO_MANY_REQUESTS or (
                    reply.status == HTTPStatus.SERVICE_UNAVAILABLE and repeatable
                )
                told = reply.retry_after_s
                wait_s = wait_s if told is None else told
                if last or not not_now or wait_s > self._retries.longest_wait_s:
                    return reply
            self._retries.sleep(wait_s)
        raise AssertionError("the last try returns or raises")

    def _once(self, method: str, path: str, options: dict[str, Any]) -> Reply:
        with self._http.stream(method, self.url + path, **options) as response:
            parts, size, until = [], 0, time.monotonic() + self._timeout_s
            for part in response.iter_bytes():
                size += len(part)
                if time.monotonic() > until:
                    raise httpx.ReadTimeout("")
                if size > LARGEST_ANSWER:
                    raise UnusableAnswerError("The answer is larger than 64 MB and was not read on.")
                parts.append(part)
            return Reply(status=response.status_code, headers=response.headers, content=b"".join(parts))


def checked(url: str, *, allow_plain: bool) -> str:
    """Give an address without a slash at its end.

    Raises:
        PlainAddressError: It is none, bears a login or more than a path, or is plain where that is not allowed.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
        # What the libraries below cannot read they refuse in words of their own, in the midst of a sign-in.
        read = httpx.URL(url)
        read.host.encode("utf-8")
        read.raw_host.decode("ascii").encode("idna")
    except (ValueError, httpx.InvalidURL):
        raise PlainAddressError from None
    plain = parts.scheme == "http" and (allow_plain or host in _THIS_MACHINE)
    if not host or parts.username is not None or parts.query or parts.fragment:
        raise PlainAddressError
    if parts.scheme != "https" and not plain:
        raise PlainAddressError
    return url.rstrip("/")
