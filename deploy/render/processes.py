"""Which processes a tenant has where each kind of work is one of its own, and how each is called.

Compose's containers are made from this; the Deployments of ``k8s/base`` are compared with it, argument by argument
(tests/k8s/test_compose_and_k8s.py).
"""

from collections.abc import Sequence

from shared.kernel.tenancy import TenantId, couriers_service

API_PORT = 8080
KINDS = ("api", "worker", "relay", "job", "courier")
COMMAND = ("python", "-m", "services.run")


def kinds_of(tenant: str) -> tuple[str, ...]:
    """Give the kinds of process of a tenant; the central register has no courier."""
    return tuple(kind for kind in KINDS if kind != "courier" or couriers_service(TenantId(tenant)) is not None)


def arguments_of(kind: str, tenant: str, *, drain_s: int) -> Sequence[str]:
    """Give what ``services.run`` is told.

    Args:
        kind: Of ``KINDS``.
        tenant: Its id, or what stands for it.
        drain_s: Seconds for which an api says "not ready" before it closes.
    """
    given = [kind, "--tenant", tenant]
    if kind != "courier":
        given += ["--services", "all"]
    if kind == "worker":
        # A worker that held all kinds of work would do the others' work twice.
        given += ["--kinds", "consumers"]
    if kind == "api":
        # The container's or the pod's own network.
        given += ["--host", "0.0.0.0", "--port", str(API_PORT), "--drain-s", str(drain_s)]  # noqa: S104
    return given
