"""Migrations of a service's database: which there are, and on which versions a process may start.

A migration is a module ``services/<service>/migrations/NNNN_name.py``, numbered without gaps from 0001, with

- ``PHASE``: ``EXPAND`` adds what the next version needs and harms no running one; ``CONTRACT`` takes away
  what nothing running needs any more, and runs only when the operator says so;
- ``step(database, after)``: one batch, idempotent, done within half a minute; it gets what the step before
  gave (None at first) and gives where to go on, a BSON value, or None when nothing is left.

The version of a database is the number of the last migration that was carried out there; it stands in its
marker document as ``schema`` (0 where there is none). The rule of a rolling upgrade follows from
``check_schema``: first the new processes, side by side with the old, then ``alongside migrate up``.
"""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any

from pymongo.database import Database

from shared.runtime.context import ConfigurationError

_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)")


class Phase(StrEnum):
    """What a migration does to those who run meanwhile."""

    EXPAND = "EXPAND"
    CONTRACT = "CONTRACT"


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One migration of one service.

    Attributes:
        step: Carries out one batch; see the module.
    """

    number: int
    name: str
    phase: Phase
    step: Callable[[Database[dict[str, Any]], Any], Any]


class SchemaError(ConfigurationError):
    """A database is of a version that this program does not work with; exit code 78."""

    code = "schema-version"

    def __init__(self, service: str, what: str, mend: str) -> None:
        """Say what was found and how to mend it."""
        super().__init__(f"The database of {service} {what}. {mend}")


def read_migrations(package: str) -> tuple[Migration, ...]:
    """Read the migrations of a package, in order; none where there is no such package.

    Raises:
        SchemaError: A file's name is no migration's, or the numbers have a gap.
    """
    try:
        folder = importlib.import_module(package)
    except ModuleNotFoundError:
        return ()
    found = []
    for number, module in enumerate(sorted(m.name for m in pkgutil.iter_modules(folder.__path__)), start=1):
        match = _NAME.fullmatch(module)
        if match is None or int(match[1]) != number:
            raise SchemaError(package, f"has a migration {module}", f"It should have the number {number:04d}.")
        content = importlib.import_module(f"{package}.{module}")
        found.append(Migration(number=number, name=match[2], phase=Phase(content.PHASE), step=content.step))
    return tuple(found)


@cache
def migrations_of(service: str) -> tuple[Migration, ...]:
    """Give a service's migrations, in order."""
    return read_migrations(f"services.{service}.migrations")


def known_version(service: str) -> int:
    """Give the version that this program makes of a service's database."""
    return len(migrations_of(service))


def version_in(marker: Mapping[str, Any] | None) -> int:
    """Give the version that a marker document names."""
    return int((marker or {}).get("schema", 0))


def check_schema(
    marker: Mapping[str, Any] | None, service: str, migrations: tuple[Migration, ...] | None = None
) -> None:
    """Refuse a database that is newer than this program, or lacks more than its newest expand step.

    Contract steps that were not carried out yet harm nobody.

    Raises:
        SchemaError: It must not start here.
    """
    known = migrations_of(service) if migrations is None else migrations
    version = version_in(marker)
    if version > len(known):
        raise SchemaError(
            service,
            f"is at version {version}, this program knows {len(known)}",
            "Start the newer version of the program, or restore a backup from before its migrations.",
        )
    if [m.phase for m in known[version:]].count(Phase.EXPAND) > 1:
        raise SchemaError(
            service,
            f"is at version {version}, this program needs at least all but the last step to {len(known)}",
            "Start the version between first, or stop every process and run: alongside migrate up.",
        )
