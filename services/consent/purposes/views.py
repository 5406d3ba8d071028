"""The purposes with the host's own basis, and what would be shared of one person under one of them; plain rows."""

from collections.abc import Iterable
from typing import Any

from pymongo.database import Database

from services.consent.gate.documents import EPISODE, EPISODES
from services.consent.ledger.rules import STATISTICS
from services.consent.purposes.documents import BASES, Basis, basis_in
from services.consent.purposes.register import PURPOSES, Purpose
from shared.codelists.lists import get
from shared.contracts.consent import ConsentStatusChanged

_LISTS = {
    "gender": "gender",
    "exploitation_types": "exploitation_type",
    "region_of_nationality": "region_of_nationality",
}


class PurposeViews:
    """Reads from consent's own database."""

    def __init__(self, database: Database[dict[str, Any]]) -> None:
        """Take the database."""
        self._database = database

    def purposes(self) -> list[dict[str, Any]]:
        """Give every purpose, in the order in which they are asked about, with its basis or the gap."""
        stated = {document["_id"]: basis_in(document) for document in self._database[BASES].find()}
        return [_row(purpose, stated.get(code)) for code, purpose in PURPOSES.items()]

    def basis(self, purpose: str) -> Basis | None:
        """Give what was stated last of a purpose."""
        return basis_in(self._database[BASES].find_one({"_id": purpose}))

    def shared(self, survivor_id: str, purpose: str, recipient_class: str | None) -> dict[str, Any]:
        """Say what would be shared of somebody with whom, before they decide."""
        known = PURPOSES[purpose]
        named = recipient_class or known.recipients[0]
        documents = self._database[EPISODES].find({"survivor_id": survivor_id}).sort("_id", 1)
        counted = [_counted(EPISODE.values(d)["facts"].codes()) for d in documents] if purpose == STATISTICS else []
        return {
            "purpose": purpose,
            "why": known.why,
            "recipient_class": named,
            "is_theirs": named in known.recipients,
            "data_classes": list(known.data_classes),
            "leaves_this_host": known.leaves,
            "counted": counted,
            "own_systems_see": sorted(ConsentStatusChanged.public_fields),
            "basis": _basis_row(self.basis(purpose)),
        }


def gaps(rows: Iterable[dict[str, Any]]) -> list[str]:
    """Give the purposes of which the host stated no basis."""
    return [row["code"] for row in rows if row["basis"] is None]


def _row(purpose: Purpose, basis: Basis | None) -> dict[str, Any]:
    return {
        "code": purpose.code,
        "why": purpose.why,
        "recipients": list(purpose.recipients),
        "data_classes": list(purpose.data_classes),
        "leaves_this_host": purpose.leaves,
        "held_by": list(purpose.held_by),
        "basis": _basis_row(basis),
    }


def _basis_row(basis: Basis | None) -> dict[str, Any] | None:
    if basis is None:
        return None
    names = ("article6", "article9", "controller", "contact", "keeps_months", "stated_at")
    return {name: getattr(basis, name) for name in names}


def _counted(codes: dict[str, Any]) -> dict[str, Any]:
    """Put what would be counted of one episode into words, for whoever reads it to the survivor."""
    words: dict[str, Any] = {"referral_month": codes["referral_month"]}
    for name, list_name in _LISTS.items():
        said = codes[name]
        labels = [get(list_name).label(code) for code in (said if isinstance(said, list) else [said])]
        words[name] = labels if isinstance(said, list) else labels[0]
    return words
