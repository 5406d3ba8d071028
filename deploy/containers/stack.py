"""A compose stack as the code sees it, from inside a container or from beside its folder of secrets."""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path

from deploy.containers.stack_kind import DEMO, HOST, What
from deploy.demo.hosts import HOSTS
from deploy.demo.timings import DEMO_TIMINGS
from deploy.engines.layout import DEFAULT_PORT_BASE, Layout
from deploy.engines.mongod import REPLICA_SET
from deploy.engines.official import AMQP_PORT, DATABASE_PORT, MANAGEMENT_PORT
from deploy.provision.apart import HostProvisioner, Invitation, TlsFiles
from deploy.provision.outside import OutsideBroker, OutsideDatabase, OutsideEngines
from deploy.provision.spec import TenantSpec
from deploy.provision.tenants import Provisioner
from deploy.render.processes import API_PORT
from deploy.stack.state import StackState
from shared.kernel.tenancy import TenantId, tenant_id

HOME = Path("/var/lib/alongside")
_SECRETS = Path("/run/secrets")


@dataclass(frozen=True, kw_only=True)
class ContainerLayout(Layout):
    """The folders of a compose stack, inside a container or, from outside, under ``secrets/home``."""

    @property
    def clock_file(self) -> Path:
        """In a folder of its own: a mounted file would not follow the rename that writes it."""
        return self.home / "clock" / "clock.json"

    def drop_dir(self, tenant: str) -> Path:
        """Apart from everything else: whoever brings files sees no secret, and of ours the job alone sees them."""
        return self.home / "drop" / tenant

    def escrow_dir(self, tenant: str) -> Path:
        """One each, so that a tenant's containers hold no other's."""
        return self.home / "escrow" / tenant

    @property
    def register_url(self) -> str:
        """By the name of the service in docker-compose.yml, for a demo; in service the operator names an https one."""
        return os.environ.get("ALONGSIDE_REGISTER_URL") or f"http://centre-api:{API_PORT}"

    @property
    def escrow_holder_file(self) -> Path:
        """Apart from the slots: no tenant's container holds it."""
        return self.home / "escrow-holder" / "holder.key"


class ContainerStack:
    """What the folder of secrets was drawn for, on engines that others start."""

    def __init__(self, layout: ContainerLayout, engines: OutsideEngines) -> None:
        """Read what the folder is of.

        Raises:
            OtherStackError: It was not drawn.
        """
        self.layout = layout
        self.engines = engines
        self.what = What.read(layout.home / "stack-kind.json")
        self.has_centre = self.what.kind != HOST

    @property
    def state(self) -> StackState:
        """What the folder was drawn for; nothing that is written down later changes it."""
        what = self.what
        if what.kind == HOST:
            spec = TenantSpec(
                id=tenant_id(what.tenant), name=what.name, nation=what.nation, setting=what.setting, number=0
            )
            if not what.sandbox:
                return StackState(tenants=(spec,))
            beside = TenantSpec(
                id=tenant_id(what.sandbox), name="Sandbox", nation=what.nation, setting=what.setting, number=1
            )
            return StackState(tenants=(spec, beside))
        if what.kind != DEMO:
            return StackState()
        specs = (
            TenantSpec(id=TenantId(host.id), name=host.name, nation=host.nation, setting=host.setting, number=number)
            for number, host in enumerate(HOSTS)
        )
        return StackState(demo=True, timings=DEMO_TIMINGS, tenants=tuple(specs))

    def provisioner(self) -> Provisioner:
        """Open the administrators' connections; a host alone needs the centre's invitation.

        Raises:
            ExchangeFileError: It is not there.
        """
        state = self.state
        if self.what.kind != HOST:
            return Provisioner(self.layout, timings=state.timings, demo=state.demo, engines=self.engines)
        return HostProvisioner(
            self.layout,
            timings=state.timings,
            demo=state.demo,
            engines=self.engines,
            invitation=Invitation.read(self.layout.home / "invitation.json", tenant=tenant_id(self.what.tenant)),
            tls=TlsFiles.in_folder(self.layout.home / "tls"),
        )

    def start_engines(self) -> None:
        """They are compose's to start, or their owners'."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let a command be told where folder and engines are; a compose stack's own are the default."""
    parser.add_argument("--home", type=Path, default=HOME, help="the folder home of the folder of secrets")
    parser.add_argument("--database", default=f"mongo:{DATABASE_PORT}", help="HOST:PORT, or several with commas")
    parser.add_argument("--database-options", default="", help="of a MongoDB address, such as tls=true&tlsCAFile=FILE")
    parser.add_argument("--database-password", type=Path, default=_SECRETS / "database-admin", help="a file")
    parser.add_argument("--replica-set", default=REPLICA_SET)
    parser.add_argument("--broker", default="rabbitmq", help="HOST")
    parser.add_argument("--broker-password", type=Path, default=_SECRETS / "broker-admin", help="a file")
    parser.add_argument("--amqp-port", type=int, default=AMQP_PORT)
    parser.add_argument("--management-port", type=int, default=MANAGEMENT_PORT)


def layout_of(options: argparse.Namespace) -> ContainerLayout:
    """Give the folders that the options name."""
    return ContainerLayout(home=options.home, port_base=DEFAULT_PORT_BASE)


def engines_of(options: argparse.Namespace) -> OutsideEngines:
    """Give the engines that the options name."""
    return OutsideEngines(
        mongod=OutsideDatabase(
            address=options.database,
            password_file=options.database_password,
            replica_set=options.replica_set,
            options=options.database_options,
        ),
        rabbit=OutsideBroker(
            host=options.broker,
            password_file=options.broker_password,
            amqp_port=options.amqp_port,
            management_port=options.management_port,
        ),
    )
