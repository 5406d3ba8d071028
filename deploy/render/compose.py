"""``docker-compose.yml`` and ``docker-compose.guests.yml``, made from what the code and ``k8s/`` are made from.

What is one tenant's follows from its services and from the layout of containers; the rest stands, with slots for
versions, ports and paths, in ``compose.yml.template`` beside this file.

Promise: the committed files are what this gives, byte by byte (tests/images/test_compose_consistency.py).
"""

import re
from collections.abc import Iterator, Mapping
from importlib import resources

from deploy.containers.stack import HOME, ContainerLayout
from deploy.containers.stack_kind import CENTRE_KIND, DEMO, HOST, What
from deploy.demo.hosts import HOSTS
from deploy.engines import mongod, official
from deploy.engines.layout import DEFAULT_PORT_BASE
from deploy.provision.credentials import Vault
from deploy.render.processes import API_PORT, COMMAND, arguments_of, kinds_of
from deploy.render.ways_out import goes_out
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId, reads_folders

FILES = ("docker-compose.yml", "docker-compose.guests.yml")
HOST_ALONE = "${ALONGSIDE_HOST:-host}"
"""Stands for the id of a host that runs alone."""
BESIDE = "${ALONGSIDE_SANDBOX:-sandbox}"
"""Stands for the id of the sandbox beside it."""
_DRAIN_S = 5
_FOLDER = "${ALONGSIDE_SECRETS_FOLDER:-./secrets}"
_DROP = "${ALONGSIDE_DROP_FOLDER:-./drop}"
_PORTS = DEFAULT_PORT_BASE // 100
_LAYOUT = ContainerLayout(home=HOME, port_base=DEFAULT_PORT_BASE)
_PLAIN = re.compile(r"[a-z][a-z0-9.-]*|--[a-z-]+|-m|0\.0\.0\.0")
_SLOT = re.compile(r"\{\{([a-z_]+)\}\}")
_WIDTH = 101


def compose_files() -> Mapping[str, str]:
    """Give both files, name to text."""
    values = {
        "anchors": "\n\n".join(_anchors()),
        "containers": "\n\n".join(_containers()),
        "mongo_tag": official.MONGO_VERSION,
        "rabbitmq_tag": official.RABBITMQ_TAG,
        "replica_set": mongod.REPLICA_SET,
        "cache_gb": mongod.CACHE_GB,
        "oplog_mb": mongod.OPLOG_MB,
        "compressors": str(official.DATABASE_CONFIG["net.compression.compressors"]),
        "transaction_s": str(mongod.TRANSACTION_S),
        "database_port": str(official.DATABASE_PORT),
        "amqp_port": str(official.AMQP_PORT),
        "amqps_port": str(official.AMQPS_PORT),
        "management_port": str(official.MANAGEMENT_PORT),
        "credentials": str(_LAYOUT.secrets_dir / "credentials"),
        "home": str(HOME),
        "ports": str(_PORTS),
    }
    templates = resources.files(__package__)
    return {
        name: _SLOT.sub(
            lambda slot: values[slot[1]],
            templates.joinpath(f"{name.removeprefix('docker-')}.template").read_text(encoding="utf-8"),
        )
        for name in FILES
    }


def _anchors() -> Iterator[str]:
    """Give what all containers of a tenant share: profiles, and the folders of that tenant alone."""
    for tenant in What(kind=DEMO).tenants:
        centre = tenant in What(kind=CENTRE_KIND).tenants
        yield _anchor(tenant, tenant, [DEMO, *([CENTRE_KIND] if centre else [])])
    yield _anchor("host", HOST_ALONE, [HOST])
    yield _anchor("sandbox", BESIDE, ["sandbox"])


def _anchor(name: str, tenant: str, profiles: list[str]) -> str:
    mounts = _mounts(tenant)
    lines = [f"x-{name}: &{name}", "  <<: *process", f"  profiles: [{', '.join(profiles)}]", "  volumes:"]
    return "\n".join([*lines, *(f"    - {mount}" for mount in mounts)])


def _mounts(tenant: str) -> list[str]:
    own = (Vault.folder_of(_LAYOUT.secrets_dir, tenant), _LAYOUT.data_dir(tenant), _LAYOUT.escrow_dir(tenant))
    # A host alone also reads the TLS files by which it reaches the centre.
    more = ["tls"] if tenant == HOST_ALONE else []
    read_only = (_LAYOUT.clock_file.parent, *(_LAYOUT.home / folder for folder in more))
    mounts = [f"{_FOLDER}/home/{path.relative_to(HOME)}:{path}" for path in own]
    return mounts + [f"{_FOLDER}/home/{path.relative_to(HOME)}:{path}:ro" for path in read_only]


def _containers() -> Iterator[str]:
    """Give the processes of each tenant, a paragraph each."""
    heading = "The centre"
    for tenant in (BOARD, CUSTODIAN, CENTRE):
        yield _heading(heading) + _processes(tenant, tenant, _LAYOUT.api_port(tenant, 0))
        heading = ""
    heading = "Six invented hosts"
    for number, host in enumerate(HOSTS):
        yield _heading(heading) + _processes(host.id, host.id, _LAYOUT.tenant_api_port(number))
        heading = ""
    yield _heading("One host alone, on its own engines") + _processes("host", HOST_ALONE, _LAYOUT.tenant_api_port(0))
    yield _heading("A host of invented people beside it") + _processes("sandbox", BESIDE, _LAYOUT.tenant_api_port(1))


def _heading(text: str) -> str:
    return f"  # --- {text} ".ljust(_WIDTH, "-") + "\n" if text else ""


def _processes(name: str, tenant: str, port: int) -> str:
    lines = []
    # The name says which kind of tenant it is, where the id is not known yet.
    for kind in kinds_of(name):
        words = [*COMMAND, *arguments_of(kind, tenant, drain_s=_DRAIN_S)]
        command = ", ".join(word if _PLAIN.fullmatch(word) else f'"{word}"' for word in words)
        if kind == "api":
            published = f"127.0.0.1:${{ALONGSIDE_PORTS:-{_PORTS}}}{port % 100:02}:{API_PORT}"
            lines += [
                f"  {name}-api:",
                f"    <<: *{name}",
                f"    command: [{command}]",
                "    networks: [engines, entrance]",
                f'    ports: ["{published}"]',
            ]
        elif kind == "job" and reads_folders(TenantId(name)):
            # YAML joins no lists: what the tenant's other containers have, and what others put down for it to read.
            mounts = [*_mounts(tenant), f"{_DROP}/{tenant}:{_LAYOUT.drop_dir(tenant)}"]
            lines += [
                f"  {name}-job:",
                f"    <<: *{name}",
                f"    command: [{command}]",
                *(["    networks: [engines, outbound]"] if goes_out(kind, name) else []),
                "    volumes:",
                *(f"      - {mount}" for mount in mounts),
            ]
        else:
            # A host alone reaches the centre through its courier; webhooks and sources go through a host's job.
            outside = (kind, tenant) == ("courier", HOST_ALONE) or goes_out(kind, name)
            outward = ", networks: [engines, outbound]" if outside else ""
            lines.append(f"  {name}-{kind}: {{<<: *{name}, command: [{command}]{outward}}}")
    return "\n".join(lines)
