"""What computes for long runs in a child process: bounded, ended with its parent, and its parent goes on."""

import os
import secrets
import signal
import subprocess
import sys
import textwrap
import threading
import time

import psutil
import pytest

from deploy.engines.layout import PROJECT_ROOT
from shared.runtime import apart
from shared.runtime.apart import ApartFailedError, ApartWaitsError, Children

pytestmark = pytest.mark.timeout(120)

JOBS = """
import os, time
from pathlib import Path

def grow(item):
    Path(item).write_text("begun")
    held = []
    while True:
        held.append(bytearray(8 * 2**20))

def wait(item):
    Path(item).write_text(str(os.getpid()))
    time.sleep(100)

def say(item):
    Path(item).write_text(f"{os.environ.get('ALONGSIDE_HEARTBEAT')} {os.environ['OPENBLAS_NUM_THREADS']}")
"""


@pytest.fixture
def children(tmp_path, monkeypatch):
    """Children that carry out ``JOBS`` instead of a service's own."""
    (tmp_path / "jobs_of_the_test.py").write_text(JOBS)
    (tmp_path / "sitecustomize.py").write_text(
        textwrap.dedent(
            """
            import sys, types
            stand_in = types.ModuleType("shared.runtime.child")
            def carry_out(tenant, service, name, item):
                import jobs_of_the_test
                getattr(jobs_of_the_test, name)(item)
                return {"say": 0}.get(name, 1)
            stand_in.carry_out = carry_out
            sys.modules["shared.runtime.child"] = stand_in
            """
        )
    )
    monkeypatch.setenv("PYTHONPATH", f"{tmp_path}:{PROJECT_ROOT}")
    asked = threading.Event()
    yield Children("elm", asked, most_memory_mb=200)
    asked.set()


@pytest.fixture
def item(tmp_path):
    return str(tmp_path / secrets.token_hex(4))


def read(item):
    try:
        with open(item, encoding="utf-8") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def test_a_child_has_no_heartbeat_of_its_parent(children, item, monkeypatch, tmp_path):
    """The parent's folder of heartbeats is left alone, which a beginning process would empty."""
    monkeypatch.setenv("ALONGSIDE_HEARTBEAT", str(tmp_path))
    children("case", "say", item)
    assert read(item).split() == ["None", "1"]


def test_a_child_that_grows_fails_alone(children, item):
    """At its own limit; this process hardly grows by it."""
    before = psutil.Process().memory_info().rss
    with pytest.raises(ApartFailedError):
        children("case", "grow", item)
    assert read(item) == "begun"
    assert psutil.Process().memory_info().rss - before < 50 * 2**20


def test_a_child_is_ended_when_its_parent_is_asked_to_stop(children, item, monkeypatch, eventually):
    """After its grace; the item waits, and is carried out anew."""
    monkeypatch.setattr(apart, "_GRACE_S", 0.2)
    raised = []

    def call():
        try:
            children("case", "wait", item)
        except ApartWaitsError as error:
            raised.append(error)

    thread = threading.Thread(target=call)
    thread.start()
    eventually(lambda: read(item), within_s=30)
    child = int(read(item))
    children._asked.set()
    thread.join(30)
    assert [type(error) for error in raised] == [ApartWaitsError]
    assert children.was_cut
    assert not psutil.pid_exists(child)


def test_a_child_that_takes_too_long_is_ended(children, item, monkeypatch):
    """A job's loop never waits for ever."""
    monkeypatch.setattr(apart, "PATIENCE_S", 2.0)
    began = time.monotonic()
    with pytest.raises(ApartFailedError):
        children("case", "wait", item)
    assert time.monotonic() - began < 60


def test_a_child_that_cannot_now_is_tried_again(children, item, monkeypatch):
    """It ended with 75: no fault."""
    monkeypatch.setattr(apart.sys, "executable", "/bin/false")
    monkeypatch.setattr(Children, "_wait_for", lambda _self, child: (child.wait(), 75)[1])
    with pytest.raises(ApartWaitsError):
        children("case", "say", item)


def test_a_child_ends_with_a_parent_that_was_killed(children, item, eventually):
    """By SIGKILL, which nobody can clean up after: the kernel ends the child."""
    program = f"""
        import threading
        from shared.runtime.apart import Children
        Children("elm", threading.Event(), most_memory_mb=200)("case", "wait", {item!r})
    """
    parent = subprocess.Popen([sys.executable, "-W", "ignore", "-c", textwrap.dedent(program)], env=dict(os.environ))
    eventually(lambda: read(item), within_s=30)
    child = int(read(item))
    parent.send_signal(signal.SIGKILL)
    parent.wait(30)
    eventually(lambda: not psutil.pid_exists(child) or psutil.Process(child).status() == "zombie", within_s=30)
