"""``python -m deploy.containers.provision stack|admit``: makes what a compose stack needs in its engines.

``stack`` makes what the folder of secrets was drawn for: the centre and six invented hosts with their people on
one pair of engines, the centre alone, or one host with the centre's invitation, and its sandbox; ``admit`` is the
centre's side of such a host (docs/own-infrastructure.md). Idempotent, and run at every start, so an upgrade needs no
step of its own.

Exit codes: 0 done, 3 an engine did not answer for a minute and a half (run it again), 78 something given is wrong or
missing.
"""

import argparse
import json
import sys
import time
from collections.abc import Sequence

from pymongo.errors import ConnectionFailure

from deploy.containers.stack import ContainerLayout, ContainerStack, add_options, engines_of, layout_of
from deploy.containers.stack_kind import DEMO, HOST
from deploy.engines.secret_files import write_private
from deploy.provision.apart import CentreProvisioner, Request, draw_request
from deploy.provision.outside import OutsideEngines
from deploy.provision.spec import Timings
from deploy.stack.people import invite_administrators, make_people
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_AWAY, EXIT_CONFIGURATION, EXIT_DONE
from shared.kernel.tenancy import CENTRE, TenantId, tenant_id

PATIENCE_S = 90.0
"""Seconds for which engines that do not answer are asked again; everything here may be done twice."""
_PAUSE_S = 1.0


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.provision")
    add_options(parser)
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
    layout, engines = layout_of(options), engines_of(options)
    if options.command == "admit":
        _admit(layout, engines, tenant_id(options.tenant), options.address)
        return
    stack = ContainerStack(layout, engines)
    if stack.what.kind == HOST:
        draw_request(layout, stack.state.tenants[0]).write(layout.home / "request.json")
    if stack.what.kind == DEMO:
        stack.state.save(layout)
    _provision(stack)
    if stack.what.kind == DEMO:
        for tenant in (CENTRE, *(t.id for t in stack.state.tenants)):
            make_people(layout, tenant)
    else:
        if stack.what.sandbox:
            # Its people are invented, one of each role, wherever it stands.
            make_people(layout, tenant_id(stack.what.sandbox))
        _invite(layout, stack.state.tenants[0].id if stack.what.kind == HOST else CENTRE)


def _admit(layout: ContainerLayout, engines: OutsideEngines, tenant: TenantId, address: str) -> None:
    request = Request.read(layout.home / "requests" / f"{tenant}.json")
    provisioner = CentreProvisioner(layout, timings=Timings(), demo=False, engines=engines)
    try:
        invitation = provisioner.admit(request, address=address)
    finally:
        provisioner.close()
    folder = layout.home / "invitations"
    folder.mkdir(mode=0o700, exist_ok=True)
    write_private(folder / f"{tenant}.json", invitation.as_json())


def _invite(layout: ContainerLayout, tenant: TenantId) -> None:
    """Invite the administrators, and leave their unused links in a file that only the operator's own user reads."""
    file = layout.home / "enrolment-links.json"
    paths = invite_administrators(layout, tenant)
    if paths:
        write_private(file, json.dumps(paths, indent=1))
        sys.stdout.write(f"Each administrator of {tenant} sets a password with a link of their own: {file.name}\n")
    else:
        file.unlink(missing_ok=True)


def _provision(stack: ContainerStack) -> None:
    provisioner = stack.provisioner()
    try:
        if stack.has_centre:
            provisioner.provision_centre()
        for spec in stack.state.tenants:
            provisioner.provision(spec)
    finally:
        provisioner.close()


if __name__ == "__main__":
    sys.exit(main())
