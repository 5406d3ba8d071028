"""``python -m deploy.docs.generate``: writes docs/reference from the code; ``--check`` only compares.

Ends with 1 if ``--check`` finds a page that is not as the code is.
"""

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from deploy.docs import public_events
from deploy.docs.asyncapi import asyncapi_page
from deploy.docs.code_lists import code_lists_page
from deploy.docs.command_line import command_line_page
from deploy.docs.configuration import configuration_page
from deploy.docs.errors import errors_page
from deploy.docs.events import events_page
from deploy.docs.http_api import http_api_page
from deploy.docs.leaving_package import leaving_package_page
from deploy.docs.licences import licences_page
from deploy.docs.metrics import metrics_page
from deploy.docs.queues import queues_page
from deploy.engines.layout import PROJECT_ROOT

REFERENCE = PROJECT_ROOT / "docs" / "reference"
PAGES: Mapping[str, Callable[[], str]] = {
    "command-line.md": command_line_page,
    "http-api.md": http_api_page,
    "events.md": events_page,
    "queues.md": queues_page,
    "configuration.md": configuration_page,
    "metrics.md": metrics_page,
    "errors.md": errors_page,
    "code-lists.md": code_lists_page,
    "leaving-package.md": leaving_package_page,
    "licences.md": licences_page,
    "asyncapi.yaml": asyncapi_page,
    **public_events.pages(),
}


def outdated(folder: Path = REFERENCE) -> list[str]:
    """Give the names of pages that are not as the code is."""
    return [name for name, write in PAGES.items() if not _is(folder / name, write())]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or compare every page and give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m deploy.docs.generate")
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a page is outdated")
    options = parser.parse_args(arguments)
    if options.check:
        found = outdated()
        for name in found:
            sys.stdout.write(f"docs/reference/{name} is outdated. Run: python -m deploy.docs.generate\n")
        return 1 if found else 0
    REFERENCE.mkdir(parents=True, exist_ok=True)
    for name, write in PAGES.items():
        file = REFERENCE / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(write(), encoding="utf-8")
    return 0


def _is(file: Path, text: str) -> bool:
    return file.exists() and file.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
