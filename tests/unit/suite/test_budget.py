"""The suite stays quick: a folder that outgrows its share of the run's processor time is named, and the run fails."""

import os
import subprocess
import sys
import textwrap

import pytest

from deploy.engines.layout import PROJECT_ROOT
from tests.kit import budget
from tests.kit.budget import Allowance, Ledger, folder_of


@pytest.fixture
def ledger(monkeypatch):
    """Two listed folders, each of which may take a half and a hundred seconds."""
    allowed = dict.fromkeys(("tests/unit/a", "tests/unit/b"), Allowance(share=0.5, seconds=100))
    monkeypatch.setattr(budget, "ALLOWED", allowed)
    return Ledger()


def spend(ledger, folder, cpu_s, wall_s=1.0):
    ledger.note(f"{folder}/test_x.py::test_y", cpu_s=cpu_s, wall_s=wall_s, is_call=True)


def test_a_folder_that_outgrows_share_and_seconds_is_named(ledger):
    """Its sentence says what it took and what it may take."""
    spend(ledger, "tests/unit/a", 120)
    spend(ledger, "tests/unit/b", 20)
    (said,) = ledger.outgrown()
    assert said.startswith("tests/unit/a has outgrown its budget: 85.7% of the run's processor time (50% allowed)")


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (99, 1),  # A large share of little: other folders were left out.
        (900, 950),  # Many seconds, and no more than its share: the machine is slow.
    ],
)
def test_one_bound_alone_names_nobody(ledger, a, b):
    """Neither a slow machine nor a run of few folders is anybody's fault."""
    spend(ledger, "tests/unit/a", a)
    spend(ledger, "tests/unit/b", b)
    assert [line for line in ledger.outgrown() if line.startswith("tests/unit/a")] == []


def test_waiting_costs_nobody_their_budget(ledger):
    """Time on the clock is printed and not judged: it is the machine's."""
    spend(ledger, "tests/unit/a", 10, wall_s=10_000)
    spend(ledger, "tests/unit/b", 10)
    assert list(ledger.outgrown()) == []


def test_a_new_folder_may_take_a_little_and_no_more(ledger):
    """A folder without a line of its own is judged all the same."""
    spend(ledger, "tests/new", 19)
    assert list(ledger.outgrown()) == []
    spend(ledger, "tests/new", 10)
    assert [line.split()[0] for line in ledger.outgrown()] == ["tests/new"]


@pytest.mark.parametrize(
    ("nodeid", "folder"),
    [
        ("tests/unit/case/test_x.py::test_y", "tests/unit/case"),
        ("tests/unit/shared/web/test_x.py::TestY::test_z[a/b]", "tests/unit/shared"),
        ("tests/e2e/test_x.py::test_y", "tests/e2e"),
    ],
)
def test_tests_are_counted_by_folder(nodeid, folder):
    """At most two folders below ``tests``."""
    assert folder_of(nodeid) == folder


def test_every_listed_folder_is_there_and_holds_tests():
    """A folder that is gone takes its line with it."""
    held = {
        "/".join(path.parent.relative_to(PROJECT_ROOT).parts[:3])
        for path in (PROJECT_ROOT / "tests").rglob("test_*.py")
    }
    assert set(budget.ALLOWED) - held == set()


def test_a_run_of_several_workers_fails_with_the_folders_name(tmp_path):
    """Workers measure, the controller adds up; a folder that burns its budget ends a run that is green otherwise.

    What a worker ends after its last test was shared by all of them, so it is not charged to whoever came last.
    """
    (tmp_path / "tests" / "hot").mkdir(parents=True)
    (tmp_path / "tests" / "cold").mkdir()
    burn = textwrap.dedent(
        """
        import time
        import pytest
        def burn(seconds):
            until = time.process_time() + seconds
            while time.process_time() < until:
                pass
        @pytest.fixture(scope="session")
        def shared():
            yield
            burn(0.5)
        def test_it(shared):
            burn({seconds})
        """
    )
    (tmp_path / "tests" / "hot" / "test_hot.py").write_text(burn.format(seconds=0.5), encoding="utf-8")
    (tmp_path / "tests" / "cold" / "test_cold.py").write_text(burn.format(seconds=0), encoding="utf-8")
    (tmp_path / "few.py").write_text(
        "from tests.kit import budget\nbudget.ALLOWED['tests/hot'] = budget.Allowance(share=0.5, seconds=0.2)\n"
        "budget.ALLOWED['tests/cold'] = budget.Allowance(share=0.2, seconds=0.3)\n",
        encoding="utf-8",
    )
    options = ["-p", "few", "-p", "tests.conftest", "-p", "xdist.plugin", "-c", os.devnull, "--rootdir", tmp_path]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment |= {"PYTHONPATH": f"{PROJECT_ROOT}:{tmp_path}", "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "pytest", "-n", "2", "--budget", *options, tmp_path / "tests"],
        env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=280, check=False,
    )  # fmt: skip
    assert run.returncode == 1, run.stdout
    assert "2 passed" in run.stdout
    assert "tests/hot has outgrown its budget" in run.stdout
    assert "tests/cold has outgrown" not in run.stdout
