"""One list of services: whoever runs them asks it, and names none by hand."""

import ast

import pytest

from deploy.engines.layout import PROJECT_ROOT
from deploy.provision.settings import files_of
from shared.bus.topology import topology_of
from shared.contracts.marks import AUDITS, MARKS
from shared.kernel.tenancy import (
    BOARD,
    CENTRE,
    CUSTODIAN,
    EVERY_HOST,
    RESERVED,
    SERVICES,
    TenantId,
    couriers_service,
    services_of,
)

HOST = TenantId("example")
RUN_THEM = (
    "deploy/containers",
    "deploy/migrations",
    "deploy/provision",
    "deploy/render",
    "deploy/stack",
    "shared/runtime",
)
NAMED_ON_PURPOSE = {
    # People are made, and tokens signed, by whoever is called identity.
    "deploy/provision/prepare.py": {"identity"},
    "deploy/provision/settings.py": {"identity"},
    "deploy/render/credentials.py": {"identity"},
    "deploy/stack/people.py": {"identity"},
    "shared/runtime/serving.py": {"identity"},
    # A mode of Kubernetes' pod security that is called so too.
    "deploy/render/folder.py": {"audit"},
    # Its webhooks alone go to addresses outside.
    "deploy/render/ways_out.py": {"integrations"},
    # When a host last sealed is read from its vectors.
    "deploy/stack/report.py": {"reporting"},
}


def test_nothing_that_runs_services_names_one_by_hand():
    """A place that did would be forgotten when a service is added; each exception says why it is one."""
    names = {one.name for one in SERVICES} - {BOARD, CUSTODIAN}
    found = {}
    for folder in RUN_THEM:
        for file in sorted((PROJECT_ROOT / folder).rglob("*.py")):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            said = {n.value for n in ast.walk(tree) if isinstance(n, ast.Constant) and isinstance(n.value, str)} & names
            if said:
                found[str(file.relative_to(PROJECT_ROOT))] = said
    assert found == NAMED_ON_PURPOSE


@pytest.mark.parametrize("service", SERVICES, ids=lambda one: one.name)
def test_a_line_of_the_list_is_enough(service):
    """Where it says so the service has a file of credentials and an exchange; it sends marks and is audited."""
    assert service.name in MARKS
    assert service.name in AUDITS
    for tenant in (HOST, BOARD, CUSTODIAN, CENTRE):
        runs = (tenant if tenant in RESERVED else EVERY_HOST) in service.at
        assert (service.name in files_of(tenant)) is runs
        assert (f"{service.name}.events" in topology_of(tenant).exchanges) is runs
        assert (service.name in services_of(tenant)) is runs


@pytest.mark.parametrize("tenant", [HOST, BOARD, CUSTODIAN, CENTRE])
def test_a_tenant_has_one_courier_at_most_and_one_keeper_of_keys(tenant):
    """Two services that went out would take each other's rows; two keepers would each believe their own table."""
    here = [one for one in SERVICES if one.name in services_of(tenant)]
    assert [one.name for one in here if one.goes_out] == ([] if tenant == CENTRE else [couriers_service(tenant)])
    assert [one.name for one in here if one.keeps_survivor_keys] == (["case"] if tenant == HOST else [])
