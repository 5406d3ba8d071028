"""Posts to an integrator's receiver as webhooks are posted: signed, once, no redirect, no proxy, 15 seconds in all.

The address may be any: it is a receiver of whoever runs the command. Shown by tests/unit/client/test_conformance.py.
"""

import base64
import binascii
import json
import queue
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import httpx

from services.integrations.webhooks.dispatching import CONTENT_TYPE
from services.integrations.webhooks.signing import ED25519, HMAC, WebhookKey, signed_headers
from shared.kernel.errors import InvalidInputError
from shared.web.outbound.connecting import WHOLE_S

_KINDS: Mapping[str, str] = {"whsec_": HMAC, "whsk_": ED25519}
_KEY_BYTES: Mapping[str, range] = {HMAC: range(24, 65), ED25519: range(32, 33)}
_OK = range(200, 300)
_REFUSED = range(400, 500)


class UnusableSecretError(InvalidInputError):
    """What the events are to be signed with is no key."""

    code = "webhook-secret"

    def __init__(self) -> None:
        """Say how to get one, and never what was given."""
        super().__init__(
            "WEBHOOK_SECRET is not set, or is no signing key (whsec_… or whsk_…). Draw one for your test with: "
            "alongside consumer secret"
        )


class UnusableAddressError(InvalidInputError):
    """The receiver's address is none."""

    code = "receiver-address"

    def __init__(self) -> None:
        """Say what one looks like."""
        super().__init__("A receiver's address looks like http://127.0.0.1:8000/in. Check what you typed.")


@dataclass(frozen=True, kw_only=True)
class Met:
    """What one post met.

    Attributes:
        status: Of the answer; None where none came.
        why: In words, where none came.
    """

    status: int | None
    why: str = ""
    took_s: float = 0.0

    @property
    def taken(self) -> bool:
        """Whether it was answered 2xx."""
        return self.status in _OK

    @property
    def refused(self) -> bool:
        """Whether it was answered 4xx."""
        return self.status in _REFUSED

    @property
    def words(self) -> str:
        """What it was, for people."""
        return f"it answered {self.status}" if self.status is not None else self.why


class Receiver:
    """An integrator's receiver, as the command sees it."""

    def __init__(self, url: str, key: WebhookKey, *, whole_s: float = WHOLE_S) -> None:
        """Take its address and the key that it verifies by.

        Raises:
            UnusableAddressError: It is no address.
        """
        try:
            parts = httpx.URL(url)
        except httpx.InvalidURL as error:
            raise UnusableAddressError from error
        if parts.scheme not in {"http", "https"} or not parts.host:
            raise UnusableAddressError
        self._url, self.key, self._whole_s = parts, key, whole_s
        # Nothing of the environment: no proxy may see what is meant for a receiver. Each post has its own connection.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(trust_env=False, timeout=whole_s, limits=limits)

    def send(self, event: Mapping[str, Any], *, keys: Sequence[WebhookKey] = (), at: datetime | None = None) -> Met:
        """Post an event, signed now with the receiver's key, or otherwise as said."""
        body = json.dumps(event, separators=(",", ":"))
        return self.post(body, signed_headers(list(keys) or [self.key], event["id"], at or datetime.now(UTC), body))

    def post(self, body: str, headers: Mapping[str, str]) -> Met:
        """Post as it stands; whatever the receiver does, this ends when the time is over."""
        answers: queue.SimpleQueue[Met] = queue.SimpleQueue()
        began = time.monotonic()
        # A receiver that sends one byte a second never exceeds a limit of each reading, so the whole is limited here.
        threading.Thread(target=lambda: answers.put(self._exchange(body, headers)), daemon=True).start()
        try:
            met = answers.get(timeout=self._whole_s)
        except queue.Empty:
            met = Met(status=None, why=f"it did not answer within {self._whole_s:g} seconds")
        return Met(status=met.status, why=met.why, took_s=time.monotonic() - began)

    def _exchange(self, body: str, headers: Mapping[str, str]) -> Met:
        sent = {"content-type": CONTENT_TYPE, "user-agent": "alongside-consumer-check/1", **headers}
        try:
            with self._http.stream("POST", self._url, content=body.encode(), headers=sent) as answer:
                return Met(status=answer.status_code)
        except httpx.ConnectError as error:
            untrusted = "CERTIFICATE" in str(error)
            why = "its certificate is not trusted here" if untrusted else "nothing answers at this address"
            return Met(status=None, why=why)
        except httpx.TimeoutException:
            return Met(status=None, why=f"it did not answer within {self._whole_s:g} seconds")
        except httpx.HTTPError:
            return Met(status=None, why="it closed the connection without an answer")


def read_key(secret: str | None, otherwise: Callable[[], WebhookKey] | None = None) -> WebhookKey:
    """Give the signing key that a text holds; where there is none, what ``otherwise`` gives.

    Raises:
        UnusableSecretError: It is none.
    """
    if not secret and otherwise is not None:
        return otherwise()
    prefix, _, rest = (secret or "").partition("_")
    kind = _KINDS.get(f"{prefix}_")
    try:
        size = len(base64.b64decode(rest, validate=True))
    except (binascii.Error, ValueError) as error:
        raise UnusableSecretError from error
    if kind is None or size not in _KEY_BYTES[kind]:
        raise UnusableSecretError
    return WebhookKey(kind=kind, secret=secret or "")
