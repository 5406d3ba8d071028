"""Runs ``alongside`` as a process of its own without starting Python anew: a copy of this one, which has all loaded.

A start costs over a second of processor time, and most tests of the command line ask for exit code and words alone.
Limit: that the program starts at all, a test with a real start has to show (``run_anew``).
"""

import os
import subprocess
import sys
import time
import traceback
import warnings
from dataclasses import dataclass
from pathlib import Path

from client.main import main
from deploy.engines.layout import PROJECT_ROOT

_WITHIN_S = 60


@dataclass(frozen=True, kw_only=True)
class Done:
    """How a command ended, as ``subprocess.CompletedProcess`` says it."""

    returncode: int
    stdout: str
    stderr: str


def run_anew(home, *words, port="26900"):
    """Run a command as an operator does."""
    return subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "client.main", *words],
        cwd=home, env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), **_settings(home, port)}, capture_output=True,
        text=True, timeout=_WITHIN_S, check=False,
    )  # fmt: skip


def run_copied(home, *words, port="26900"):
    """Run a command in a copy of this process; it leaves nothing behind here."""
    files = [Path(home) / f".said-{name}" for name in ("out", "err")]
    pid = os.fork()
    if pid == 0:
        _be_the_command(home, words, port, files)
    try:
        code = _wait_for(pid)
        out, err = (file.read_text(encoding="utf-8") for file in files)
    finally:
        for file in files:
            file.unlink(missing_ok=True)
    return Done(returncode=code, stdout=out, stderr=err)


def _be_the_command(home, words, port, files):
    code = 70
    try:
        for number, file in enumerate(files, start=1):
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            os.dup2(descriptor, number)
        sys.stdout, sys.stderr = (os.fdopen(number, "w", encoding="utf-8", closefd=False) for number in (1, 2))
        os.chdir(home)
        os.environ.update(_settings(home, port))
        sys.argv = ["alongside", *words]
        warnings.simplefilter("ignore")
        main()
        code = 0
    except SystemExit as ended:
        code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001  As Python itself would end.
        traceback.print_exc()
        code = 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _settings(home, port):
    return {"ALONGSIDE_HOME": str(home), "ALONGSIDE_PORT_BASE": port}


def _wait_for(pid):
    deadline = time.monotonic() + _WITHIN_S
    while time.monotonic() < deadline:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.01)
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    raise TimeoutError(pid)
