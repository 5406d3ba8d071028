"""How a person comes to a password that nobody else knows: a link, the second administrator's code, and their own act.

Promise: a link to an account that guards something needs two administrators; a wrong code is counted, and five end the
link. Shown by tests/integration/identity/test_identity_administration.py.
"""

import hmac
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from services.identity.people.administrators import Administrators
from services.identity.people.commands import OfUser
from services.identity.people.documents import USERS, UserStore, answer_for
from services.identity.people.errors import (
    LinkNotConfirmedError,
    LinkRefusedError,
    NothingToConfirmError,
    SecondAdministratorError,
    WrongCodeError,
)
from services.identity.people.links import SYSTEM, EnrolmentStore, NewLink
from services.identity.people.rules import ACTIVE, SUSPENDED, Administrator, RolePolicy
from services.identity.sessions.documents import FailureStore
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

WRONG_CODES = 5
"""Wrong codes after which a link ends; a code has 40 random bits."""


@dataclass(frozen=True, kw_only=True)
class MakeLink(OfUser):
    """A person shall set a new password; the present one stays until they do."""

    action: ClassVar[str] = "identity:user:link"

    user_id: str
    link: NewLink
    by: Administrator | None


def make_link(command: MakeLink, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Give a person a new link, such as when the password is forgotten; earlier links end.

    Raises:
        OwnAccountError: One's own password is changed with the present one.
    """
    if command.by is None:
        user = UserStore(work).get(command.user_id)
    else:
        user = Administrators(work, policy).theirs(command.user_id, command.by)
    EnrolmentStore(work).put(command.link, user, command.by)
    return answer_for(201, user, user.version, link="made")


@dataclass(frozen=True, kw_only=True)
class Confirm(OfUser):
    """A second administrator confirms a person's roles, or a link to an account that guards something.

    Attributes:
        version: Of the user that this administrator looked at.
        code_index: HMAC of the code that they will be shown if the person still has to use a link.
    """

    action: ClassVar[str] = "identity:user:confirm"

    user_id: str
    version: int
    code_index: str = field(repr=False)
    by: Administrator


def confirm(command: Confirm, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Confirm what another administrator asked for.

    The roles hold at once where the person's own password is known to nobody else; where they have to set one first,
    the answer's ``code`` says so, and the person needs link and code together.

    Raises:
        SecondAdministratorError: This administrator asked for it.
        NothingToConfirmError, StaleVersionError, OwnAccountError, SeparatedDutiesError: Nothing is confirmed.
    """
    user = Administrators(work, policy).theirs(command.user_id, command.by)
    if user.version != command.version:
        raise StaleVersionError(USERS)
    links = EnrolmentStore(work)
    link, proposal, by = links.of(user.id), user.proposal, command.by.actor_id
    opens = link is not None and link.waits
    waits = proposal is not None and proposal.confirmed_by is None
    if not opens and not waits:
        raise NothingToConfirmError
    if proposal is not None and waits:
        if proposal.asked_by == by:
            raise SecondAdministratorError
        policy.check(proposal.memberships)
        user = (
            replace(user, memberships=proposal.memberships, proposal=None)
            if user.vouched
            else replace(user, proposal=replace(proposal, confirmed_by=by))
        )
    if link is not None and opens and link.made_by != by:
        links.confirm(link, command.code_index)
    elif opens and not waits:
        raise SecondAdministratorError
    else:
        opens = False
    return answer_for(200, user, UserStore(work).save(user), code="shown" if opens else None)


@dataclass(frozen=True, kw_only=True)
class Enrol(OfUser):
    """A person sets their password with a link, and a code where a second administrator had to confirm.

    Attributes:
        user_id: Whose link it was when it was looked at.
        at: Real time, for the link's end.
    """

    action: ClassVar[str] = "identity:user:enrol"

    user_id: str
    link_index: str = field(repr=False)
    code_index: str | None = field(repr=False)
    password_hash: str = field(repr=False)
    at: datetime


def enrol(command: Enrol, work: UnitOfWork) -> Answer:
    """Keep the password of a person who holds a link, and the code where two administrators stand behind it.

    Nobody is signed in, so what is done is audited here: the person is the actor.

    Raises:
        LinkRefusedError, LinkNotConfirmedError, WrongCodeError: Nothing changes.
    """
    links, store = EnrolmentStore(work), UserStore(work)
    link = links.find(command.link_index)
    if link is None or link.expires_at <= command.at:
        raise LinkRefusedError
    user = store.get(link.user_id)
    # A link that one administrator made must not open what became guarded since.
    if user.status == SUSPENDED or (user.is_guarded and not link.needs_code and link.made_by != SYSTEM):
        raise LinkRefusedError
    if link.waits:
        raise LinkNotConfirmedError
    if link.needs_code and not hmac.compare_digest(command.code_index or "", link.code or ""):
        raise WrongCodeError
    proposal = user.proposal
    confirmed = proposal is not None and proposal.confirmed_by is not None
    user = replace(
        user,
        password_hash=command.password_hash,
        status=ACTIVE,
        vouched=link.needs_code or link.made_by == SYSTEM,
        memberships=proposal.memberships if proposal is not None and confirmed else user.memberships,
        proposal=None if confirmed else proposal,
    )
    links.clear(user.id)
    FailureStore(work).clear(user.login_index)
    _audit(work, actor_id=user.id, user_id=user.id, outcome="ALLOWED")
    return answer_for(200, user, store.save(user))


def note_wrong_code(link_index: str, work: UnitOfWork) -> Answer:
    """Count a wrong code; the link ends with the last that is allowed."""
    links = EnrolmentStore(work)
    link = links.find(link_index)
    if link is not None:
        _audit(work, actor_id="nobody", user_id=link.user_id, outcome="REFUSED")
        if link.failures + 1 >= WRONG_CODES:
            links.clear(link.user_id)
        else:
            links.count_failure(link)
    return Answer(status=409)


def _audit(work: UnitOfWork, *, actor_id: str, user_id: str, outcome: str) -> None:
    work.audit(
        AuditIntent(
            action=Enrol.action, actor_id=actor_id, role="NONE", object_id=user_id, outcome=outcome, at=work.now
        )
    )
