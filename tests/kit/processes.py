"""Real processes of one tenant over the suite's engines."""

import os
import subprocess
import sys

from deploy.engines.layout import PROJECT_ROOT


def environment(engines):
    return {
        **os.environ,
        "ALONGSIDE_SECRETS": str(engines.layout.secrets_dir / "credentials"),
        "PYTHONPATH": str(PROJECT_ROOT),
        "PYTHONWARNINGS": "ignore",
    }


def start(engines, words, tenant, *, services="all", heartbeats=None):
    """Begin a process; ``words`` is its kind, with options such as ``worker --kinds consumers``."""
    arguments = [sys.executable, "-m", "services.run", *words.split(), "--tenant", tenant, "--services", services]
    given = {"ALONGSIDE_HEARTBEAT": str(heartbeats)} if heartbeats is not None else {}
    return subprocess.Popen(
        arguments, env={**environment(engines), **given}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
