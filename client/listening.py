"""Reads a host's feed as a named consumer and posts each event to a receiver on this machine, as a webhook would.

Promise: a position is acknowledged only after the receiver took everything up to it (2xx), so after any end the same
consumer reads on with what was not taken; each event is read anew before each try, so that what goes on is what may be
known at that moment; it is tried a few times and then the reading ends; nothing goes to another machine, and no cursor
of a consumer in service is moved. Shown by tests/unit/client/test_listening.py.
"""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import ip_address

import httpx

from client.conformance.posting import Receiver, UnusableAddressError
from deploy.stack.api_client import ApiClient
from shared.kernel.errors import AlongsideError, InvalidInputError

WAITS_S = (1.0, 2.0, 4.0, 8.0)
"""Before the second and each further try of one event."""
LONGEST_POLL_S = 25
NAME = "listen"
_NAME = re.compile(r"listen(-[a-z0-9-]{1,33})?")
_AGAIN_S = 2.0


class OtherMachineError(InvalidInputError):
    """Events of a host would leave this machine."""

    code = "not-this-machine"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__(
            "Events are forwarded only to this machine itself: say 127.0.0.1, [::1] or localhost. "
            "For a receiver elsewhere: alongside webhooks add"
        )


class NotAListenerError(InvalidInputError):
    """The name may be that of a consumer in service."""

    code = "not-a-listener"

    def __init__(self) -> None:
        """Say which names are taken."""
        super().__init__(
            f"A listener's name is {NAME} or begins with {NAME}-, so that no cursor of a system in service is moved."
        )


class NotTakenError(AlongsideError):
    """The receiver took an event at no try."""

    code = "event-not-taken"

    def __init__(self, position: int, tries: int, met: str) -> None:
        """Say which, what was met, and how to go on."""
        super().__init__(
            f"The event at position {position} was not taken in {tries} tries: {met}. It and what follows were not "
            "acknowledged. Mend the receiver and run the same command again."
        )


@dataclass(frozen=True, kw_only=True)
class Forwarded:
    """One event that the receiver took."""

    position: int
    type: str
    status: int | None
    tries: int


def check_local(url: str) -> None:
    """Check that an address is of this machine.

    Raises:
        OtherMachineError: It is not, or cannot be read.
        UnusableAddressError: It is none.
    """
    try:
        host = httpx.URL(url).host
    except httpx.InvalidURL as error:
        raise UnusableAddressError from error
    if host == "localhost":
        return
    try:
        address = ip_address(host)
    except ValueError as error:
        raise OtherMachineError from error
    if not address.is_loopback:
        raise OtherMachineError


class Listener:
    """One reading of one host's feed."""

    def __init__(
        self, api: ApiClient, receiver: Receiver, *, name: str, sleep: Callable[[float], None] = time.sleep
    ) -> None:
        """Take the host's API and the receiver.

        Raises:
            NotAListenerError: The name may be somebody else's.
        """
        if not _NAME.fullmatch(name):
            raise NotAListenerError
        self._api, self._receiver, self._name, self._sleep = api, receiver, name, sleep

    def begin(self) -> None:
        """Keep the consumer: a new one reads what happens from now on, a known one where it was."""
        self._api.put(f"/v1/event-consumers/{self._name}", {"begin": "NOW"})

    def forward(self, told: Callable[[Forwarded], None]) -> bool:
        """Wait for the next event and forward it; gives whether there was one.

        Raises:
            NotTakenError: The receiver took it at no try; it is not acknowledged.
        """
        for tries, wait_s in enumerate((*WAITS_S, None), start=1):
            # One, and anew at each try: of a page that is handed on slowly the last would be as of long ago.
            page = self._api.get("/v1/events", consumer=self._name, wait=LONGEST_POLL_S, limit=1)
            if not page["items"]:
                if not page["waited"]:
                    self._sleep(_AGAIN_S)
                return False
            (event,) = page["items"]
            met = self._receiver.send(event)
            if met.taken:
                break
            if wait_s is None:
                raise NotTakenError(event["position"], tries, met.words)
            self._sleep(wait_s)
        self._api.post(f"/v1/event-consumers/{self._name}/ack", {"position": event["position"]})
        told(Forwarded(position=event["position"], type=event["type"], status=met.status, tries=tries))
        return True
