"""``python -m deploy.bench.webhooks [EVENTS]``: whether dead receivers harm the living, and whether anything is lost.

On engines of its own: 14 healthy receivers here get a burst of events, first alone, then beside 6 dead ones (one
third hangs, one third cuts the connection, one third answers 500): 20 deliveries for each event. It prints the rate and
the 99th hundredth of the time from burst to arrival of each run, and their ratio. Then every webhook is disabled
in the middle of another burst. It ends with 1 if an event was lost, or more arrived after that than was in flight.
"""

import json
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from uuid import uuid4

from deploy.bench.feed import open_bench
from deploy.bench.rig import engines_at
from deploy.engines.layout import Layout
from deploy.provision.credentials import Vault
from services.integrations.store.keeping import append
from services.integrations.webhooks.dispatching import Dispatcher
from shared.contracts.case import EpisodeOpened
from shared.kernel.clock import real_now
from shared.kernel.ids import new_event_id, new_id
from shared.kernel.messages import Received
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.runtime.serving import build_app
from shared.web.tokens import TokenIssuer

EVENTS = 500
HEALTHY, DEAD = 14, 6
_PORT_BASE = 26_900
_AT_ONCE = 100
_LONGEST_S = 1_800.0
_HUNDREDTH = 0.99


def main(arguments: Sequence[str] | None = None) -> int:
    """Run and print."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    events = int(given[0]) if given else EVENTS
    with engines_at(_PORT_BASE) as engines:
        report = _report(engines.layout, events)
    sys.stdout.write(json.dumps(report, indent=1) + "\n")
    return 0 if report["lost"] == 0 and report["after_disable"] <= report["in_flight_at_most"] else 1


class Receivers:
    """Healthy receivers, which note when each delivery came, and dead ones of three kinds."""

    def __init__(self) -> None:
        """Note nothing yet."""
        self.arrived: dict[str, list[tuple[str, float]]] = {}
        self.ended = threading.Event()

    @contextmanager
    def serving(self, status: int) -> Iterator[int]:
        """Serve every path with a status; gives the port."""
        arrived = self.arrived

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                if status < 300:  # noqa: PLR2004  A dead one's arrivals count nowhere.
                    arrived.setdefault(self.path, []).append((self.headers["webhook-id"], time.monotonic()))
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  The library's name.
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()

    @contextmanager
    def silent(self, *, hangs: bool) -> Iterator[int]:
        """Take connections and never answer, or cut each; gives the port."""
        listening = socket.create_server(("127.0.0.1", 0))
        held = []

        def accept() -> None:
            while not self.ended.is_set():
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return
                if hangs:
                    held.append(connection)
                else:
                    connection.close()

        threading.Thread(target=accept, daemon=True).start()
        try:
            yield listening.getsockname()[1]
        finally:
            self.ended.set()
            listening.close()


class Bench:
    """One host with webhooks, asked over its own routes."""

    def __init__(self, layout: Layout, context: ServiceContext) -> None:
        """Take the host."""
        self._context = context
        self._client = build_app({"integrations": context}).test_client()
        key = Vault.of(layout.secrets_dir, context.tenant_id).token_key()[0].read_text(encoding="utf-8").strip()
        who = Principal(
            actor_id=new_id(),
            tenant_id=context.tenant_id,
            organisation_id=str(context.tenant_id),
            role="HOST_ADMIN",
            scopes=frozenset(),
        )
        self._token = TokenIssuer(key, issuer=str(context.tenant_id)).issue(who)
        self.dispatcher = Dispatcher(context)

    def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Ask for something."""
        headers = {"Authorization": f"Bearer {self._token}", "Idempotency-Key": str(uuid4())}
        answer = self._client.post(path, json=body, headers=headers)
        if not answer.is_json or answer.status_code >= 400:  # noqa: PLR2004  HTTP's own bound.
            raise RuntimeError(f"{path}: {answer.status_code}")
        return dict(answer.get_json())

    def add(self, port: int, name: str) -> str:
        """Add a webhook."""
        return str(self.post("/v1/webhooks", {"url": f"http://127.0.0.1:{port}/{name}"})["id"])

    def burst(self, events: int) -> float:
        """Keep events; give when the first could be seen."""
        began = time.monotonic()
        for first in range(0, events, _AT_ONCE):
            run = partial(_keep, number=min(_AT_ONCE, events - first))
            self._context.committer.execute(Command(run=run))
        return began

    def until(self, done: Callable[[], bool]) -> None:
        """Deliver as the worker's part does until something is so."""
        longest = time.monotonic() + _LONGEST_S
        nobody = threading.Event()
        while not done() and time.monotonic() < longest:
            self.dispatcher.step(nobody)
            time.sleep(0.05)

    def rows(self, **where: Any) -> int:
        """Count deliveries."""
        return self._context.client[self._context.database_name]["webhook_deliveries"].count_documents(where)


