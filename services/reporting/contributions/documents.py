"""The contributions, one document each: random ids and closed codes, nothing that names anybody."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from pymongo import IndexModel

from services.reporting.contributions.rules import Contribution, Facts, Move, Version
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

CONTRIBUTIONS = "contributions"


def _version_to(version: Version) -> dict[str, Any]:
    document = asdict(version)
    if version.facts is not None:
        document["facts"]["exploitation_types"] = list(version.facts.exploitation_types)
    return document


def _version_from(document: Mapping[str, Any]) -> Version:
    facts = document["facts"]
    if facts is not None:
        facts = Facts(**{**facts, "exploitation_types": tuple(facts["exploitation_types"])})
    return Version(**{**document, "facts": facts})


CONTRIBUTION = DocumentType(
    collection=CONTRIBUTIONS,
    fields=(
        Field(name="person_id", holds=Holds.ID),
        # Derived, and kept to be asked for: every quarter in which the episode stands or stood.
        Field(name="quarters", holds=Holds.CODE, write=lambda quarters: list(quarters())),
        Field(
            name="versions",
            holds=Holds.CODE,
            write=lambda versions: [_version_to(version) for version in versions],
            read=lambda stored: tuple(_version_from(version) for version in stored),
        ),
        # Contributions of before ADR 0020 have neither of these.
        Field(
            name="moves",
            holds=Holds.CODE,
            write=lambda moves: [asdict(move) for move in moves],
            read=lambda stored: tuple(Move(**move) for move in stored),
            missing=(),
        ),
        Field(name="fixed", holds=Holds.CODE, write=list, read=tuple, missing=()),
    ),
    indexes=(IndexModel([("quarters", 1)]),),
)
TYPES = (CONTRIBUTION,)


class ContributionStore:
    """Contributions under their random ids."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def find(self, contribution_id: str) -> Contribution | None:
        """Give a contribution, or None."""
        document = self._work.find(CONTRIBUTIONS, contribution_id)
        return contribution_from(document) if document is not None else None

    def save(self, contribution: Contribution) -> None:
        """Keep a contribution's newest state."""
        self._work.save(CONTRIBUTIONS, CONTRIBUTION.document(contribution))

    def of_quarters(self, quarters: Iterable[str]) -> list[Contribution]:
        """Give all contributions that stand or stood in one of these quarters."""
        return [contribution_from(found) for found in self._work.find_where(CONTRIBUTIONS, in_quarters(quarters))]


def in_quarters(quarters: Iterable[str]) -> dict[str, Any]:
    """Give the query for what stands or stood in one of these quarters."""
    return {"quarters": {"$in": list(quarters)}}


def contribution_from(document: Mapping[str, Any]) -> Contribution:
    """Read a contribution's document."""
    values = CONTRIBUTION.values(document)
    del values["quarters"], values["version"]
    return Contribution(**values)
