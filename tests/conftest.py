"""Fixtures of the whole suite: its own broker and database, started once and only if a test asks."""

import signal
from collections.abc import Callable
from typing import Protocol

import pytest
from hypothesis import HealthCheck, settings

from deploy.engines.layout import Layout
from deploy.engines.pair import EnginePair
from deploy.engines.waiting import wait_until
from tests.kit.budget import Ledger, Meter
from tests.kit.suite import Suite

_SUITE = pytest.StashKey[Suite]()
_METER = pytest.StashKey[Meter]()
_LAST = pytest.StashKey[bool]()

# What a property says holds on a busy machine too: no example has a deadline, and slow drawing is no failure.
settings.register_profile("suite", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("suite")


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


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add what ``make test`` asks for beside the tests themselves."""
    parser.addoption("--budget", action="store_true", help="print what each folder took; fail if one outgrew its share")


def pytest_configure(config: pytest.Config) -> None:
    """Begin the suite, or join the controller's."""
    config.stash[_METER] = Meter()
    if config.getoption("budget") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(_Budget())
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


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item) -> None:
    """Begin to measure a test."""
    item.config.stash[_METER].begin()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    """Note a process's last test, after which it ends what all its tests shared: that is no one test's cost."""
    item.stash[_LAST] = nextitem is None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item):
    """Let each report carry what its phase took, also from a worker to the controller."""
    report = yield
    took = item.config.stash[_METER].lap()
    report.cpu_s, report.wall_s = (0.0, 0.0) if report.when == "teardown" and item.stash[_LAST] else took
    return report


class _Budget:
    """Adds up what reports carry, in the one process that sees all of them."""

    def __init__(self) -> None:
        self.ledger = Ledger()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.ledger.note(
            report.nodeid,
            cpu_s=getattr(report, "cpu_s", 0.0),
            wall_s=getattr(report, "wall_s", 0.0),
            is_call=report.when == "call",
        )

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        if session.exitstatus == pytest.ExitCode.OK and any(self.ledger.outgrown()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        terminalreporter.section("processor time by folder")
        for line in self.ledger.table():
            terminalreporter.write_line(line)
        for line in self.ledger.outgrown():
            terminalreporter.write_line(line, red=True)


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
