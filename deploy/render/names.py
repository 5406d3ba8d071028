"""How things are called on a cluster; ``k8s/`` uses the same names, and a test compares them.

Limit: one broker and one database stand in the namespace of engines of each cluster; the board, the
custodian and every host of its own have clusters, and so engines, of their own.
"""

from dataclasses import dataclass, field
from typing import Any

from deploy.engines.official import DATABASE_PORT
from deploy.provision.spec import TenantSpec
from shared.kernel.errors import InvalidInputError
from shared.kernel.tenancy import TenantId

ENGINES_NAMESPACE = "alongside-engines"
BROKER = "broker"
BROKER_HOST = f"{BROKER}.{ENGINES_NAMESPACE}.svc"
DATABASE = "database"
DATABASE_MEMBERS = 3
DATABASE_HOSTS = ",".join(
    f"{DATABASE}-{member}.{DATABASE}-svc.{ENGINES_NAMESPACE}.svc:{DATABASE_PORT}" for member in range(DATABASE_MEMBERS)
)
SERVICE_PORT = 80
"""What stands before a tenant's API inside its cluster."""
SECRET_STORE = "alongside"  # noqa: S105  The name of a store, not a secret.

CREDENTIALS_DIR = "/etc/alongside/credentials"
TOKEN_KEY_FILE = "/etc/alongside/token/token.key"  # noqa: S105  A path.
CLOCK_FILE = "/etc/alongside/clock.json"
KEYS_DIR = "/var/lib/alongside/keys"
DATA_DIR = "/var/lib/alongside/data"
DROP_DIR = "/var/lib/alongside/drop"
SIGNING_KEY_FILE = f"{KEYS_DIR}/signing.key"
LOG_KEY_FILE = f"{KEYS_DIR}/log.key"
ESCROW_DIR = f"{KEYS_DIR}/escrow"
ESCROW_HOLDER_FILE = f"{ESCROW_DIR}/holder.pub"
NO_KEY = "not-given-yet"
"""Stands where a server's public key is not yet known; no signature fits it."""
ADMIN_DIR = "/etc/alongside/admin"


class UnknownServerError(InvalidInputError):
    """A tenant cannot be rendered without the addresses of the servers that its courier reaches."""

    code = "server-address-missing"

    def __init__(self, server: str) -> None:
        """Name the server and the option."""
        super().__init__(
            f"The courier needs the {server}'s broker. Give its host name and its network: "
            f"--{server} broker.example.org=192.0.2.10/32"
        )


@dataclass(frozen=True, kw_only=True)
class RemoteBroker:
    """The broker of the board or of the custodian, as the other side of a courier sees it.

    Attributes:
        network: CIDR that the courier may reach; a network policy knows no host names.
    """

    host: str
    network: str


@dataclass(frozen=True, kw_only=True)
class Rendered:
    """What is said of one tenant.

    Attributes:
        remotes: The servers that its courier reaches, by name; a host has two, a server one, the central
            register none.
        drop_claim: The volume claim in which others put files for its sources; None where nobody does.
        public_keys: The signing keys of board and custodian, by name, as their owners print them; until they are
            given, no task is believed.
    """

    tenant: TenantId
    name: str
    nation: str
    setting: str
    remotes: dict[str, RemoteBroker]
    public_keys: dict[str, str] = field(default_factory=dict)
    drop_claim: str | None = None

    @property
    def namespace(self) -> str:
        """The tenant's namespace."""
        return namespace_of(self.tenant)

    @property
    def spec(self) -> TenantSpec:
        """What the operator says of it, as everywhere; on a cluster every tenant's API has the same port."""
        return TenantSpec(id=self.tenant, name=self.name, nation=self.nation, setting=self.setting, number=0)


def namespace_of(tenant: str) -> str:
    """Name a tenant's namespace."""
    return f"alongside-{tenant}"


def resource(api: str, kind: str, name: str, spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Give a resource that has a spec."""
    return {"apiVersion": api, "kind": kind, "metadata": {"name": name, **metadata}, "spec": spec}
