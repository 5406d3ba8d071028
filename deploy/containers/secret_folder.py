"""``python -m deploy.containers.secret_folder FOLDER demo|centre|host …``: draws a compose stack's secrets, as files.

Promise: each secret is drawn once, at random, and never replaced; each file may be read by its one user only,
under the numbers that the images give their users. Needs to run as root, for that reason; deploy/containers/secrets.sh
runs it in the image, without a network. Shown by tests/images/test_own_infrastructure.py.

Limit: whoever is root on the machine reads all of it; back the folder up apart from the databases.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.containers.stack_kind import What
from deploy.engines.rabbit_config import definitions
from deploy.engines.secret_files import read_or_make_key, read_or_make_password, write_private
from shared.kernel.errors import AlongsideError
from shared.kernel.exits import EXIT_CONFIGURATION, EXIT_DONE, EXIT_USAGE
from shared.kernel.tenancy import reads_folders

OURS, ENGINES, GRAFANA = 10_001, 999, 472
"""User and group numbers: of our image, of the official images of broker and database, and of Grafana's."""

_EACH_TENANTS = ("secrets/credentials", "tenants", "escrow")
_KEY_CHARACTERS = 512


def make(folder: Path, what: What, drop: Path | None = None) -> None:
    """Make what is missing and set owners and modes of all.

    Args:
        folder: Of the secrets.
        what: Which stack.
        drop: Where the folders of the hosts' sources stand, if they are to be made.

    Raises:
        OtherStackError: The folder is of a stack of another kind, or of another host.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    read_or_make_key(folder / "database.key", characters=_KEY_CHARACTERS)
    read_or_make_password(folder / "database-admin.password")
    read_or_make_password(folder / "grafana-admin.password")
    password = read_or_make_password(folder / "broker-admin.password")
    if not (folder / "broker-definitions.json").exists():
        write_private(folder / "broker-definitions.json", definitions(admin_password=password))
    home = folder / "home"
    # Made here, since the engine would make a missing folder of a mount as root's.
    tenants = what.tenants
    made = [home, home / "clock", home / "tls", home / "secrets", *(home / part for part in _EACH_TENANTS)]
    made += [home / part / tenant for part in _EACH_TENANTS for tenant in tenants]
    for path in made:
        path.mkdir(mode=0o700, exist_ok=True)
        os.chown(path, OURS, OURS)
    if drop is not None:
        for tenant in filter(reads_folders, tenants):
            # Whoever brings files is let in by the operator, not by us: the group that they chose stays.
            is_new = not (drop / tenant).exists()
            (drop / tenant).mkdir(mode=0o700, parents=True, exist_ok=True)
            os.chown(drop / tenant, OURS, OURS if is_new else -1)
    what.keep(home / "stack-kind.json")
    os.chown(home / "stack-kind.json", OURS, OURS)
    owners = {
        "database.key": ENGINES,
        "database-admin.password": OURS,
        "broker-admin.password": OURS,
        "broker-definitions.json": ENGINES,
        "grafana-admin.password": GRAFANA,
    }
    for name, owner in owners.items():
        os.chown(folder / name, owner, owner)
        (folder / name).chmod(0o400)
    broker_tls = folder / "broker-tls"
    broker_tls.mkdir(mode=0o700, exist_ok=True)
    os.chown(broker_tls, ENGINES, ENGINES)


def build_parser() -> argparse.ArgumentParser:
    """Build the command line."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.secret_folder")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--drop", type=Path, help="also make the folders of the hosts' sources, below this one")
    kinds = parser.add_subparsers(dest="kind", required=True)
    kinds.add_parser("demo")
    kinds.add_parser("centre")
    host = kinds.add_parser("host")
    host.add_argument("tenant", help="short id: letters and digits")
    host.add_argument("--name", required=True, help="the host organisation's name")
    host.add_argument("--nation", required=True)
    host.add_argument("--setting", default="OTHER")
    host.add_argument("--sandbox", help="id of a host of invented people beside it, such as sandboxtry")
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a folder and give the exit code."""
    options = build_parser().parse_args(arguments)
    if os.geteuid() != 0:
        sys.stderr.write("Only root can give files to the images' users. Run: deploy/containers/secrets.sh\n")
        return EXIT_USAGE
    try:
        what = What.given(**{k: v for k, v in vars(options).items() if k not in {"folder", "drop"}})
        make(options.folder, what, options.drop)
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    return EXIT_DONE


if __name__ == "__main__":
    sys.exit(main())
