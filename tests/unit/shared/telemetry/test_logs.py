import io
import json
import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.kernel.errors import RuleViolationError
from shared.telemetry import logs
from shared.telemetry.log_fields import ALLOWED_FIELDS, allowed_only
from shared.telemetry.logs import WITHHELD, QuietHandler, configure_logging, get_logger
from shared.telemetry.metric_names import LOG_FIELDS_DROPPED
from shared.telemetry.metrics import snapshot
from shared.telemetry.traces import start_span

NAME = "Amina Okafor"
PHONE = "07700 900123"
BORN = "1990-02-03"
PLANTED = (NAME, PHONE, BORN)
PARTS = ("Amina", "Okafor", "07700", "900123", "1990", "02-03")
EVENT_ID = "0190b7a4-5f64-7abc-8def-0123456789ab"

log = get_logger(__name__)


@pytest.fixture
def stream():
    """Configure logging for one test and put everything back."""
    root = logging.getLogger()
    kept = (root.handlers[:], root.level, logging.lastResort, sys.excepthook, sys.unraisablehook)
    thread_hook = threading.excepthook
    others = {
        name: logger.handlers[:]
        for name, logger in root.manager.loggerDict.items()
        if isinstance(logger, logging.Logger)
    }
    stream = io.StringIO()
    configure_logging(service="case", tenant="harbour", process_kind="worker", stream=stream)
    yield stream
    logging.captureWarnings(False)
    root.handlers[:], root.level, logging.lastResort, sys.excepthook, sys.unraisablehook = kept
    threading.excepthook = thread_hook
    for name, handlers in others.items():
        logging.getLogger(name).handlers[:] = handlers


def lines(stream: io.StringIO) -> list[dict]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def refuse(value):
    raise ValueError(f"cannot read {value}")


class TestWhatALineSays:
    def test_message_process_and_fields(self, stream):
        """A line says what happened, where, and the ids and counts that belong to it."""
        log.info("outbox batch published", count=3, event_id=EVENT_ID, duration_ms=4.5)

        [line] = lines(stream)
        assert (
            line.items()
            >= {
                "level": "info",
                "message": "outbox batch published",
                "service": "case",
                "tenant": "harbour",
                "process_kind": "worker",
                "count": 3,
                "event_id": EVENT_ID,
                "duration_ms": 4.5,
            }.items()
        )

    def test_extra_of_the_standard_library_is_a_field_too(self, stream):
        """Both ways of giving fields meet the same list."""
        logging.getLogger(__name__).info("outbox batch published", extra={"count": 3, "surname": NAME})

        [line] = lines(stream)
        assert (line["count"], line["dropped_fields"]) == (3, 1)

    def test_a_line_names_its_part(self, stream, monkeypatch):
        """Where several parts share a process; a thread of any other name is not named."""
        monkeypatch.setattr(logs, "_PARTS", set())
        logs.name_parts(["relay-case", NAME])
        for name in ("relay-case", "relay-consent", NAME):
            by_thread_name(name)
        assert [line.get("part") for line in lines(stream)] == ["relay-case", None, None]

    def test_a_line_names_its_span(self, stream):
        """Logs and traces meet by id."""
        with start_span("test") as span:
            log.info("inside")

        [line] = lines(stream)
        assert f"{line['trace_id']}-{line['span_id']}" in span.traceparent

    def test_an_exception_shows_classes_code_and_places(self, stream):
        """Enough to find the fault, nothing of what it was about."""
        try:
            try:
                refuse(NAME)
            except ValueError as error:
                raise RuleViolationError(PHONE) from error
        except RuleViolationError:
            log.exception("import row refused")

        [line] = lines(stream)
        assert line["exception"]["classes"] == ["RuleViolationError", "ValueError"]
        assert line["exception"]["code"] == "rule-violation"
        assert all(frame.rpartition(":")[2].isdigit() for frame in line["exception"]["frames"])
        assert len(line["exception"]["frames"]) == 3

    def test_dropped_fields_are_counted(self, stream):
        """Somebody who logs too much is seen."""

        def total():
            points = snapshot().get(LOG_FIELDS_DROPPED.name, {"points": [{"value": 0}]})["points"]
            return points[0]["value"]

        before = total()
        log.info("row read", surname=NAME, date_of_birth=BORN, count=1)

        assert lines(stream)[0]["dropped_fields"] == 2
        assert total() == before + 2

    def test_below_the_level_nothing_is_written(self, stream):
        """Debugging is off by default."""
        log.debug("detail")

        assert stream.getvalue() == ""


def by_format_args(value):
    logging.getLogger(__name__).warning("value %s", value)


def by_f_string(value):
    log.info(f"value {value}")  # noqa: G004  The fault under test.


def by_concatenation(value):
    logging.getLogger("amqp").error("value " + value)  # noqa: G003  The fault under test.


def by_object_as_message(value):
    logging.getLogger(__name__).error(ValueError(value))


def by_extra_key(value):
    log.info("row read", **{value: 1})


def by_extra_value(value):
    log.info("row read", count=value, event_id=value, reason=value, field=value, route=f"/people/{value}")


def by_nested_value(value):
    log.info("row read", count=[value], outcome={"why": value})


def by_standard_extra(value):
    logging.getLogger(__name__).info("row read", extra={"fields": value, "note": value})


def by_exception(value):
    try:
        refuse(value)
    except ValueError:
        log.exception("row refused")


