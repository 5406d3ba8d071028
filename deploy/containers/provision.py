"""``python -m deploy.containers.provision stack|admit``: makes what a compose stack needs in its engines.

``stack`` makes what the folder of secrets was drawn for: the centre and six invented hosts with their people on
one pair of engines, the centre alone, or one host with the centre's invitation; ``admit`` is the centre's side of
such a host (docs/own-infrastructure.md). Idempotent, and run at every start, so an upgrade needs no step of its own.

Exit codes: 0 done, 3 an engine did not answer for a minute and a half (run it again), 78 something given is wrong or
missing.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pymongo.errors import ConnectionFailure

from deploy.containers.stack_kind import DEMO, HOST, What
from deploy.demo.hosts import HOSTS
from deploy.demo.timings import DEMO_TIMINGS
from deploy.engines.layout import DEFAULT_PORT_BASE, Layout
from deploy.engines.official import DATABASE_PORT
from deploy.engines.secret_files import write_private
from deploy.provision.apart import CentreProvisioner, HostProvisioner, Invitation, Request, TlsFiles, draw_request
from deploy.provision.outside import OutsideBroker, OutsideDatabase, OutsideEngines
from deploy.provision.spec import TenantSpec, Timings
from deploy.provision.tenants import Provisioner
from deploy.render.processes import API_PORT
from deploy.stack.people import invite_administrators, make_people
from deploy.stack.state import StackState
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_AWAY, EXIT_CONFIGURATION, EXIT_DONE
from shared.kernel.tenancy import CENTRE, TenantId, tenant_id

HOME = Path("/var/lib/alongside")
PATIENCE_S = 90.0
"""Seconds for which engines that do not answer are asked again; everything here may be done twice."""
_PAUSE_S = 1.0
_SECRETS = Path("/run/secrets")


@dataclass(frozen=True, kw_only=True)
class ContainerLayout(Layout):
    """The folders of a compose stack, inside a container or, from outside, under ``secrets/home``."""

    @property
    def clock_file(self) -> Path:
        """In a folder of its own: a mounted file would not follow the rename that writes it."""
        return self.home / "clock" / "clock.json"

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


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.provision")
    parser.add_argument("--home", type=Path, default=HOME)
    parser.add_argument("--database", default=f"mongo:{DATABASE_PORT}")
    parser.add_argument("--broker", default="rabbitmq")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("stack")
    admit = commands.add_parser("admit")
    admit.add_argument("--tenant", required=True, help="its request lies in <home>/requests/<tenant>.json")
    admit.add_argument("--address", required=True, help="HOST:PORT of the centre's broker, as hosts reach it")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code."""
    options = build_parser().parse_args(arguments)
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            run(options)
        except (ConnectionFailure, TemporarilyUnavailableError) as error:
            # Nothing starts this container again, and all others wait for its end.
            if time.monotonic() < deadline:
                time.sleep(_PAUSE_S)
                continue
            sys.stderr.write(f"An engine does not answer ({type(error).__name__}). Run this again.\n")
            return EXIT_AWAY
        except AlongsideError as error:
            sys.stderr.write(f"{error}\n")
            return EXIT_CONFIGURATION
        return EXIT_DONE


def run(options: argparse.Namespace) -> None:
    """Run one command.

    Raises:
        AlongsideError: Something given is wrong, missing or away.
    """
    layout = ContainerLayout(home=options.home, port_base=DEFAULT_PORT_BASE)
    engines = OutsideEngines(
        mongod=OutsideDatabase(address=options.database, password_file=_SECRETS / "database-admin"),
        rabbit=OutsideBroker(host=options.broker, password_file=_SECRETS / "broker-admin"),
    )
    if options.command == "admit":
        _admit(layout, engines, tenant_id(options.tenant), options.address)
        return
    what = What.read(layout.home / "stack-kind.json")
    if what.kind == DEMO:
        _demo(layout, engines)
    elif what.kind == HOST:
        spec = TenantSpec(id=tenant_id(what.tenant), name=what.name, nation=what.nation, setting=what.setting, number=0)
        _host(layout, engines, spec)
    else:
        _provision(Provisioner(layout, timings=Timings(), demo=False, engines=engines), centre=True)
        _invite(layout, CENTRE)


def _demo(layout: Layout, engines: OutsideEngines) -> None:
    state = StackState(demo=True, timings=DEMO_TIMINGS)
    for number, host in enumerate(HOSTS):
        spec = TenantSpec(id=TenantId(host.id), name=host.name, nation=host.nation, setting=host.setting, number=number)
        state = state.with_tenant(spec)
    state.save(layout)
    provisioner = Provisioner(layout, timings=state.timings, demo=True, engines=engines)
    _provision(provisioner, *state.tenants, centre=True)
    for tenant in (CENTRE, *(t.id for t in state.tenants)):
        make_people(layout, tenant)


def _admit(layout: Layout, engines: OutsideEngines, tenant: TenantId, address: str) -> None:
    request = Request.read(layout.home / "requests" / f"{tenant}.json")
    provisioner = CentreProvisioner(layout, timings=Timings(), demo=False, engines=engines)
    try:
        invitation = provisioner.admit(request, address=address)
    finally:
        provisioner.close()
    folder = layout.home / "invitations"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / f"{tenant}.json", invitation.as_json())


def _host(layout: Layout, engines: OutsideEngines, spec: TenantSpec) -> None:
    draw_request(layout, spec).write(layout.home / "request.json")
    invitation = Invitation.read(layout.home / "invitation.json", tenant=spec.id)
    provisioner = HostProvisioner(
        layout,
        timings=Timings(),
        demo=False,
        engines=engines,
        invitation=invitation,
        tls=TlsFiles.in_folder(layout.home / "tls"),
    )
    _provision(provisioner, spec)
    _invite(layout, spec.id)


def _invite(layout: Layout, tenant: TenantId) -> None:
    """Invite the administrators, and leave their unused links in a file that only the operator's own user reads."""
    file = layout.home / "enrolment-links.json"
    paths = invite_administrators(layout, tenant)
    if paths:
        write_private(file, json.dumps(paths, indent=1))
        sys.stdout.write(f"Each administrator of {tenant} sets a password with a link of their own: {file.name}\n")
    else:
        file.unlink(missing_ok=True)


def _provision(provisioner: Provisioner, *specs: TenantSpec, centre: bool = False) -> None:
    try:
        if centre:
            provisioner.provision_centre()
        for spec in specs:
            provisioner.provision(spec)
    finally:
        provisioner.close()


if __name__ == "__main__":
    sys.exit(main())
