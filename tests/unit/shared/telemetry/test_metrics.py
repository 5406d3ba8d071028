import re
import socket
import subprocess
import sys
import timeit
from pathlib import Path

import pytest
from opentelemetry.sdk.metrics.export import InMemoryMetricReader

from shared.telemetry import metric_names
from shared.telemetry.log_fields import ALLOWED_FIELDS
from shared.telemetry.metric_names import (
    COMMIT_DURATION,
    CONSUMED,
    METRICS,
    OUTBOX_DEPTH,
    MetricKind,
)
from shared.telemetry.metrics import (
    LabelNotListedError,
    MetricNotListedError,
    configure_metrics,
    counter,
    gauge,
    histogram,
    snapshot,
)


@pytest.fixture(autouse=True)
def _fresh():
    configure_metrics((), resource={})


class TestTheList:
    def test_names_are_unique_and_each_has_unit_and_meaning(self):
        """One list, nothing left unsaid."""
        names = [metric.name for metric in METRICS]
        assert len(set(names)) == len(names)
        for metric in METRICS:
            assert re.fullmatch(r"(alongside|http)(\.[a-z_]+)+", metric.name)
            assert metric.unit
            assert metric.meaning.endswith(".")

    def test_every_constant_is_in_the_list(self):
        """A metric added above is usable at once."""
        constants = [v for v in vars(metric_names).values() if isinstance(v, metric_names.Metric)]
        assert set(constants) == set(METRICS)

    def test_histograms_and_only_they_have_rising_edges(self):
        """A histogram without edges says nothing."""
        for metric in METRICS:
            assert bool(metric.edges) is (metric.kind is MetricKind.HISTOGRAM)
            assert list(metric.edges) == sorted(set(metric.edges))

    def test_no_label_names_a_person_or_a_case(self):
        """Labels are codes; ids of people and cases are none."""
        for metric in METRICS:
            assert not [label for label in metric.labels if label.endswith("_id")]
            assert metric.labels <= ALLOWED_FIELDS.keys()


class TestInstruments:
    def test_a_snapshot_shows_what_was_measured(self):
        """Counters sum, gauges stand, histograms spread."""
        counter(CONSUMED).add(2, consumer="consent", source="case", outcome="applied")
        counter(CONSUMED.name).add(3, consumer="consent", source="case", outcome="applied")
        gauge(OUTBOX_DEPTH).set(7, service="case", route="local")
        gauge(OUTBOX_DEPTH).set(4, service="case", route="local")
        histogram(COMMIT_DURATION).record(0.02, service="case")

        found = snapshot()

        labels = {"consumer": "consent", "source": "case", "outcome": "applied"}
        assert found[CONSUMED.name]["points"] == [{"labels": labels, "value": 5}]
        assert found[CONSUMED.name]["unit"] == "{message}"
        assert found[OUTBOX_DEPTH.name]["points"][0]["value"] == 4
        [point] = found[COMMIT_DURATION.name]["points"]
        assert (point["count"], point["sum"]) == (1, 0.02)
        assert point["edges"] == list(COMMIT_DURATION.edges)

    def test_a_snapshot_takes_nothing_away(self):
        """Two readers see the same."""
        counter(CONSUMED).add(1)
        assert snapshot()[CONSUMED.name] == snapshot()[CONSUMED.name]

    def test_refuses_names_outside_the_list_and_wrong_kinds(self):
        """A metric nobody described is none."""
        with pytest.raises(MetricNotListedError):
            counter("alongside.made_up")
        with pytest.raises(MetricNotListedError):
            counter(OUTBOX_DEPTH)
        with pytest.raises(MetricNotListedError):
            gauge(CONSUMED)
        with pytest.raises(MetricNotListedError):
            histogram(CONSUMED)

    @pytest.mark.parametrize(
        "labels",
        [{"survivor_id": "s"}, {"consumer": "Amina Okafor"}, {"Amina": "x"}, {"consumer": "1990-02-03"}],
    )
    def test_refuses_other_labels_and_free_text_without_quoting_it(self, labels):
        """No name reaches a metric, nor the error that says so."""
        with pytest.raises(LabelNotListedError) as caught:
            counter(CONSUMED).add(1, **labels)

        assert "Amina" not in str(caught.value)
        assert CONSUMED.name not in snapshot()

    def test_further_readers_see_the_same(self):
        """An exporter is a reader that the wiring brings."""
        reader = InMemoryMetricReader()
        configure_metrics([reader], resource={"service.name": "case"})

        counter(CONSUMED).add(1)

        assert reader.get_metrics_data().resource_metrics[0].resource.attributes["service.name"] == "case"

    def test_an_add_is_cheap_enough_for_a_batch(self):
        """Some ten microseconds, whoever reads."""
        used = counter(CONSUMED)
        best = min(timeit.repeat(lambda: used.add(1, consumer="consent"), number=1000, repeat=5)) / 1000
        print(f"one add: {best * 1e6:.1f} µs")
        assert best < 100e-6


class TestNoNetwork:
    def test_importing_and_using_all_telemetry_opens_no_socket(self):
        """Nothing leaves the process by default, whatever the environment says."""
        program = (
            "import socket, sys, io\n"
            "def refuse(*a, **k): raise SystemExit('a socket was opened')\n"
            "socket.socket.connect = socket.socket.sendto = refuse\n"
            "from shared.telemetry.logs import configure_logging, get_logger\n"
            "from shared.telemetry import export, metrics, metric_names, traces\n"
            "configure_logging(service='case', tenant='t1', process_kind='job', stream=io.StringIO())\n"
            "with traces.start_span('x'): get_logger('x').info('y')\n"
            "metrics.counter(metric_names.CONSUMED).add(1); metrics.snapshot()\n"
            "assert not [m for m in sys.modules if m.startswith('opentelemetry.exporter')]"
        )
        environment = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_TRACES_EXPORTER": "otlp"}
        ended = subprocess.run(
            [sys.executable, "-c", program],
            check=False,
            capture_output=True,
            text=True,
            cwd=Path.cwd(),
            env=environment,
        )
        assert ended.stderr + ended.stdout == ""
        assert ended.returncode == 0
        assert socket.socket.connect
