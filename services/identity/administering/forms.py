"""What administrators type, and each refusal in words that say what to do."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from services.identity.people.errors import (
    InvalidLoginError,
    LoginTakenError,
    NothingToConfirmError,
    OwnAccountError,
    SecondAdministratorError,
    SeparatedDutiesError,
    UnknownOrganisationError,
    UnknownRoleError,
)
from services.identity.people.rules import Membership
from shared.kernel.errors import AlongsideError
from shared.outbox.unit_of_work import StaleVersionError
from shared.web.pages.words import role_words

LONGEST_NAME, MOST_ROLES = 200, 50
_LONGEST = 1_000
_BETWEEN = "|"

REFUSALS = (
    InvalidLoginError,
    LoginTakenError,
    NothingToConfirmError,
    OwnAccountError,
    SecondAdministratorError,
    SeparatedDutiesError,
    StaleVersionError,
    UnknownOrganisationError,
    UnknownRoleError,
)
"""What a page answers itself, with the form as it was typed."""

_SAID: Mapping[type[AlongsideError], tuple[str, str]] = {
    InvalidLoginError: ("Write the user name in the form of an e-mail address, without spaces.", "login"),
    LoginTakenError: (
        "Somebody has this user name already. Open them in the list of people and change their roles there.",
        "login",
    ),
    NothingToConfirmError: ("Nothing of this person waits to be confirmed any more. This is how they stand.", "main"),
    StaleVersionError: (
        "Somebody changed this person while you were looking. This is how they stand now. Look again, then decide.",
        "main",
    ),
    UnknownOrganisationError: (
        "These roles are not yours to give: only that administrators of that organisation can.",
        "roles",
    ),
    UnknownRoleError: ("Tick at least one role.", "roles"),
}


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """Who shall be invited, as it was typed; an empty name is the user name."""

    login: str = ""
    name: str = ""
    organisation_id: str = ""
    roles: tuple[str, ...] = ()

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "Invitation":
        """Read the form."""
        return cls(
            login=form.get("login", "").strip()[:_LONGEST],
            name=form.get("name", "").strip()[:_LONGEST],
            organisation_id=form.get("organisation", "")[:_LONGEST],
            roles=tuple(dict.fromkeys(form.getlist("roles")[:MOST_ROLES])),
        )

    def memberships(self, own: str) -> list[Membership]:
        """Give the roles in the organisation that was chosen, or the administrator's own."""
        organisation_id = self.organisation_id or own
        return [Membership(organisation_id=organisation_id, role=role) for role in self.roles]


def memberships_typed(form: MultiDict[str, str]) -> tuple[Membership, ...]:
    """Read the boxes that were ticked; each names an organisation and a role."""
    pairs = (text.partition(_BETWEEN) for text in form.getlist("memberships")[:MOST_ROLES])
    return tuple(dict.fromkeys(Membership(organisation_id=o, role=r) for o, _, r in pairs))


def boxes(
    row: Mapping[str, Any], *, own: str, offered: Iterable[str], name_of: Callable[[str], str]
) -> list[dict[str, Any]]:
    """Give a box for each role that may be given in one's own organisation, and for each that is held elsewhere."""
    proposed = row["proposed"]["memberships"] if row["proposed"] is not None else []
    ticked = {(m["organisation_id"], m["role"]) for m in (*row["memberships"], *proposed)}
    elsewhere = sorted(pair for pair in ticked if pair[0] != own)
    held_here = sorted(role for organisation, role in ticked if organisation == own)
    here = [(own, role) for role in dict.fromkeys((*offered, *held_here))]
    return [
        {
            "value": f"{organisation}{_BETWEEN}{role}",
            "role": role,
            "place": name_of(organisation) if organisation != own else "",
            "ticked": (organisation, role) in ticked,
        }
        for organisation, role in (*here, *elsewhere)
    ]


def said(error: AlongsideError) -> tuple[str, str]:
    """Give a refusal in plain words, and the id of the place to mend."""
    if isinstance(error, SeparatedDutiesError):
        first, second = (role_words(role) for role in error.roles)
        each = f"One person cannot be both {first} and {second}, because each watches over the other."
        return f"{each} Give one of the two to a colleague.", "roles"
    return _SAID.get(type(error), (str(error), "main"))
