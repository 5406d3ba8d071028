"""A visit in the words of its pages; names of the host's own people come from identity under the reader's rights."""

from collections.abc import Mapping
from typing import Any

from services.case.visits.rules import HELP, HOST_ADMIN
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal
from shared.web.listing import MOST
from shared.web.pages.edge import ask

_NAMED_BY = {HOST_ADMIN: "/v1/users"}


def names_for(who: Principal) -> dict[str, str]:
    """Give the names of the host's own people, as far as identity tells the reader."""
    told = ask(_NAMED_BY.get(who.role, "/v1/advocates"), query={"limit": str(MOST)})
    return {one["id"]: one["display_name"] for one in (told or {}).get("items", ())}


def in_words(row: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Give a visit with its codes in words."""
    return {
        **row,
        "who": _named(names, row["goes_id"]),
        "takes": None if row["taken_by"] is None else _named(names, row["taken_by"]),
        "what": "Asked for help" if row["alarm"] == HELP else "Has not said that they are safe",
        "hears_first": get("visit_told").label(row["told"]),
    }


def _named(names: Mapping[str, str], person_id: str) -> str:
    return names.get(person_id) or f"Colleague {person_id[-4:]}"
