"""``python -m deploy.keeping backup|check|restore``: keeps containers and clusters; a local stack has ``alongside``.

Where the engines are is said by options, and any MongoDB address will do. Beside a compose stack's folder of secrets
the whole stack is kept; with ``--pod TENANT`` one tenant of a cluster, from inside a pod with the mounts of
``prepare``. The last line that is printed is JSON. Exit codes: 0 done, 1 refused, 3 an engine is away (run it again).

Promise: a backup of one place is restored into another whose database asks for TLS
(``tests/integration/keeping/test_keeping_elsewhere.py``).
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pymongo.errors import ConnectionFailure

from deploy.containers.stack import ContainerStack, add_options, engines_of, layout_of
from deploy.keeping.backup import back_up
from deploy.keeping.cluster import ClusterKept
from deploy.keeping.places import Kept, StackKept
from deploy.keeping.restore import Sources, check, restore
from shared.kernel.errors import AlongsideError, TemporarilyUnavailableError
from shared.kernel.exits import EXIT_AWAY, EXIT_DONE, EXIT_REFUSED
from shared.kernel.tenancy import RESERVED, TenantId, tenant_id
from shared.runtime.context import ConfigurationError


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.keeping")
    add_options(parser)
    parser.add_argument("--pod", metavar="TENANT", help="keep this tenant of a cluster, from inside its pod")
    parser.add_argument("--admin", type=Path, help="with --pod: file with the database administrator's address")
    commands = parser.add_subparsers(dest="command", required=True)
    backup = commands.add_parser("backup")
    backup.add_argument("--to", type=Path, required=True, help="a new folder")
    backup.add_argument("--recipient", required=True, help="age public key (age1…)")
    backup.add_argument("--keys-to", type=Path, help="folder of the keys files, one slot a tenant")
    for name in ("check", "restore"):
        command = commands.add_parser(name)
        command.add_argument("folder", type=Path)
        command.add_argument("--identity", type=Path, required=True, help="age identity file")
        command.add_argument("--keys", type=Path, help="folder of the newest keys files")
        command.add_argument("--escrow", type=Path, help="folder with copies of the escrow slots")
        if name == "restore":
            command.add_argument("--verify", action="store_true", help="check that all was restored and opens")
    for command in commands.choices.values():
        command.add_argument("--tenant", action="append", default=[], help="may be given again; default is all")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and give the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        sys.stdout.write(json.dumps(_run(options, _kept(options))) + "\n")
    except ConnectionFailure as error:
        sys.stderr.write(f"The database does not answer ({type(error).__name__}). Run this again.\n")
        return EXIT_AWAY
    except TemporarilyUnavailableError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_AWAY
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_REFUSED
    return EXIT_DONE


def _run(options: argparse.Namespace, kept: Kept) -> object:
    if options.command == "backup":
        return back_up(
            kept,
            to=options.to,
            recipient=options.recipient,
            tenants=options.tenant,
            keys_to=options.keys_to,
            say=_say,
        )
    sources = Sources(folder=options.folder, identity=options.identity, keys=options.keys, escrow=options.escrow)
    if options.command == "check":
        found = check(kept, sources, options.tenant)
        return {"tenants": [{"tenant": t.id, "documents": sum(t.data.counts.values())} for t in found]}
    return restore(kept, sources, options.tenant, verify=options.verify, say=_say)


def _kept(options: argparse.Namespace) -> Kept:
    if options.pod is None:
        return StackKept(ContainerStack(layout_of(options), engines_of(options)))
    tenant = TenantId(options.pod) if options.pod in RESERVED else tenant_id(options.pod)
    try:
        return ClusterKept(tenant, options.admin.read_text(encoding="utf-8").strip())
    except (AttributeError, OSError) as error:
        raise ConfigurationError(
            "With --pod, --admin names the file with the database administrator's address, such as the mount of the "
            "Secret database-admin. It is missing or cannot be read."
        ) from error


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
