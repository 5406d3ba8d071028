"""The nameko entrypoint ``consume``: a batch consumer inside a nameko container.

Promise: each batch runs as one nameko worker; whatever it raises is kept from the container; when told to stop,
the batch in hand is finished and acknowledged before the connection closes
(``tests/e2e/test_worker_processes.py``). This module, ``shared.bus.nameko_edge`` and the workers' start-up are
the only ones that know nameko (docs/decisions/0002-nameko-at-the-edge.md): ``shared.bus.consumer`` runs the same
handlers without it.
"""

import threading
from collections.abc import Sequence
from typing import Any

from shared.bus.consumer import BatchConsumer
from shared.bus.deliveries import Delivery
from shared.bus.nameko_edge import DependencyProvider, Entrypoint
from shared.bus.topology import Topology
from shared.kernel.stopping import Stop

CONFIG = "alongside"
GRACE_S = 25.0


class Consume(Entrypoint):  # type: ignore[misc]
    """Calls the decorated method with each batch of deliveries from ``q.<service>.<source>``."""

    def __init__(self, source: str, **options: Any) -> None:
        """Name the source service whose facts the method hears."""
        super().__init__(**options)
        self.source = source
        self._stop = Stop()
        self._ended = threading.Event()
        self._consumer: BatchConsumer | None = None
        self._watch: Any = None
        self._unfinished: list[str] = []

    def setup(self) -> None:
        """Find this service's queue in the topology."""
        settings = self.container.config[CONFIG][self.container.service_name]
        topology: Topology = settings["topology"]
        self._consumer = BatchConsumer(
            uri=settings["amqp_uri"],
            queue=topology.subscription(self.container.service_name, self.source).queue,
            settle=self._settle,
            batch_limit=settings["batch_limit"],
        )
        self._watch = settings["watch"]
        self._unfinished = settings.get("unfinished", self._unfinished)

    def start(self) -> None:
        """Begin to consume on a thread of its own."""
        self.container.spawn_managed_thread(self._run, identifier=f"consume-{self.source}")

    def stop(self) -> None:
        """Finish and acknowledge the batch in hand, then close; note it where the grace was too short."""
        self._stop.set()
        if not self._ended.wait(GRACE_S):
            self._unfinished.append(f"{self.container.service_name}-{self.source}")

    def kill(self) -> None:
        """Stop without waiting; what is not acknowledged comes again."""
        self._stop.set()

    def _run(self) -> None:
        try:
            if self._consumer is not None:
                loop = f"consume-{self.container.service_name}-{self.source}"
                self._consumer.run(self._watch(self._stop, loop=loop, ready=self._consumer.consuming.is_set))
        finally:
            self._ended.set()

    def _settle(self, batch: Sequence[Delivery]) -> None:
        finished = threading.Event()
        raised: list[BaseException] = []

        def keep_error(_context: Any, result: Any, error: Any) -> tuple[Any, Any]:
            if error is not None:
                raised.append(error[1])
            finished.set()
            return result, error

        self.container.spawn_worker(self, (batch,), {}, handle_result=keep_error)
        finished.wait()
        if raised:
            raise raised[0]


consume = Consume.decorator


class Inboxes(DependencyProvider):  # type: ignore[misc]
    """Gives a service class the inbox that its wiring built."""

    def get_dependency(self, worker_ctx: Any) -> Any:
        """Give the inbox of this container's service."""
        return self.container.config[CONFIG][worker_ctx.service_name]["inbox"]
