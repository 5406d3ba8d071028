"""``python -m deploy.containers.replica_set``: makes a new mongod container a replica set with one administrator.

Shares the database container's network, since MongoDB lets the first administrator in from 127.0.0.1 only. The
same for the official image and for a stand-in; idempotent. Exit codes: 0 done, 3 the database is away, 78 the
data knows another administrator, or the server would leak its memory.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pymongo import MongoClient
from pymongo.errors import OperationFailure, PyMongoError

from deploy.engines.mongod import ADMIN_USER, REPLICA_SET
from deploy.engines.official import DATABASE_PORT
from deploy.engines.waiting import wait_until
from shared.kernel.exits import EXIT_AWAY, EXIT_CONFIGURATION, EXIT_DONE
from shared.runtime.database_engine import LeakyDatabaseError, refuse_leaky_member

_READY_WITHIN_S = 90.0
_ONE_TRY_MS = 2_000
# Codes of MongoDB's error_codes.yml.
_REFUSED = frozenset({13, 18})  # Unauthorized, AuthenticationFailed.
_ALREADY_INITIALIZED = 23


def prepare(*, address: str, password: str) -> None:
    """Initiate the set under its own address and add the administrator.

    Raises:
        OperationFailure: The data knows another administrator.
        PyMongoError: The database is away, or did not become primary in time.
        LeakyDatabaseError: It offers zlib, and its version leaks memory through that (CVE-2025-14847).
    """
    local = f"mongodb://127.0.0.1:{DATABASE_PORT}/?directConnection=true"
    with _connect(local) as nobody:
        if "setName" not in nobody.admin.command("hello"):
            try:
                nobody.admin.command("replSetInitiate", {"_id": REPLICA_SET, "members": [{"_id": 0, "host": address}]})
            except OperationFailure as error:
                if error.code not in {_ALREADY_INITIALIZED, *_REFUSED}:
                    raise
        if not wait_until(lambda: bool(nobody.admin.command("hello")["isWritablePrimary"]), within_s=_READY_WITHIN_S):
            raise PyMongoError("not primary in time")
        try:
            nobody.admin.command("createUser", ADMIN_USER, pwd=password, roles=["root"])
        except OperationFailure as error:
            if error.code not in _REFUSED:
                raise
    with _connect(f"mongodb://{ADMIN_USER}:{password}@127.0.0.1:{DATABASE_PORT}/?directConnection=true") as admin:
        admin.admin.command("ping")
        refuse_leaky_member(admin)


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.replica_set")
    parser.add_argument("--address", default=f"mongo:{DATABASE_PORT}", help="as the services know it")
    parser.add_argument("--password-file", type=Path, default=Path("/run/secrets/database-admin"))
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Prepare the database and give the exit code."""
    options = build_parser().parse_args(arguments)
    try:
        prepare(address=options.address, password=options.password_file.read_text(encoding="utf-8").strip())
    except OperationFailure as error:
        sys.stderr.write(
            f"The database refuses its administrator (code {error.code}). The data of the volume was made with other "
            "secrets: put back the folder of secrets that belongs to it.\n"
        )
        return EXIT_CONFIGURATION
    except LeakyDatabaseError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    except PyMongoError as error:
        sys.stderr.write(
            f"The database does not answer in the way that is expected ({type(error).__name__}). Run this again.\n"
        )
        return EXIT_AWAY
    return EXIT_DONE


def _connect(uri: str) -> MongoClient[dict[str, Any]]:
    return MongoClient(uri, serverSelectionTimeoutMS=_ONE_TRY_MS, timeoutMS=10 * _ONE_TRY_MS)


if __name__ == "__main__":
    sys.exit(main())
