"""How a consumer stays alive in the broker's eyes, and in its orchestrator's, while something takes long."""

import random
import select
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from shared.bus.connection import CONNECTION_ERRORS, read_one
from shared.bus.deliveries import Batch, Delivery

_BACKOFF_S = (0.2, 0.5, 1.0, 2.0, 5.0)
SIGN_OF_LIFE_S = 0.25


class StopSignal(Protocol):
    """What tells a consumer to finish: such as a threading event."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


def settle_aside(
    settle: Callable[[Sequence[Delivery]], None], connection: Any, part: Batch, stop: StopSignal, *, name: str
) -> BaseException | None:
    """Settle on another thread while this one answers the broker; give what it raised.

    Raises:
        OSError, amqp.exceptions.AMQPError: The broker was lost meanwhile; ``settle`` has ended all the same.
    """
    ended = threading.Event()
    raised: list[BaseException] = []

    def work() -> None:
        try:
            settle(part)
        except BaseException as error:  # noqa: BLE001  Whatever it is, the batch is kept; nothing is lost.
            raised.append(error)
        finally:
            ended.set()

    threading.Thread(target=work, name=f"settle-{name}", daemon=True).start()
    lost: Exception | None = None
    settled = 0
    while not ended.wait(SIGN_OF_LIFE_S):
        if lost is None:
            try:
                show_life(connection)
            except CONNECTION_ERRORS as error:
                lost = error
        if part.settled != settled:
            # A look at the stop signal is a sign of life (shared.runtime.heartbeat): slow, but not hanging.
            settled = part.settled
            stop.is_set()
    if lost is not None:
        raise lost
    return raised[0] if raised else None


def show_life(connection: Any) -> None:
    """Read what has come, at most the prefetch, and send a heartbeat when one is due."""
    while has_input(connection) and read_one(connection, timeout_s=0.05):
        continue
    connection.heartbeat_tick()


def has_input(connection: Any) -> bool:
    """Whether a frame can be read now, without waiting."""
    transport = connection.transport
    if transport.has_frame():
        return True
    # Under TLS a record that was read from the socket may wait decrypted.
    pending = getattr(transport.sock, "pending", None)
    if pending is not None and pending():
        return True
    readable, _, _ = select.select([transport.sock.fileno()], [], [], 0)
    return bool(readable)


def back_off(failures: int, stop: StopSignal, *, meanwhile: Callable[[], None] | None = None) -> None:
    """Wait the longer the more often it failed, unless told to stop."""
    wait_s = _BACKOFF_S[min(failures, len(_BACKOFF_S) - 1)] * random.uniform(0.5, 1.0)  # noqa: S311
    deadline = time.monotonic() + wait_s
    shown = 0.0
    while not stop.is_set() and time.monotonic() < deadline:
        time.sleep(0.05)
        if meanwhile is not None and time.monotonic() - shown >= SIGN_OF_LIFE_S:
            meanwhile()
            shown = time.monotonic()
