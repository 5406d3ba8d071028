"""``python -m deploy.containers.secret_folder FOLDER TENANT…``: draws the secrets of a compose stack, as files.

Promise: each secret is drawn once, at random, and never replaced; each file may be read by its one user only,
under the numbers that the images give their users. Needs to run as root, for that reason; deploy/containers/secrets.sh
runs it in the image, without a network.

Limit: whoever is root on the machine reads all of it; back the folder up apart from the databases.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from deploy.engines.rabbit_config import definitions
from deploy.engines.secret_files import read_or_make_key, read_or_make_password, write_private
from shared.kernel.tenancy import RESERVED, TenantId, tenant_id

OURS, ENGINES, GRAFANA = 10_001, 999, 472
"""User and group numbers: of our image, of the official images of broker and database, and of Grafana's."""

_KEY_CHARACTERS = 512
_EXIT_USAGE = 2


def make(folder: Path, tenants: Sequence[TenantId]) -> None:
    """Make what is missing and set owners and modes of all."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    read_or_make_key(folder / "database.key", characters=_KEY_CHARACTERS)
    read_or_make_password(folder / "database-admin.password")
    read_or_make_password(folder / "grafana-admin.password")
    password = read_or_make_password(folder / "broker-admin.password")
    if not (folder / "broker-definitions.json").exists():
        write_private(folder / "broker-definitions.json", definitions(admin_password=password))
    home = folder / "home"
    # Made here, since the engine would make a missing folder of a mount as root's.
    made = [home, home / "clock", home / "secrets", home / "secrets" / "credentials", home / "tenants", home / "tls"]
    made += [home / "secrets" / "credentials" / tenant for tenant in tenants]
    made += [home / "tenants" / tenant for tenant in tenants]
    for path in made:
        path.mkdir(mode=0o700, exist_ok=True)
        os.chown(path, OURS, OURS)
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


def main(arguments: Sequence[str] | None = None) -> int:
    """Make a folder and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.containers.secret_folder")
    parser.add_argument("folder", type=Path)
    parser.add_argument("tenants", nargs="+")
    options = parser.parse_args(arguments)
    if os.geteuid() != 0:
        sys.stderr.write("Only root can give files to the images' users. Run: deploy/containers/secrets.sh\n")
        return _EXIT_USAGE
    make(options.folder, [TenantId(t) if t in RESERVED else tenant_id(t) for t in options.tenants])
    return 0


if __name__ == "__main__":
    sys.exit(main())
