"""``python -m deploy.provision.prepare --tenant T``: makes a tenant's key and databases from its credentials files.

For stacks whose engines are not ours to start, such as a cluster's: the broker is configured there by the
Messaging Topology Operator, the passwords come from a secret store, and this one short process does the
rest with the database administrator's address. Idempotent; run it at every upgrade, before the processes.
Exit codes: 0 done, 3 the database is away (run it again), 78 something given is wrong.

Limit: the broker is not looked at; each worker looks at its vhost when it starts.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pymongo import MongoClient
from pymongo.errors import ConnectionFailure, OperationFailure
from pymongo.uri_parser import parse_uri

from deploy.engines.secret_files import write_private
from deploy.provision.databases import Client, make_courier_user, make_service_database
from deploy.provision.escrow import prepare_escrow
from deploy.provision.settings import COURIER
from services.identity.people.provisioning import invite_first_administrators
from shared.bus.names import user_name
from shared.bus.topology import topology_of
from shared.kernel.errors import AlongsideError
from shared.kernel.exits import EXIT_AWAY, EXIT_CONFIGURATION, EXIT_DONE
from shared.kernel.tenancy import RESERVED, TenantId, couriers_service, database_name, services_of, tenant_id
from shared.keys.signing import SigningKey
from shared.keys.tenant_key import TenantKeyFile
from shared.runtime.context import KEEPERS_OF_SURVIVOR_KEYS, ConfigurationError, ServiceSettings, connect, open_context
from shared.runtime.database_engine import refuse_leaky_members
from shared.transparency.log_key import LogKey
from shared.transparency.notes import origin_of


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.provision.prepare")
    parser.add_argument("--tenant", required=True)
    parser.add_argument("--admin", type=Path, required=True, help="file with the database administrator's URI")
    parser.add_argument("--first-link", type=Path, help="file with the secret of the first administrator's link")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare one tenant and give the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        tenant = TenantId(options.tenant) if options.tenant in RESERVED else tenant_id(options.tenant)
        prepare(tenant, _read(options.admin))
        if options.first_link is not None and options.first_link.exists():
            make_first_administrators(tenant, _read(options.first_link))
    except ConnectionFailure as error:
        sys.stderr.write(f"The database does not answer ({type(error).__name__}). Run this again.\n")
        return EXIT_AWAY
    except OperationFailure as error:
        sys.stderr.write(f"The database refuses its administrator (code {error.code}). Check the file of --admin.\n")
        return EXIT_CONFIGURATION
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    return EXIT_DONE


def prepare(tenant: TenantId, admin_uri: str) -> None:
    """Make key, databases, users and markers of one tenant.

    Raises:
        ConfigurationError: A credentials file is missing or names another user or database than it should.
        LeakyDatabaseError: The database leaks its memory to anybody (CVE-2025-14847).
    """
    refuse_leaky_members(admin_uri)
    admin: Client = connect(admin_uri, f"{tenant}.prepare")
    try:
        for service in services_of(tenant):
            settings = ServiceSettings.load(tenant, service)
            topology = topology_of(tenant, settings.ladder)
            password = _password(settings.mongo_uri, user_name(tenant, service), database_name(tenant, service))
            make_service_database(admin, tenant, service, topology, password)
            key = _tenant_key(settings.tenant_key_file, tenant)
            if service in KEEPERS_OF_SURVIVOR_KEYS:
                _prepare_escrow(admin, tenant, settings, key)
            if "signing_key_file" in settings.extra:
                _signing_key(tenant, settings)
            if "log_key_file" in settings.extra:
                _log_key(tenant, settings)
        if (couriers := couriers_service(tenant)) is not None:
            settings = ServiceSettings.load(tenant, COURIER)
            database = database_name(tenant, couriers)
            make_courier_user(admin, tenant, _password(settings.mongo_uri, user_name(tenant, COURIER), database))
    finally:
        admin.close()


def make_first_administrators(tenant: TenantId, link: str) -> None:
    """Invite ``admin@<tenant>.example`` with the link's given secret, and a second administrator with one of its own.

    The second link is printed, since this process alone draws it; it works once, for seven days, and a later run draws
    another while it is unused. Administrators who have a password stay as they are.
    """
    context = open_context(tenant, "identity", kind="provision")
    try:
        for login, path in invite_first_administrators(context, link=link).items():
            known = path.endswith(f"/{link}")
            sys.stdout.write(f"{login} sets a password at {'/enrol, with the secret given here' if known else path}\n")
    finally:
        context.committer.close()
        context.client.close()


def _prepare_escrow(
    admin: MongoClient[dict[str, Any]], tenant: TenantId, settings: ServiceSettings, key: TenantKeyFile
) -> None:
    """Fill the escrow slot; the holder's private half lies beside it until its holder takes it away."""
    public = Path(settings.extra["escrow_holder_key_file"])
    said = prepare_escrow(
        Path(settings.extra["escrow_file"]).parent,
        tenant,
        key,
        admin[database_name(tenant, "keys")],
        holder_file=public.with_name("holder.key"),
    )
    if not public.exists():
        write_private(public, said["escrow_holder_key"])


def _signing_key(tenant: TenantId, settings: ServiceSettings) -> None:
    """Draw the signing key once, and print its public half, which the other parties are given by hand."""
    file = Path(settings.extra["signing_key_file"])
    if not file.exists():
        write_private(file, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    sys.stdout.write(f"The public signing key of {tenant} is {SigningKey.load(file).public}\n")


def _log_key(tenant: TenantId, settings: ServiceSettings) -> None:
    """Draw the key of the audit log once, and print its public halves, which whoever verifies the log is given."""
    file = Path(settings.extra["log_key_file"])
    if not file.exists():
        write_private(file, LogKey.draw().text)
    lines = "".join(f"{key.line}\n" for key in LogKey.load(file).public(origin_of(tenant)))
    sys.stdout.write(f"The public keys of the audit log of {tenant} are\n{lines}")


def _tenant_key(path: Path, tenant: TenantId) -> TenantKeyFile:
    """Draw the tenant's key once; it never leaves the place where it is drawn."""
    return TenantKeyFile.load(path, tenant) if path.exists() else TenantKeyFile.create(path, tenant)


def _password(uri: str, user: str, database: str) -> str:
    found = parse_uri(uri, validate=False, warn=False)
    said = (found["username"], found["options"].get("authSource"))
    if said != (user, database) or not found["password"]:
        raise ConfigurationError(
            f"The database address in the credentials file of {user} names another user or authSource. "
            f"It must be user {user} with authSource {database}: render the tenant again."
        )
    return str(found["password"])


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ConfigurationError(f"The file {file} cannot be read. Check its mount and mode.") from error


if __name__ == "__main__":
    sys.exit(main())
