"""The suite's own promises: nobody draws the same ports, and nothing outlives a run."""

import json
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from deploy.engines.layout import PROJECT_ROOT
from tests.kit import suite

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "PYTHONWARNINGS": "ignore"}
# A shell starts what runs in the background deaf to SIGINT, and this suite may be there.
PYTEST = "import signal, sys, pytest\nsignal.signal(signal.SIGINT, signal.default_int_handler)\nsys.exit(pytest.main(sys.argv[1:]))"
LEAVING = textwrap.dedent(
    """
    import os, signal, subprocess
    from pathlib import Path
    from deploy.engines.processes import OwnedProcess

    def leave(make_layout, name):
        layout = make_layout()
        layout.make_dirs()
        pid = OwnedProcess(layout, name).spawn(["/bin/sleep", "600"], environment={})
        Path(os.environ["NOTE"], name).write_text(f"{pid} {layout.home}")
        child = subprocess.Popen(["/bin/sleep", "600"])
        Path(os.environ["NOTE"], name + "-child").write_text(f"{child.pid} {layout.home}")

    def test_passes(make_layout):
        leave(make_layout, "of-a-test-that-passes")

    def test_ends_its_worker(make_layout):
        leave(make_layout, "of-a-worker-that-died")
        if os.environ["HOW"] == "a worker dies":
            os.kill(os.getpid(), signal.SIGKILL)
        signal.pause()
    """
)


def alive(pid):
    """Whether a process lives; in a container nobody may bury the dead."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state not in {"Z", "X"}


@pytest.mark.parametrize("how", ["a worker dies", "SIGINT", "SIGTERM"])
def test_nothing_outlives_a_run(tmp_path, eventually, how):
    """What tests left running is stopped and their homes are removed, however the run ends."""
    note = tmp_path / "note"
    note.mkdir()
    file = tmp_path / "test_leaving.py"
    file.write_text(LEAVING, encoding="utf-8")
    options = ["-p", "xdist.plugin", "-p", "tests.conftest", "-c", os.devnull, "--rootdir", tmp_path, "-n", "1"]
    environment = {k: v for k, v in ENVIRONMENT.items() if not k.startswith("PYTEST")}
    environment |= {"NOTE": str(note), "HOW": how, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.Popen(
        [sys.executable, "-c", PYTEST, *options, file], env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    if how.startswith("SIG"):
        eventually(lambda: len([f for f in note.iterdir() if f.read_text()]) == 4, within_s=150)
        run.send_signal(getattr(signal, how))
    said, _ = run.communicate(timeout=140)
    left = [one.read_text(encoding="utf-8").split() for one in note.iterdir()]
    assert len(left) == 4, said
    assert ("1 failed, 1 passed" in said) == (how == "a worker dies"), said
    assert [pid for pid, _ in left if alive(int(pid))] == []
    assert [home for _, home in left if os.path.exists(home)] == []


def test_two_processes_never_draw_the_same_ports():
    """Each holds what it drew until it ends; nobody else gets it meanwhile."""
    program = (
        "import json, sys\nfrom tests.kit.suite import draw_port_base\ndrawn = [draw_port_base() for _ in range(3)]\n"
        "print(json.dumps([base for base, _ in drawn]), flush=True)\nsys.stdin.read()"
    )
    drawers = [
        subprocess.Popen(
            [sys.executable, "-c", program], env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    try:
        drawn = [base for drawer in drawers for base in json.loads(drawer.stdout.readline())]
        mine, lock = suite.draw_port_base()
        lock.close()
    finally:
        for drawer in drawers:
            drawer.communicate(timeout=120)
    assert len({*drawn, mine}) == 7
    assert all(suite.LOWEST_PORT_BASE <= base <= suite.HIGHEST_PORT_BASE for base in drawn)


def test_the_ports_of_a_layout_are_free_again_when_nobody_holds_it(make_layout):
    """A run makes more layouts than there are ranges of ports, so each is given back after its test."""
    for _ in range(200):
        assert make_layout().port_base
    kept = [make_layout() for _ in range(5)]
    assert len({layout.port_base for layout in kept}) == 5


def test_workers_share_no_tenant_number(monkeypatch):
    """Numbers fix ports, so each worker has a range of its own."""
    ranges = []
    for worker in range(suite.WORKERS_AT_MOST):
        monkeypatch.setenv("PYTEST_XDIST_WORKER", f"gw{worker}")
        ranges += suite._own_numbers()
    assert len(ranges) == len(set(ranges)) == suite.TENANT_NUMBERS
    assert all(0 <= number < suite.TENANT_NUMBERS for number in ranges)


def test_memory_is_used_only_where_there_is_room(tmp_path, monkeypatch):
    """Not on a machine whose memory would be short, not in a folder that is not there, not where TMPDIR says other."""
    monkeypatch.delenv("TMPDIR", raising=False)
    assert suite.roomy_memory(tmp_path, needs=1) == tmp_path
    assert suite.roomy_memory(tmp_path, needs=1024**6) is None
    assert suite.roomy_memory(tmp_path / "none", needs=1) is None
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    assert suite.roomy_memory(tmp_path, needs=1) is None
