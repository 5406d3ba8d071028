"""Whom a page means: a person's number, or the host's own reference; an advocate finds their own people alone."""

import re

from services.case.references.index import ReferenceIndex
from services.case.references.views import ReferenceViews
from services.case.survivors.rules import ADVOCATE
from services.case.survivors.views import SurvivorViews
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.gateway import Gateway

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class PersonFinder:
    """Finds whom somebody typed; each search by reference is audited, as the API's is."""

    def __init__(self, context: ServiceContext, web: Gateway) -> None:
        """Take case's context and gateway."""
        self._survivors = SurvivorViews(context)
        self._references = ReferenceViews(context, ReferenceIndex(context), self._survivors)
        self._web = web

    def find(self, person: str, who: Principal) -> str | None:
        """Give whom a number or a reference means; None of several, and of nobody of whom the caller may know."""
        number = person.casefold()
        found = [number] if _ID.fullmatch(number) else self._by_reference(person, who)
        known = [one for one in dict.fromkeys(found) if self._is_theirs(one, who)]
        return known[0] if len(known) == 1 else None

    def _by_reference(self, person: str, who: Principal) -> list[str]:
        rows = self._web.read(
            "case:reference:search", "list", lambda: self._references.search(person, source=None, who=who)
        )
        return [row["survivor_id"] for row in rows]

    def _is_theirs(self, survivor_id: str, who: Principal) -> bool:
        return who.role != ADVOCATE or self._survivors.may_act(survivor_id, who.actor_id)
