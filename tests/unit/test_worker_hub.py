"""A worker's eventlet hub prints no exception's text, and an exporter never holds it up."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

HUB = """
import eventlet
eventlet.monkey_patch()
import os, sys
from shared.runtime.hub import quiet_hub
from shared.telemetry.logs import configure_logging

configure_logging(service="case", tenant="h", process_kind="worker", stream=sys.stderr)
if sys.argv[1] == "quiet":
    quiet_hub()

def fail():
    raise ValueError("Okafor born 1991-02-03")

class Bad:
    def __call__(self, *_):
        fail()

eventlet.spawn_after(0, fail)
eventlet.spawn_n(fail)
eventlet.spawn(fail)
eventlet.GreenPool(2).spawn_n(fail)
r, w = os.pipe()
eventlet.hubs.get_hub().add("read", r, Bad(), Bad(), lambda: None)
os.write(w, b"x")
eventlet.sleep(0.2)
"""

EXPORT = """
import eventlet
eventlet.monkey_patch()
import os, sys, time
port = int(sys.argv[1])
os.environ["OTEL_EXPORTER_OTLP_ENDPOINT"] = f"http://127.0.0.1:{port}"
os.environ["OTEL_METRIC_EXPORT_INTERVAL"] = "300"
os.environ["OTEL_BSP_SCHEDULE_DELAY"] = "200"
from shared.runtime.exporting import start_export
from shared.telemetry.metric_names import CONSUMED
from shared.telemetry.metrics import counter
from shared.telemetry.traces import start_span

stop = start_export("worker", tenant="h", services=("case",))
end, last, gaps = time.monotonic() + 2.5, time.monotonic(), []
while time.monotonic() < end:
    for _ in range(20):
        with start_span("case consume") as span:
            span.set(count=3)
    counter(CONSUMED).add(3, consumer="case", source="case", outcome="committed")
    eventlet.sleep(0.005)
    now = time.monotonic()
    gaps.append(now - last)
    last = now
began = time.monotonic()
stop()
print(len(gaps), max(gaps), time.monotonic() - began)
"""


def run(program, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
    )


@pytest.fixture
def silent_collector():
    """A port that takes connections into its backlog and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


def test_by_itself_the_hub_would_print_what_a_person_told_us():
    """The reason for the rule: without our hub the text stands on standard error."""
    assert "Okafor" in run(HUB, "loud").stderr


def test_our_hub_logs_class_and_frames_as_json_and_no_text():
    """Timers, greenlets and listeners alike."""
    result = run(HUB, "quiet")
    assert "Okafor" not in result.stderr + result.stdout
    assert "1991" not in result.stderr
    lines = [json.loads(line) for line in result.stderr.splitlines()]
    failures = [line for line in lines if line["message"] == "a greenlet failed"]
    assert len(failures) >= 3
    assert all("ValueError" in line["exception"]["classes"] for line in failures)


def test_a_collector_that_takes_long_holds_up_no_greenlet(silent_collector):
    """While a collector accepts and never answers, the hub goes on; the process still ends soon."""
    result = run(EXPORT, str(silent_collector))
    assert result.returncode == 0, result.stderr[-500:]
    ticks, longest, ended = map(float, result.stdout.split())
    print(f"{ticks:.0f} turns, longest gap of the hub {longest * 1000:.0f} ms, end after {ended:.1f} s")
    # The collector's silence is 4 s a try, the loop's whole time 2.5 s: a hub that waited would hardly turn.
    assert ticks > 20
