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


def start(engines, kind, tenant, *, services="all"):
    arguments = [sys.executable, "-m", "services.run", kind, "--tenant", tenant, "--services", services]
    return subprocess.Popen(arguments, env=environment(engines), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
