"""``python -m deploy.provision.register --data FOLDER --host H …``: puts a host into a server's register.

For the owners of board and custodian, each on their own server, with the public key that the host's owner gave
them by hand. A host without an entry cannot stand on a roster. Exit codes: 0 done, 2 wrong usage, 78 something
given is wrong.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from pathlib import Path

from shared.codelists.lists import get
from shared.contracts.task import RosterHost
from shared.kernel.errors import AlongsideError
from shared.kernel.exits import EXIT_CONFIGURATION
from shared.kernel.tenancy import tenant_id
from shared.keys.signing import HostRegister

_KEY = re.compile(r"[0-9a-f]{64}")


def main(arguments: Sequence[str] | None = None) -> int:
    """Put one host into the register and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.provision.register")
    parser.add_argument("--data", type=Path, required=True, help="the server's data folder")
    parser.add_argument("--host", required=True)
    parser.add_argument("--name", help="what the board's page calls the host; its id if not given")
    parser.add_argument("--nation", required=True)
    parser.add_argument("--setting", default="OTHER")
    parser.add_argument("--key", required=True, help="the host's public signing key, 64 hexadecimal digits")
    options = parser.parse_args(arguments)
    if not _KEY.fullmatch(options.key):
        sys.stderr.write("A public signing key has 64 lower-case hexadecimal digits. Ask the host's owner again.\n")
        return EXIT_CONFIGURATION
    try:
        entry = RosterHost(
            host=tenant_id(options.host),
            nation=get("nation").require(options.nation),
            setting=get("organisation_setting").require(options.setting),
            signing_key=options.key,
        )
        HostRegister(path=options.data / "hosts.json").put(entry, name=options.name)
    except AlongsideError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_CONFIGURATION
    return 0


if __name__ == "__main__":
    sys.exit(main())
