"""Fixtures of the whole suite: its own broker and database, started once and only if a test asks."""

import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from deploy.engines.waiting import wait_until

# Below the range from which Linux gives clients their ports (32768), so that none of ours is taken by chance.
LOWEST_PORT_BASE = 20_000
HIGHEST_PORT_BASE = 26_800
PORTS_PER_STACK = 200


class Eventually(Protocol):
    """Waits for a fact."""

    def __call__(self, condition: Callable[[], object], *, within_s: float = 5.0) -> None:
        """Return when ``condition()`` is true; fail the test after ``within_s`` seconds."""


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """``eventually(lambda: queue_depth() == 0, within_s=10)``: wait for a fact, never sleep."""

    def wait(condition: Callable[[], object], *, within_s: float = 5.0) -> None:
        if not wait_until(lambda: bool(condition()), within_s=within_s):
            pytest.fail(f"not so within {within_s} s")

    return wait


@pytest.fixture(scope="session")
def make_layout() -> Iterator[Callable[[], Layout]]:
    """Makes layouts with a new temporary home and free ports each; the homes are removed at the end.

    What a test starts there it must stop itself.
    """
    homes: list[Path] = []

    def make() -> Layout:
        homes.append(Path(tempfile.mkdtemp(prefix="alongside-test-")))
        return Layout(home=homes[-1], port_base=_free_port_base())

    yield make
    for home in homes:
        shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(scope="session")
def engines(make_layout: Callable[[], Layout]) -> Iterator[EnginePair]:
    """A running MongoDB and RabbitMQ of the suite's own, beside any stack that runs.

    ``ALONGSIDE_TEST_ENGINES=<home>:<port base>`` names a pair to use instead; it is started if it does not
    run and left running (``python -m deploy.engines up`` prints the line).
    """
    named = os.environ.get("ALONGSIDE_TEST_ENGINES")
    if named:
        home, _, port_base = named.rpartition(":")
        kept = EnginePair(Layout(home=Path(home), port_base=int(port_base)))
        kept.start()
        yield kept
        return
    own = EnginePair(make_layout())
    try:
        own.start()
        yield own
    finally:
        own.stop()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as integration every test that asks for the engines, directly or through another fixture."""
    for item in items:
        if "engines" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)


def _free_port_base() -> int:
    """A port base whose first 40 ports are free; suites that run side by side start at different places."""
    bases = range(LOWEST_PORT_BASE, HIGHEST_PORT_BASE, PORTS_PER_STACK)
    offset = os.getpid() % len(bases)
    for base in [*bases[offset:], *bases[:offset]]:
        if base not in _GIVEN and all(_is_free(base + port) for port in range(40)):
            _GIVEN.add(base)
            return base
    pytest.fail("no free range of ports for the suite's engines")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


_GIVEN: set[int] = set()
