"""Where one stack lives: its folders and its ports, all from a home and a port base.

Promise: two stacks with different homes and port bases share no file and no port.
Shown by tests/engines/test_layout.py.
Limit: ports are agreed here, not reserved; an engine checks its own before it starts.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from deploy.engines.errors import HomeNotWritableError, InvalidPortBaseError
from shared.kernel.tenancy import BOARD, CENTRE, CUSTODIAN, TenantId

DEFAULT_PORT_BASE = 27400
PROJECT_ROOT = Path(__file__).resolve().parents[2]

_FIRST_TENANT = 20
_MAX_TENANTS = 180
_LOWEST_PORT_BASE = 1024
_HIGHEST_PORT_BASE = 65535 - _FIRST_TENANT - _MAX_TENANTS


@dataclass(frozen=True, kw_only=True)
class Layout:
    """A stack's folders and ports.

    Attributes:
        home: Folder of everything the stack writes.
        port_base: First of the 200 TCP ports the stack may use on 127.0.0.1.
    """

    home: Path
    port_base: int

    def __post_init__(self) -> None:
        """Refuse a port base that leaves no room.

        Raises:
            InvalidPortBaseError: the last tenant's port would not exist, or the first needs root.
        """
        if not _LOWEST_PORT_BASE <= self.port_base <= _HIGHEST_PORT_BASE:
            raise InvalidPortBaseError(lowest=_LOWEST_PORT_BASE, highest=_HIGHEST_PORT_BASE)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> "Layout":
        """Read ``ALONGSIDE_HOME`` and ``ALONGSIDE_PORT_BASE``; absent or empty means the default.

        Raises:
            InvalidPortBaseError: the port base is no number or out of range.
        """
        values = os.environ if environment is None else environment
        home = values.get("ALONGSIDE_HOME") or str(PROJECT_ROOT / ".alongside")
        port_base = values.get("ALONGSIDE_PORT_BASE") or str(DEFAULT_PORT_BASE)
        if not (port_base.isascii() and port_base.isdecimal()):
            raise InvalidPortBaseError(lowest=_LOWEST_PORT_BASE, highest=_HIGHEST_PORT_BASE)
        return cls(home=Path(home).expanduser().absolute(), port_base=int(port_base))

    def as_environment(self) -> dict[str, str]:
        """The two variables that lead a child process to this stack."""
        return {"ALONGSIDE_HOME": str(self.home), "ALONGSIDE_PORT_BASE": str(self.port_base)}

    @property
    def mongod_port(self) -> int:
        """MongoDB."""
        return self.port_base

    @property
    def amqp_port(self) -> int:
        """RabbitMQ, AMQP 0-9-1."""
        return self.port_base + 1

    @property
    def rabbit_management_port(self) -> int:
        """RabbitMQ, HTTP management."""
        return self.port_base + 2

    @property
    def rabbit_distribution_port(self) -> int:
        """RabbitMQ, Erlang distribution (its own control commands)."""
        return self.port_base + 3

    @property
    def epmd_port(self) -> int:
        """Erlang's port mapper; each stack has its own, so that nodes of two stacks never meet."""
        return self.port_base + 4

    @property
    def rabbit_command_ports(self) -> tuple[int, int]:
        """First and last port that RabbitMQ's control commands may listen on while they run."""
        return self.port_base + 5, self.port_base + 9

    def api_port(self, tenant: str, number: int) -> int:
        """The HTTP API of a tenant: the centre's have ports of their own, a host's follows from its number."""
        fixed = {BOARD: self.board_api_port, CUSTODIAN: self.custodian_api_port, CENTRE: self.identity_api_port}
        return fixed[TenantId(tenant)] if tenant in fixed else self.tenant_api_port(number)

    @property
    def board_api_port(self) -> int:
        """The board's HTTP API."""
        return self.port_base + 10

    @property
    def custodian_api_port(self) -> int:
        """The custodian's HTTP API."""
        return self.port_base + 11

    @property
    def identity_api_port(self) -> int:
        """The centre's identity HTTP API."""
        return self.port_base + 12

    def tenant_api_port(self, number: int) -> int:
        """The HTTP API of the tenant with this number, counted from 0 to 179.

        Raises:
            InvalidPortBaseError: the number lies outside the stack's ports.
        """
        if not 0 <= number < _MAX_TENANTS:
            raise InvalidPortBaseError(lowest=_LOWEST_PORT_BASE, highest=_HIGHEST_PORT_BASE)
        return self.port_base + _FIRST_TENANT + number

    @property
    def register_url(self) -> str:
        """Where the board's sign-in page asks the central register, server to server."""
        return f"http://127.0.0.1:{self.identity_api_port}"

    @property
    def clock_file(self) -> Path:
        """The business clock's offset, in demo and test stacks."""
        return self.home / "clock.json"

    def escrow_dir(self, tenant: str) -> Path:  # noqa: ARG002  One folder for all here; containers have one each.
        """The folder of a tenant's escrow slot."""
        return self.home / "escrow"

    @property
    def escrow_holder_file(self) -> Path:
        """The private key of the escrow's holder, who in service is another person elsewhere."""
        return self.home / "escrow" / "holder.key"

    @property
    def secrets_dir(self) -> Path:
        """Passwords and keys; mode 0700."""
        return self.home / "secrets"

    @property
    def logs_dir(self) -> Path:
        """Logs of every process."""
        return self.home / "logs"

    @property
    def pids_dir(self) -> Path:
        """Records of the processes we started."""
        return self.home / "pids"

    def data_dir(self, tenant: str) -> Path:
        """What a tenant's processes keep outside the database."""
        return self.home / "tenants" / tenant

    def drop_dir(self, tenant: str) -> Path:
        """Below which the folders of a tenant's sources stand."""
        return self.data_dir(tenant) / "drop"

    @property
    def mongo_data_dir(self) -> Path:
        """MongoDB's files."""
        return self.home / "mongo"

    @property
    def mongo_keyfile(self) -> Path:
        """The replica set's shared key."""
        return self.secrets_dir / "mongo.key"

    @property
    def rabbit_dir(self) -> Path:
        """RabbitMQ's configuration, data and Erlang cookie."""
        return self.home / "rabbit"

    def make_dirs(self) -> None:
        """Create the folders that are missing; every one is for its owner only.

        Raises:
            HomeNotWritableError: the home cannot be made or written in.
        """
        try:
            self._make_dirs()
        except OSError as error:
            raise HomeNotWritableError(home=self.home, reason=error.strerror or type(error).__name__) from error

    def _make_dirs(self) -> None:
        for folder in (
            self.home,
            self.secrets_dir,
            self.logs_dir,
            self.pids_dir,
            self.mongo_data_dir,
            self.rabbit_dir,
        ):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.secrets_dir.chmod(0o700)
