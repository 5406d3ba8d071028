"""A room's own part: where it stands in a process, and that it is asked to stop as every other."""

import threading

import pytest

from shared.runtime.making import parts_of
from shared.runtime.place import Place


@pytest.mark.parametrize(("services", "there"), [("all", True), ("integrations", True), ("case,consent", False)])
def test_it_stands_beside_the_jobs_of_its_service(services, there):
    """Under a name that ends with the service, by which whoever looks for what is down finds it."""
    names = [part.name for part in parts_of(("job",), Place("alder", services), threading.Event())]
    for part in ("webhooks-integrations", "queues-integrations"):
        assert (part in names) is there
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("tenant", ["centre", "board", "custodian"])
def test_nobody_else_calls_anybody(tenant):
    """Neither the register nor the servers of the statistics have webhooks or queues for others."""
    names = [part.name for part in parts_of(("job",), Place(tenant, "all"), threading.Event())]
    assert not [name for name in names if name.startswith(("webhooks", "queues"))]
