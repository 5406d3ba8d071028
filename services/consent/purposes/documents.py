"""The basis in law that the host stated for each purpose: one document a purpose, every statement kept."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

BASES = "purpose_bases"


@dataclass(frozen=True, kw_only=True)
class Basis:
    """What a host states of one purpose.

    Attributes:
        article6: A code of the list ``lawful_basis``.
        article9: A code of the list ``special_condition``.
        controller: Who decides about the data, in words.
        contact: How to reach the controller's data protection officer, in words.
        keeps_months: How long the record of the decision is kept after support has ended.
    """

    article6: str
    article9: str
    controller: str
    contact: str
    keeps_months: int
    stated_by: str
    stated_at: datetime


BASIS = DocumentType(
    collection=BASES,
    fields=(
        Field(
            name="statements",
            holds=Holds.TEXT,
            write=lambda statements: [asdict(one) for one in statements],
            read=lambda kept: tuple(Basis(**one) for one in kept),
        ),
    ),
)
TYPES = (BASIS,)


class BasisStore:
    """The bases, by purpose."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def of(self, purpose: str) -> Basis | None:
        """Give what was stated last of a purpose, or None."""
        return basis_in(self._work.find(BASES, purpose))

    def state(self, purpose: str, basis: Basis) -> None:
        """Add a statement; the last one counts."""
        known = self._work.find(BASES, purpose)
        before = BASIS.values(known)["statements"] if known is not None else ()
        self._work.save(BASES, BASIS.changed(known or {"_id": purpose}, statements=(*before, basis)))


def basis_in(document: Mapping[str, Any] | None) -> Basis | None:
    """Read what was stated last."""
    if document is None:
        return None
    statements: tuple[Basis, ...] = BASIS.values(document)["statements"]
    return statements[-1] if statements else None
