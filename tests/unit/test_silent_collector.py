"""An exporter whose collector takes long never holds up the work beside it."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]

EXPORT = """
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
end, turns = time.monotonic() + 2.5, 0
while time.monotonic() < end:
    for _ in range(20):
        with start_span("case consume") as span:
            span.set(count=3)
    counter(CONSUMED).add(3, consumer="case", source="case", outcome="committed")
    time.sleep(0.005)
    turns += 1
began = time.monotonic()
stop()
print(turns, time.monotonic() - began)
"""


@pytest.fixture
def silent_collector():
    """A port that takes connections into its backlog and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(50)
        yield listener.getsockname()[1]


def test_a_collector_that_takes_long_holds_up_nothing(silent_collector):
    """While a collector accepts and never answers, the work goes on; the process still ends soon."""
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", EXPORT, str(silent_collector)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={"PYTHONPATH": str(PROJECT), "PATH": "/usr/bin:/bin"},
    )
    assert result.returncode == 0, result.stderr[-500:]
    turns, ended = map(float, result.stdout.split())
    print(f"{turns:.0f} turns, end after {ended:.1f} s")
    # The collector's silence is 4 s a try, the loop's whole time 2.5 s: who waited would hardly turn.
    assert turns > 20
