"""An OTLP receiver for tests: keeps every span and metric that processes send, with what each says."""

import gzip
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from google.protobuf.json_format import MessageToDict
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest


def attributes(message):
    return {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in message.attributes}


class Collector:
    """Listens on a free port; ``spans`` and ``metrics`` grow while processes export."""

    def __init__(self):
        self.spans = []
        self.metrics = []
        self.raw = []
        owner = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.headers.get("Content-Encoding") == "gzip":
                    body = gzip.decompress(body)
                owner._take(self.path, body)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self._server.server_port}"

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def _take(self, path, body):
        if path == "/v1/traces":
            request = ExportTraceServiceRequest.FromString(body)
            for resource in request.resource_spans:
                process = attributes(resource.resource)
                for scope in resource.scope_spans:
                    self.spans += [(process, span) for span in scope.spans]
        else:
            request = ExportMetricsServiceRequest.FromString(body)
            for resource in request.resource_metrics:
                process = attributes(resource.resource)
                for scope in resource.scope_metrics:
                    self.metrics += [(process, metric) for metric in scope.metrics]
        self.raw.append(MessageToDict(request))

    def texts(self):
        """Every key and every text in what was received; ids of traces and spans are not ours to read."""
        found = []
        for message in list(self.raw):
            _collect(message, found)
        return found

    def points(self, name):
        """Every point of a metric, newest last, as (process, labels, point)."""
        for process, metric in list(self.metrics):
            if metric.name == name:
                for point in getattr(metric, metric.WhichOneof("data")).data_points:
                    yield process, attributes(point), point

    def traces_of(self, tenant):
        return {span.trace_id for process, span in list(self.spans) if process["alongside.tenant"] == tenant}


def _collect(value, found):
    if isinstance(value, dict):
        for key, inner in value.items():
            found.append(key)
            if key not in ("traceId", "spanId", "parentSpanId", "timeUnixNano", "startTimeUnixNano"):
                _collect(inner, found)
    elif isinstance(value, list):
        for inner in value:
            _collect(inner, found)
    else:
        found.append(str(value))
