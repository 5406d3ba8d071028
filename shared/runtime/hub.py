"""Keeps what eventlet's hub would print to standard error within the JSON log, without an exception's text.

By default the hub prints the whole traceback of whatever a timer, a listener or a greenlet raises, and with
it the exception's message, which may quote what a person told us. Imported in workers only.
"""

import contextlib
from typing import Any

from eventlet import debug, hubs

from shared.telemetry.logs import get_logger

log = get_logger(__name__)

ExceptionInfo = tuple[Any, Any, Any]


def quiet_hub() -> None:
    """Let this thread's hub log class and frames of what it squelches, and print nothing."""
    hub = hubs.get_hub()
    debug.hub_exceptions(False)
    hub.squelch_generic_exception = _log
    hub.squelch_timer_exception = lambda _timer, info: _log(info)

    def squelch_listener(fileno: int, info: ExceptionInfo) -> None:
        _log(info)
        with contextlib.suppress(Exception):
            hub.remove_descriptor(fileno)

    hub.squelch_exception = squelch_listener


def _log(info: ExceptionInfo) -> None:
    try:
        raise info[1].with_traceback(info[2])
    except BaseException:
        log.exception("a greenlet failed")
