"""Native threads in place of the few names that nameko's container takes from eventlet.

nameko 2.14.1 takes from eventlet a pool, an event, ``spawn`` and a queue, and from greenlet one exception. While
``standing_in`` lasts these modules stand where an import looks for them, so nameko's container and runner import
ours; nothing of eventlet is loaded, and nothing that other code imports is replaced
(``tests/unit/shared/bus/test_native_threads.py``).

Limit: a native thread cannot be killed, so ``kill`` does nothing, and whatever runs in a container must obey its
stop signal. These are for nameko alone, and only what it uses is here.
"""

import queue
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import ModuleType, TracebackType
from typing import Any

LAST_WAIT_S = 1.0
"""Seconds that a pool waits for workers once every entrypoint has had its own grace (``shared.bus.entrypoint``)."""

_NAMES = ("eventlet", "eventlet.event", "eventlet.greenpool", "eventlet.queue", "greenlet")

ExceptionInfo = tuple[type[BaseException], BaseException, TracebackType | None]


class ThreadExit(BaseException):
    """What nameko expects of a thread that was killed; nothing raises it here."""


class Event:
    """Something that happens once, with a value or an exception."""

    def __init__(self) -> None:
        """Begin with nothing sent."""
        self._sent = threading.Event()
        self._sending = threading.Lock()
        self._value: Any = None
        self._error: BaseException | None = None

    def ready(self) -> bool:
        """Whether it has happened."""
        return self._sent.is_set()

    def send(self, result: Any = None, exc: ExceptionInfo | None = None) -> None:
        """Let it happen; the first of several counts, since nameko's stop and kill may both send at the end."""
        with self._sending:
            if not self._sent.is_set():
                self._value, self._error = result, exc[1] if exc else None
                self._sent.set()

    def wait(self) -> Any:
        """Wait for it; give its value or raise its exception."""
        self._sent.wait()
        if self._error is not None:
            raise self._error
        return self._value


class Thread:
    """One call on a thread of its own."""

    def __init__(self, call: Callable[[], Any], *, name: str, at_end: Callable[[], None] = lambda: None) -> None:
        """Begin it at once; ``at_end`` runs on its thread when its outcome is known, before those who are linked."""
        self._outcome = Event()
        self._links: list[Callable[[], Any]] = []
        self._linking = threading.Lock()
        self._at_end = at_end
        # A daemon: what does not finish within its grace must not keep the process from ending with 75.
        threading.Thread(target=self._run, args=(call,), name=name, daemon=True).start()

    def ended(self) -> bool:
        """Whether its outcome is known."""
        return self._outcome.ready()

    def wait(self) -> Any:
        """Wait for its end; give what it returned or raise what it raised."""
        return self._outcome.wait()

    def link(self, function: Callable[..., Any], *arguments: Any) -> None:
        """Call a function with this thread when it has ended, or now if it has."""

        def call() -> Any:
            return function(self, *arguments)

        with self._linking:
            if not self._outcome.ready():
                self._links.append(call)
                return
        call()

    def kill(self) -> None:
        """Do nothing: a native thread cannot be killed."""

    def _run(self, call: Callable[[], Any]) -> None:
        value, error = None, None
        try:
            value = call()
        except BaseException:  # noqa: BLE001  Kept for whoever waits; nameko's links look at it.
            error = sys.exc_info()
        with self._linking:
            self._outcome.send(value, error)  # type: ignore[arg-type]
            links = list(self._links)
        self._at_end()
        for linked in links:
            linked()


class Pool:
    """At most so many threads at a time."""

    def __init__(self, size: int = 1000) -> None:
        """Take the number."""
        self._free = threading.BoundedSemaphore(max(size, 1))
        self._running = 0
        self._ended = threading.Condition()

    def spawn(self, function: Callable[..., Any], *arguments: Any) -> Thread:
        """Call a function on a thread of its own, as soon as there is room."""
        self._free.acquire()
        with self._ended:
            self._running += 1
        return Thread(lambda: function(*arguments), name=_name_of(function), at_end=self._let_go)

    def imap(self, function: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        """Call a function with every item at once, and give what it returned, in the items' order."""
        threads = [self.spawn(function, item) for item in items]
        return (thread.wait() for thread in threads)

    def waitall(self) -> None:
        """Wait a little for those that still run; what is left then is what its entrypoint has noted as unfinished."""
        with self._ended:
            self._ended.wait_for(lambda: not self._running, timeout=LAST_WAIT_S)

    def _let_go(self) -> None:
        self._free.release()
        with self._ended:
            self._running -= 1
            self._ended.notify_all()


def spawn(function: Callable[..., Any], *arguments: Any) -> Thread:
    """Call a function on a thread of its own."""
    return Thread(lambda: function(*arguments), name=_name_of(function))


@contextmanager
def standing_in() -> Iterator[None]:
    """Let an import find these where it looks for eventlet and greenlet; afterwards all is as before."""
    before = {name: sys.modules.get(name) for name in _NAMES}
    sys.modules.update(_stand_ins())
    try:
        yield
    finally:
        for name, module in before.items():
            if module is None:
                del sys.modules[name]
            else:
                sys.modules[name] = module


def _stand_ins() -> dict[str, ModuleType]:
    modules = {name: ModuleType(name, "Native threads for nameko.") for name in _NAMES}
    # Read by type checkers as modules without names; nameko reads these.
    given: dict[str, dict[str, Any]] = {
        "eventlet": {"spawn": spawn, "GreenPool": Pool},
        "eventlet.event": {"Event": Event},
        "eventlet.greenpool": {"GreenPool": Pool},
        # Used by the one function of nameko's that ``shared.bus.nameko_edge`` does without.
        "eventlet.queue": {"LightQueue": queue.Queue},
        "greenlet": {"GreenletExit": ThreadExit},
    }
    for name, names in given.items():
        vars(modules[name]).update(names)
    return modules


def _name_of(function: Callable[..., Any]) -> str:
    return getattr(function, "__name__", "nameko")
