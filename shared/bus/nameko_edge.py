"""nameko's runner, container, entrypoint and dependency provider, on native threads; imported nowhere else.

Promise: a container's end, also by an error, ends its peers and is raised; a worker that ends before nameko has
noted it is not kept for ever (``tests/unit/shared/bus/test_nameko_edge.py``).

Two things of nameko are safe on greenlets only, which give way where they choose: ``fail_fast_imap`` forgets a
thread before its result is queued, so a runner waits here without it; and ``spawn_worker`` notes a thread after
that may have ended.
"""

import queue
from typing import Any

from shared.bus import native_threads
from shared.bus.native_threads import Event, Thread, spawn, standing_in

with standing_in():
    from nameko import containers
    from nameko.extensions import DependencyProvider, Entrypoint
    from nameko.runners import ServiceRunner

__all__ = ["DependencyProvider", "Entrypoint", "Runner", "ThreadedContainer"]

if containers.Event is not Event or containers.GreenPool is not native_threads.Pool:
    raise ImportError("nameko was imported before shared.bus.nameko_edge, with eventlet instead of native threads.")


class ThreadedContainer(containers.ServiceContainer):  # type: ignore[misc]
    """A container that keeps no worker which has ended."""

    def spawn_worker(self, *arguments: Any, **options: Any) -> Any:
        """Run the service's method for one batch on a thread of its own."""
        context = super().spawn_worker(*arguments, **options)
        thread: Thread | None = self._worker_threads.get(context)
        # It may have ended, and been forgotten, just before nameko noted it.
        if thread is not None and thread.ended():
            self._worker_threads.pop(context, None)
        return context


class Runner(ServiceRunner):  # type: ignore[misc]
    """A runner of threaded containers."""

    def __init__(self, config: dict[str, Any]) -> None:
        """Take nameko's configuration."""
        super().__init__(config)
        self.container_cls = ThreadedContainer

    def wait(self) -> None:
        """Wait until every container has stopped; the first that fails stops its peers, and its error is raised."""
        ends: queue.SimpleQueue[BaseException | None] = queue.SimpleQueue()

        def wait_for(container: ThreadedContainer) -> None:
            try:
                container.wait()
            except Exception as error:  # noqa: BLE001  Raised below, where the runner's caller sees it.
                ends.put(error)
            else:
                ends.put(None)

        containers_now = list(self.containers)
        for container in containers_now:
            spawn(wait_for, container)
        for _ in containers_now:
            error = ends.get()
            if error is not None:
                self.stop()
                raise error
