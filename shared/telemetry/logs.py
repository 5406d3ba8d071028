"""JSON logs that hold constant sentences, ids, codes and numbers, and nothing a person told us.

A message is written only if it stands as a constant in the code that logs it; arguments are never
filled in; of an exception only class names and ``module:line`` of its frames appear. This holds for
every library that uses ``logging``, for warnings, and for exceptions nobody caught.

Limit: what a library prints by itself to standard error is outside.
"""

import inspect
import json
import logging
import sys
import threading
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import CodeType, FrameType, TracebackType
from typing import IO, Any

from shared.kernel.errors import AlongsideError
from shared.telemetry.log_fields import allowed_only, is_code
from shared.telemetry.metric_names import LOG_FIELDS_DROPPED, LOG_MESSAGES_WITHHELD
from shared.telemetry.metrics import counter
from shared.telemetry.traces import current_traceparent

WITHHELD = "message withheld: it is not a constant of the code that logged it"

_MOST_FRAMES = 40
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


# Names of threads that a process's parts have; any other name may have been made of anything.
_PARTS: set[str] = set()


def name_parts(names: Iterable[str]) -> None:
    """Let each line that is written on a thread of such a name say so: it is a part of this process."""
    _PARTS.update(name for name in names if is_code(name))


class Log:
    """A logger whose fields are keyword arguments: ``log.info("outbox batch published", count=3)``."""

    def __init__(self, logger: logging.Logger) -> None:
        """Wrap a logger of the standard library."""
        self._logger = logger

    def debug(self, message: str, **fields: object) -> None:
        """Say what only a developer wants to know."""
        self._write(logging.DEBUG, message, fields)

    def info(self, message: str, **fields: object) -> None:
        """Say what happened."""
        self._write(logging.INFO, message, fields)

    def warning(self, message: str, **fields: object) -> None:
        """Say what may need a look."""
        self._write(logging.WARNING, message, fields)

    def error(self, message: str, **fields: object) -> None:
        """Say what needs a look."""
        self._write(logging.ERROR, message, fields)

    def exception(self, message: str, **fields: object) -> None:
        """Say what failed, with class and frames of the exception being handled."""
        self._write(logging.ERROR, message, fields, exc_info=True)

    def _write(self, level: int, message: str, fields: dict[str, object], *, exc_info: bool = False) -> None:
        if self._logger.isEnabledFor(level):
            extra = {"fields": fields}
            self._logger.log(level, message, exc_info=exc_info, extra=extra, stacklevel=3)


class JsonFormatter(logging.Formatter):
    """One JSON object a line."""

    def __init__(self, *, service: str, tenant: str, process_kind: str) -> None:
        """Take what every line says about its process."""
        super().__init__()
        self._process = {"service": service, "tenant": tenant, "process_kind": process_kind}

    def format(self, record: logging.LogRecord) -> str:
        """Write the record with what is allowed of it."""
        fields, dropped = allowed_only(_fields(record))
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower() if record.levelno in _LEVELS else "other",
            # A name that is no module's may have been made of anything.
            "logger": record.name if record.name in sys.modules else "other",
            "line": record.lineno,
            "message": _message(record),
            **self._process,
            **fields,
        }
        if record.threadName in _PARTS:
            line["part"] = record.threadName
        if traceparent := current_traceparent():
            line["trace_id"], line["span_id"] = traceparent[3:35], traceparent[36:52]
        if record.exc_info and record.exc_info[1] is not None:
            line["exception"] = _described(record.exc_info[1])
        if dropped:
            line["dropped_fields"] = dropped
            counter(LOG_FIELDS_DROPPED).add(dropped)
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


class QuietHandler(logging.StreamHandler[IO[str]]):
    """Writes lines; when that fails it never prints the record, as the standard handler would."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802  The standard library's signature.
        """Count a line that could not be written."""
        counter(LOG_MESSAGES_WITHHELD).add(1)


def get_logger(name: str) -> Log:
    """Give the log of one module, whose ``__name__`` is given."""
    return Log(logging.getLogger(name))


def configure_logging(
    *, service: str, tenant: str, process_kind: str, stream: IO[str], level: int = logging.INFO
) -> None:
    """Send every log, warning and uncaught exception of this process to ``stream`` as JSON lines.

    Replaces handlers that libraries put on any logger before.
    """
    handler = QuietHandler(stream)
    handler.setFormatter(JsonFormatter(service=service, tenant=tenant, process_kind=process_kind))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in list(root.manager.loggerDict):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
    logging.captureWarnings(True)
    logging.lastResort = None
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    threading.excepthook = _log_thread


_LEVELS = frozenset({logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL})


def _fields(record: logging.LogRecord) -> dict[str, object]:
    ours: dict[str, object] = record.__dict__.get("fields", {})
    others = {key: value for key, value in record.__dict__.items() if key not in _STANDARD and key != "fields"}
    return {**others, **ours} if isinstance(ours, dict) else others


def _message(record: logging.LogRecord) -> str:
    if isinstance(record.msg, str) and _is_constant(record):
        return record.msg
    counter(LOG_MESSAGES_WITHHELD).add(1)
    return WITHHELD


def _is_constant(record: logging.LogRecord) -> bool:
    """Tell whether the message stands in the code that logged it, so that no f-string can carry data."""
    for code in _codes_on_the_stack():
        if code.co_name == record.funcName and code.co_filename == record.pathname:
            return record.msg in code.co_consts
    return False


def _codes_on_the_stack() -> Iterator[CodeType]:
    # Formatting runs inside the logging call, so whoever called it is still on the stack.
    frame: FrameType | None = inspect.currentframe()
    while frame is not None:
        yield frame.f_code
        frame = frame.f_back


def _described(error: BaseException) -> dict[str, object]:
    classes, frames = [], []
    cause: BaseException | None = error
    seen: set[int] = set()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        classes.append(type(cause).__name__)
        frames.extend(_frames(cause.__traceback__))
        cause = cause.__cause__ or (None if cause.__suppress_context__ else cause.__context__)
    described: dict[str, object] = {"classes": classes, "frames": frames[:_MOST_FRAMES]}
    if isinstance(error, AlongsideError):
        described["code"] = error.code
    return described


def _frames(traceback: TracebackType | None) -> list[str]:
    found = []
    while traceback is not None:
        found.append(f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    # The innermost first: that is where to look.
    return found[::-1]


def _log_uncaught(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
    logging.getLogger(__name__).critical("uncaught exception", exc_info=(kind, error, traceback))


def _log_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _log_unraisable(args: "sys.UnraisableHookArgs") -> None:
    if args.exc_value is not None:
        _log_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
