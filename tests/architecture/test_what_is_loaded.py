"""What each kind of process may load: what is large is loaded where it runs, and nowhere else.

Each kind is looked at in an interpreter of its own, since this one has loaded everything.
"""

import subprocess
import sys

import pytest

from deploy.engines.layout import PROJECT_ROOT

WEB = {"flask", "flask_smorest", "marshmallow", "apispec", "webargs", "werkzeug", "jinja2", "waitress", "httpx"}
FIGURES = {"numpy", "scipy"}
CONSUMING = {"nameko"}
NEVER = {"eventlet", "pytest", "rich", "typer"}

LOAD = """
import sys
from shared.runtime import processes
from shared.runtime.rooms import service_of
from shared.kernel.tenancy import TenantId, services_of
for tenant in ("alder", "centre", "board", "custodian"):
    for service in services_of(TenantId(tenant)):
        composed = service_of(service)
        for room in composed.rooms:
            for part in PARTS:
                room.part(part)
BEYOND
print(" ".join(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def loaded(parts, beyond=""):
    """Names of the packages that a process with these parts of every room has loaded before it works."""
    program = LOAD.replace("PARTS", repr(parts)).replace("BEYOND", beyond)
    command = [sys.executable, "-W", "ignore", "-c", program]
    done = subprocess.run(command, cwd=PROJECT_ROOT, capture_output=True, text=True, check=True, timeout=120)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("kind", "parts", "beyond", "not_loaded"),
    [
        ("worker", ("documents", "facts", "jobs", "parts"), "import shared.runtime.workers", WEB | FIGURES | NEVER),
        ("relay", ("documents",), "import shared.runtime.making", WEB | FIGURES | CONSUMING | NEVER),
        (
            "api",
            ("documents", "routes", "pages"),
            "import shared.runtime.serving",
            FIGURES | CONSUMING | NEVER - {"rich"},
        ),
    ],
)
def test_nothing_large_is_loaded_where_it_does_not_run(kind, parts, beyond, not_loaded):
    """No worker loads Flask, no process numpy before it holds a vector, and none but a worker nameko."""
    found = loaded(parts, beyond)
    assert found & not_loaded == set(), kind
    assert {"pymongo", "shared", "services"} <= found
