"""What the administrators' pages show of people beyond the API's rows: states in words, and what waits for whom."""

from collections.abc import Mapping
from typing import Any

from services.identity.organisations.documents import ORGANISATIONS
from services.identity.people.assembly import policy_of, views_of
from services.identity.people.links import ENROLMENTS, link_from
from services.identity.people.rules import ACTIVE, CENTRE_ROLES, GUARDED, HOST_ROLES, INVITED
from shared.kernel.clock import real_now
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.listing import Page, PageRequest
from shared.web.pages.words import role_words

MOST_ORGANISATIONS = 200

_FOR_MACHINES = frozenset({"INTEGRATOR"})
_STATES = {ACTIVE: ("Active", "good"), INVITED: ("Invited", "wait")}


class AdministrationViews:
    """Reads from identity's own database what one administrator may see."""

    def __init__(self, context: ServiceContext) -> None:
        """Take identity's context."""
        self._database = context.client[context.database_name]
        self._people = views_of(context)
        self._policy = policy_of(context)
        self._own_place = context.settings.name
        self._tenant = str(context.tenant_id)

    @property
    def offered(self) -> tuple[str, ...]:
        """Roles that are offered in one's own organisation; a machine's role is given with its key."""
        roles = CENTRE_ROLES if self._policy.centre else HOST_ROLES
        return tuple(role for role in roles if role not in _FOR_MACHINES)

    def administers(self, who: Principal) -> bool:
        """Whether somebody still administers."""
        return self._people.administers(who)

    def people(self, wanted: PageRequest, who: Principal) -> dict[str, Any]:
        """Give a part of the list, and who waits for this administrator, by name."""
        page: Page = self._people.users(wanted, who)
        rows = [self._row(row, who) for row in page.items]
        rows.sort(key=lambda row: (row["display_name"].casefold(), row["id"]))
        return {"people": rows, "next": page.next}

    def person(self, user_id: str, who: Principal) -> dict[str, Any]:
        """Give one person; ``DocumentMissingError`` if there is none for this administrator."""
        return self._row(self._people.user(user_id, who), who)

    def name_of(self, organisation_id: str) -> str:
        """Give an organisation's name; its id where there is none."""
        if organisation_id == self._tenant:
            return self._own_place
        known = self._database[ORGANISATIONS].find_one({"_id": organisation_id})
        return str(known["name"]) if known is not None else organisation_id

    def organisations(self, who: Principal) -> list[dict[str, str]]:
        """Give the organisations for which this administrator may invite somebody, their own first."""
        own = [{"id": who.organisation_id, "name": self.name_of(who.organisation_id)}]
        if not self._policy.centre and who.organisation_id != self._tenant:
            return own
        others = self._database[ORGANISATIONS].find({}, {"name": 1}).sort("name", 1).limit(MOST_ORGANISATIONS)
        return own + [{"id": o["_id"], "name": o["name"]} for o in others if o["_id"] != who.organisation_id]

    def _row(self, row: Mapping[str, Any], who: Principal) -> dict[str, Any]:
        word, kind = _STATES.get(row["status"], ("Suspended", "bad"))
        waits = self._waiting(row, who)
        suspended = row["status"] not in _STATES
        if waits is not None and waits["for_second"] and not suspended:
            word, kind = "Waits for a second administrator", "wait"
        return {
            **row,
            "word": word,
            "kind": kind,
            "waits": waits,
            "is_me": row["id"] == who.actor_id,
            "roles": [self._role(m, who) for m in row["memberships"]],
            "suspended": suspended,
        }

    def _waiting(self, row: Mapping[str, Any], who: Principal) -> dict[str, Any] | None:
        """Say what of a person waits: a role or a link for a second administrator, or a link to be used."""
        document = self._database[ENROLMENTS].find_one({"user_id": row["id"], "expires_at": {"$gt": real_now()}})
        link, proposed = (link_from(document) if document is not None else None), row["proposed"]
        role_waits = proposed is not None and not proposed["confirmed"]
        link_waits = link is not None and link.waits
        if link is None and proposed is None:
            return None
        asked_by = proposed["asked_by"] if role_waits else link.made_by if link is not None else proposed["asked_by"]
        asker = self._people.person(asked_by)
        return {
            "for_second": role_waits or link_waits,
            "roles": [self._role(m, who) for m in proposed["memberships"]] if role_waits else [],
            "asked_by_me": asked_by == who.actor_id,
            "asked_by": asker["display_name"] if asker is not None else None,
            "link_until": link.expires_at if link is not None else None,
            "link_needs_code": link is not None and link.needs_code,
        }

    def _role(self, membership: Mapping[str, str], who: Principal) -> dict[str, Any]:
        foreign = membership["organisation_id"] != who.organisation_id
        role = role_words(membership["role"])
        name = f"{role}, {self.name_of(membership['organisation_id'])}" if foreign else role
        return {"words": name, "guarded": membership["role"] in GUARDED}


def guarded(role: str) -> bool:
    """Whether a role waits for a second administrator."""
    return role in GUARDED