def by_exception_cause(value):
    try:
        try:
            refuse(value)
        except ValueError as error:
            raise KeyError(value) from error
    except KeyError:
        logging.getLogger(__name__).exception("row refused: %s", value)


def by_exception_note(value):
    try:
        error = ValueError("x")
        error.add_note(value)
        raise error
    except ValueError:
        log.exception("row refused")


def by_stack_info(value):
    logging.getLogger(__name__).info("here", stack_info=True, extra={"note": value})


def by_logger_name(value):
    logging.getLogger(value).warning("named")


def by_level_name(value):
    logging.addLevelName(33, value)
    logging.getLogger(__name__).log(33, "levelled")


def by_thread_name(value):
    thread = threading.Thread(target=lambda: log.info("in a thread"), name=value)
    thread.start()
    thread.join()


def by_warning(value):
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"odd value {value}", stacklevel=1)


def by_uncaught_in_a_thread(value):
    thread = threading.Thread(target=refuse, args=(value,))
    thread.start()
    thread.join()


def by_uncaught(value):
    try:
        refuse(value)
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)


def by_failing_text_form(value):
    class Odd:
        def __str__(self):
            raise ValueError(value)

        __repr__ = __str__

    logging.getLogger(__name__).warning("value %s", Odd(), extra={"count": Odd()})


ROUTES = [value for name, value in sorted(globals().items()) if name.startswith("by_")]


class TestNothingAPersonToldUsIsLogged:
    @pytest.mark.parametrize("planted", PLANTED)
    @pytest.mark.parametrize("route", ROUTES, ids=lambda route: route.__name__)
    def test_by_any_route(self, stream, capfd, route, planted):
        """A name, a phone number and a date of birth never appear, neither in the log nor on the screen."""
        root = logging.getLogger()
        # The test runner adds handlers of its own, which are none of the product's.
        root.handlers[:] = [handler for handler in root.handlers if isinstance(handler, QuietHandler)]

        route(planted)

        [line] = lines(stream)
        # The time may hold the same digits.
        del line["at"]
        written = json.dumps(line) + "".join(capfd.readouterr())
        assert not [part for part in PARTS if part in written]

    def test_a_failing_stream_does_not_print_the_record(self, stream, capfd):
        """The standard handler would print message and arguments to standard error."""
        stream.close()

        by_format_args(NAME)

        assert capfd.readouterr() == ("", "")

    def test_an_uncaught_exception_ends_a_program_without_its_text(self):
        """The interpreter's own traceback is replaced as well."""
        program = (
            "import sys\n"
            "from shared.telemetry.logs import configure_logging\n"
            "configure_logging(service='case', tenant='harbour', process_kind='job', stream=sys.stderr)\n"
            "class Held:\n"
            "    def __del__(self): raise ValueError(sys.argv[1])\n"
            "held = Held(); del held\n"
            "raise ValueError(sys.argv[1])"
        )
        ended = subprocess.run(
            [sys.executable, "-c", program, NAME], check=False, capture_output=True, text=True, cwd=Path.cwd()
        )

        assert ended.returncode == 1
        assert "ValueError" in ended.stderr
        assert len(ended.stderr.splitlines()) == 2
        assert not [part for part in PARTS if part in ended.stderr + ended.stdout]

    def test_a_message_made_at_run_time_is_withheld(self, stream):
        """Only what stands in the code is written."""
        by_f_string(NAME)

        assert lines(stream)[0]["message"] == WITHHELD

    def test_arguments_are_never_filled_in(self, stream):
        """The template stays a template."""
        by_format_args(NAME)

        assert lines(stream)[0]["message"] == "value %s"


class TestAllowedOnly:
    @given(st.dictionaries(st.sampled_from(sorted(ALLOWED_FIELDS)), st.text(min_size=1)))
    def test_free_text_with_a_space_or_a_leading_digit_never_passes(self, fields):
        """What people type has spaces, mixed case or digits first; codes and ids do not."""
        kept, dropped = allowed_only(fields)

        assert len(kept) + dropped == len(fields)
        for value in kept.values():
            assert " " not in value
            assert value.isascii()

    @pytest.mark.parametrize(
        "value",
        [NAME, PHONE, BORN, "07700900123", "Okafor", "+447700900123", "O'Brien", 7700900123, "a@b.uk", float("nan")],
    )
    @pytest.mark.parametrize("key", ["event_id", "reason", "count", "route", "tenant", "field", "error"])
    def test_planted_values_never_pass_under_an_allowed_key(self, key, value):
        """The key alone does not open the door."""
        assert allowed_only({key: value}) == ({}, 1)

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("event_type", "alongside.case.statistics_facts_changed.v1"),
            ("queue", "q.consent.case"),
            ("role", "HOST_DPO"),
            ("error_code", "key-destroyed"),
            ("route", "/v1/cases/<case_id>/close"),
            ("route", "/cases/{case_id}"),
            ("survivor_id", "6f9619ff-8b86-4011-b42d-00c04fc964ff"),
            ("tenant", "harbour2"),
            ("topology_hash", "ab" * 32),
            ("status", 409),
            ("error", "OperationFailure"),
            ("job", "seal-vectors"),
        ],
    )  # fmt: skip
    def test_ids_codes_and_numbers_pass(self, key, value):
        """What operators need is there."""
        assert allowed_only({key: value}) == ({key: value}, 0)
