"""Which folders of ``k8s/`` are applied as they stand, and each of them built once."""

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

import merge

from deploy.engines.layout import PROJECT_ROOT
from deploy.render.folder import render, write
from deploy.render.names import RemoteBroker, Rendered
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId

K8S = PROJECT_ROOT / "k8s"
EXAMPLE = TenantId("example")
AT_BOARD = RemoteBroker(host="broker.board.example", network="192.0.2.10/32")
AT_CUSTODIAN = RemoteBroker(host="broker.custodian.example", network="198.51.100.10/32")
COMMITTED = (
    Rendered(
        tenant=EXAMPLE,
        name="Example host",
        nation="ENGLAND",
        setting="ANTI_SLAVERY_CHARITY",
        remotes={"board": AT_BOARD, "custodian": AT_CUSTODIAN},
    ),
    Rendered(
        tenant=BOARD, name="Project board", nation="ENGLAND", setting="OTHER", remotes={"custodian": AT_CUSTODIAN}
    ),
    Rendered(tenant=CUSTODIAN, name="Custodian", nation="ENGLAND", setting="OTHER", remotes={"board": AT_BOARD}),
    Rendered(tenant=CENTRE, name="Central register", nation="ENGLAND", setting="OTHER", remotes={}),
)
TENANTS = tuple(f"tenants/{rendered.tenant}" for rendered in COMMITTED)
HANDED_OVER = (
    "tenants/example/at-board",
    "tenants/example/at-custodian",
    "tenants/board/at-custodian",
    "tenants/custodian/at-board",
)
ENGINES = ("engines", "overlays/centre/engines", "overlays/dev/engines")
APPLIED = (*TENANTS, *HANDED_OVER, *ENGINES)
"""What somebody applies."""
PARTS = ("base", "overlays/host", "overlays/centre")
"""What those are made of; TENANT stands where a tenant's name belongs."""
UNCOMMITTED = "broker.yaml"
"""Rendered by every operator, since it changes with each queue of the code and nobody reads it in a review."""


@functools.cache
def tree():
    """``k8s/`` as an operator applies it: with the brokers' resources, which are rendered and not committed."""
    home = tempfile.TemporaryDirectory(prefix="k8s-")
    # As long as the tests run; the folder goes with the interpreter.
    atexit.register(home.cleanup)
    folder = Path(home.name) / "k8s"
    shutil.copytree(K8S, folder)
    for rendered in COMMITTED:
        write(render(rendered), folder / "tenants" / rendered.tenant)
    return folder


@functools.cache
def built(folder):
    """Every resource of a folder of ``k8s/``, by our merge."""
    return merge.build(tree() / folder)


def dev_tree(home: Path, rendered=COMMITTED[0]):
    """A copy of ``k8s/`` with a tenant rendered for a cluster of one machine; gives the tenant's folder."""
    tree = home / "k8s"
    shutil.copytree(K8S, tree)
    folder = tree / "tenants" / rendered.tenant
    shutil.rmtree(folder, ignore_errors=True)
    write(render(rendered, store=False, dev=True), folder)
    return folder


def pods(resources):
    """(resource, pod spec) of everything of ours that runs."""
    return [(r, r["spec"]["template"]["spec"]) for r in resources if r["kind"] in merge.WORKLOADS]