def _keep(work: UnitOfWork, number: int) -> Answer:
    for _ in range(number):
        event = EpisodeOpened(episode_id=new_id(), survivor_id=new_id(), advocate_id=None, nation_of_support="WALES")
        received = Received(
            event=event, event_id=new_event_id(), sequence=1, stream_n=None, recorded_at=real_now(), sender="bench"
        )
        append(received, work)
    return Answer(status=200)


def _report(layout: Layout, events: int) -> dict[str, Any]:
    context = open_bench(layout)
    receivers = Receivers()
    bench = Bench(layout, context)
    try:
        with ExitStack() as stack:
            good = stack.enter_context(receivers.serving(200))
            ids = [bench.add(good, f"alone-{n}") for n in range(HEALTHY)]
            alone = _run(bench, receivers, events, "alone")
            for one in ids:
                bench.post(f"/v1/webhooks/{one}/remove", {})
            dead_ports = [
                stack.enter_context(receivers.silent(hangs=True)),
                stack.enter_context(receivers.silent(hangs=False)),
                stack.enter_context(receivers.serving(500)),
            ]
            healthy = [bench.add(good, f"beside-{n}") for n in range(HEALTHY)]
            dead = [bench.add(dead_ports[n % len(dead_ports)], f"dead-{n}") for n in range(DEAD)]
            beside = _run(bench, receivers, events, "beside")
            bench.until(lambda: bench.rows(endpoint_id={"$in": dead}) == DEAD * events)
            lost = HEALTHY * events - bench.rows(endpoint_id={"$in": healthy}, state="SENT")
            lost += DEAD * events - bench.rows(endpoint_id={"$in": dead}, state="WAITING")
            late, missing = _disable_all(bench, receivers, healthy, dead, events)
    finally:
        context.committer.close()
        context.client.close()
    return {
        "deliveries": (HEALTHY + DEAD) * events,
        "alone": alone,
        "beside_the_dead": beside,
        "p99_ratio": round(beside["p99_s"] / alone["p99_s"], 2),
        "lost": lost + missing,
        "after_disable": late,
        "in_flight_at_most": HEALTHY,
    }


def _run(bench: Bench, receivers: Receivers, events: int, name: str) -> dict[str, float]:
    def arrivals() -> list[tuple[str, float]]:
        return [one for path, came in list(receivers.arrived.items()) if path.startswith(f"/{name}") for one in came]

    began = bench.burst(events)
    bench.until(lambda: len(arrivals()) >= HEALTHY * events)
    bench.until(lambda: bench.rows(state="SENT") >= len([one for came in receivers.arrived.values() for one in came]))
    took = sorted(at - began for _, at in arrivals())
    return {
        "arrived": len(took),
        "per_s": round(len(took) / took[-1], 1),
        "p50_s": round(took[len(took) // 2], 2),
        "p99_s": round(took[int(len(took) * _HUNDREDTH)], 2),
    }


def _disable_all(
    bench: Bench, receivers: Receivers, healthy: list[str], dead: list[str], events: int
) -> tuple[int, int]:
    """Disable everything in the middle of a burst; give what arrived after the answers, and what is nowhere."""
    before = sum(len(came) for came in receivers.arrived.values())
    bench.burst(_AT_ONCE)
    bench.until(lambda: sum(len(came) for came in receivers.arrived.values()) > before + HEALTHY)
    for one in (*healthy, *dead):
        bench.post(f"/v1/webhooks/{one}/disable", {})
    at_answer = sum(len(came) for came in receivers.arrived.values())
    bench.dispatcher.finish(60)
    everybody = HEALTHY + DEAD
    bench.until(lambda: bench.rows(endpoint_id={"$in": [*healthy, *dead]}) == everybody * (events + _AT_ONCE))
    late = sum(len(came) for came in receivers.arrived.values()) - at_answer
    missing = everybody * (events + _AT_ONCE) - bench.rows(endpoint_id={"$in": [*healthy, *dead]})
    return late, missing


if __name__ == "__main__":
    sys.exit(main())
