"""``python -m deploy.render``: writes docker-compose.yml and docker-compose.guests.yml; ``--check`` only compares.

Ends with 1 if ``--check`` finds a file that is not as the code is. A tenant's Kubernetes folder is written by
``alongside tenant render``.
"""

import argparse
import sys
from collections.abc import Sequence

from deploy.engines.layout import PROJECT_ROOT
from deploy.render.compose import compose_files


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare both files and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.render")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a file is outdated")
    options = parser.parse_args(arguments)
    outdated = 0
    for name, text in compose_files().items():
        file = PROJECT_ROOT / name
        if not options.check:
            file.write_text(text, encoding="utf-8")
        elif not file.exists() or file.read_text(encoding="utf-8") != text:
            sys.stdout.write(f"{name} is outdated. Run: python -m deploy.render\n")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main())
