"""Looks a name up with a bound: an answer within the time, or none, however long the resolver hangs.

Shown by tests/unit/integrations/test_webhook_posting.py.
"""

import socket
import threading
from collections.abc import Callable, Sequence

Resolve = Callable[[str, int], Sequence[str]]
MOST_AT_ONCE = 40

_places = threading.BoundedSemaphore(MOST_AT_ONCE)


class LookupFailedError(OSError):
    """The name has no address, or its server did not answer in time."""


def resolve_by_system(host: str, port: int) -> list[str]:
    """Ask the system's resolver; CNAMEs are followed there, and the addresses at their end are what counts."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def look_up(resolve: Resolve, host: str, port: int, *, within_s: float) -> Sequence[str]:
    """Give a name's addresses.

    Raises:
        LookupFailedError: There is none, not in time, or too many lookups hang already.
    """
    # The system's resolver takes no timeout. A thread that hangs in it keeps its place until it comes back.
    if not _places.acquire(blocking=False):
        raise LookupFailedError("too many lookups hang")
    found: list[Sequence[str]] = []

    def ask() -> None:
        try:
            found.append(resolve(host, port))
        except (OSError, UnicodeError):
            return
        finally:
            _places.release()

    asking = threading.Thread(target=ask, name="outbound-lookup", daemon=True)
    try:
        asking.start()
    except RuntimeError:
        # The machine has no room for one more; the place is nobody's.
        _places.release()
        raise LookupFailedError("no thread") from None
    asking.join(timeout=within_s)
    if not found or not found[0]:
        raise LookupFailedError("no address")
    return found[0]
