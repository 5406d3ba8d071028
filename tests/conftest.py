"""Fixtures of the whole suite: its own broker and database, started once and only if a test asks."""

import signal
from collections.abc import Callable
from typing import Protocol

import pytest

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from deploy.engines.waiting import wait_until
from tests.kit.suite import Suite

_SUITE = pytest.StashKey[Suite]()


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
def make_layout(pytestconfig: pytest.Config) -> Callable[[], Layout]:
    """Makes layouts with a new home and ports of their own each, which no other test or suite gets.

    What a test starts there it must stop itself; what it could not stop is stopped when the suite ends.
    """
    return pytestconfig.stash[_SUITE].new_layout


@pytest.fixture(scope="session")
def engines(pytestconfig: pytest.Config) -> EnginePair:
    """A running MongoDB and RabbitMQ of the suite's own, beside any stack that runs; all workers share them.

    A test makes databases, vhosts and tenants of its own there, and never stops or breaks an engine: for that
    there is ``make_layout``. ``ALONGSIDE_TEST_ENGINES=<home>:<port base>`` names a pair to use instead; it is
    started if it does not run and left running (``python -m deploy.engines up`` prints the line).
    """
    return pytestconfig.stash[_SUITE].engines()


def pytest_configure(config: pytest.Config) -> None:
    """Begin the suite, or join the controller's."""
    told = getattr(config, "workerinput", {}).get("suite")
    if told is not None:
        config.stash[_SUITE] = Suite.join(told)
        return
    config.stash[_SUITE] = Suite.begin()
    # What ends a suite on a build server must stop the engines too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node) -> None:  # A worker controller of pytest-xdist.
    """Tell each worker of the suite."""
    node.workerinput["suite"] = node.config.stash[_SUITE].for_worker(node.gateway.id)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the suite, if this process began it."""
    suite = config.stash.get(_SUITE, None)
    if suite is not None and suite.worker == "main":
        suite.end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark as integration every test that asks for the engines, directly or through another fixture."""
    for item in items:
        if "engines" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.integration)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log):
    """Whole modules to each worker, the longest first."""
    from tests.kit.scheduling import ByModule

    return ByModule(config, log)
