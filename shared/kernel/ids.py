"""Ids: random for what people see, time-ordered for what the database appends.

Limit: a time-ordered id shows when it was made, so it names events and outbox rows only, never a
survivor, an episode or a contribution.
"""

import secrets
import threading
import time
import uuid

_lock = threading.Lock()
_last_us = 0
_VERSION_4 = 0x4 << 76 | 0b10 << 62
_FREE = ~(0xF << 76 | 0b11 << 62)


def new_id() -> str:
    """Give a random id (UUID version 4) for an aggregate; it says nothing about when or where."""
    # As ``uuid.uuid4`` does, without an object on the way: every event needs several.
    value = secrets.randbits(128) & _FREE | _VERSION_4
    return _text(value)


def new_event_id(*, after_us: int = 0) -> str:
    """Give a time-ordered id (UUID version 7, RFC 9562 method 3), greater than every earlier one here.

    Args:
        after_us: Microseconds since 1970 that the id must lie above, so that the rows of one aggregate
            keep their order even when two machines' clocks differ.
    """
    return _format(_next_us(after_us))


def new_event_ids(count: int, *, after_us: int = 0) -> list[str]:
    """Give ``count`` time-ordered ids, ascending."""
    return [new_event_id(after_us=after_us) for _ in range(count)]


def event_id_us(event_id: str) -> int:
    """Read the microseconds since 1970 back out of a time-ordered id."""
    value = uuid.UUID(event_id).int
    milliseconds = value >> 80
    fraction = (value >> 64) & 0xFFF
    return milliseconds * 1000 + fraction * 1000 // 4096


def _next_us(after_us: int) -> int:
    global _last_us  # noqa: PLW0603  One counter for the process keeps ids ascending across threads.
    with _lock:
        _last_us = max(time.time_ns() // 1000, _last_us + 1, after_us + 1)
        return _last_us


def _format(at_us: int) -> str:
    milliseconds, fraction_us = divmod(at_us, 1000)
    # Rounded up, so that reading the id back never gives an earlier microsecond.
    fraction = min(-(-fraction_us * 4096 // 1000), 4095)
    value = (milliseconds << 80) | (0x7 << 76) | (fraction << 64) | (0b10 << 62) | secrets.randbits(62)
    return _text(value)


def _text(value: int) -> str:
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
