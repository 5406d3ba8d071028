"""People whom no administrator adds: a tenant's first two, invented people of a demo, and whoever must be let in again.

For the machine's operator, who provisions; each is one transaction, audited as the system's.
"""

from collections.abc import Callable, Iterable
from functools import partial

from services.identity.people.assembly import enrolment_of, policy_of
from services.identity.people.commands import add_user, invite_user
from services.identity.people.documents import USERS
from services.identity.people.enrolling import MakeLink, make_link
from services.identity.people.enrolment import DrawnLink
from services.identity.people.rules import INVITED, Membership
from shared.kernel.messages import AuditIntent
from shared.outbox.commands import Answer, Command, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.context import ServiceContext

FIRST_ADMINISTRATORS = ("admin", "admin2")
"""Two from the start, since one alone can give no role that guards others."""


def create_first_user(
    context: ServiceContext,
    *,
    login: str,
    password: str,
    roles: Iterable[str],
    display_name: str | None = None,
) -> str:
    """Add a user with a password and give the id: an invented person of a demo or test.

    Raises:
        LoginTakenError: There is such a user; nothing changes.
        InvalidLoginError, WeakPasswordError, UnknownRoleError, SeparatedDutiesError: Nobody is added.
    """
    memberships = [Membership(organisation_id=str(context.tenant_id), role=role) for role in roles]
    command = enrolment_of(context).user(
        login=login, display_name=display_name, password=password, memberships=memberships
    )
    _carry_out(context, command, partial(add_user, command, policy=policy_of(context)))
    return command.user_id


def invite_first_administrators(context: ServiceContext, *, link: str | None = None) -> dict[str, str]:
    """Invite a tenant's first two administrators, each to set a password with a link of their own.

    Whoever has not used their link gets a new one; whoever has is left alone.

    Args:
        context: Identity's.
        link: A secret that was drawn elsewhere, for the first of the two.

    Returns:
        Path of the link by login, of those who have one to use.
    """
    policy, enrolment = policy_of(context), enrolment_of(context)
    organisation, role = str(context.tenant_id), policy.administrator
    paths: dict[str, str] = {}
    for name in FIRST_ADMINISTRATORS:
        login = f"{name}@{organisation}.example"
        known = context.client[context.database_name][USERS].find_one({"login": enrolment.names.login_index(login)})
        if known is not None and known["status"] != INVITED:
            continue
        drawn = enrolment.draw_link(link if name == FIRST_ADMINISTRATORS[0] else None)
        memberships = [Membership(organisation_id=organisation, role=role)]
        if known is None:
            invitation = enrolment.invitation(
                login=login, display_name=None, memberships=memberships, link=drawn, by=None
            )
            _carry_out(context, invitation, partial(invite_user, invitation, policy=policy))
        else:
            _renew(context, known["_id"], drawn)
        paths[login] = drawn.path
    return paths


def open_again(context: ServiceContext, *, login: str) -> str:
    """Give a new link to somebody whom no administrator can help, such as an administrator; for the machine's operator.

    Raises:
        DocumentMissingError: There is no such login.
    """
    enrolment = enrolment_of(context)
    known = context.client[context.database_name][USERS].find_one({"login": enrolment.names.login_index(login)})
    if known is None:
        raise DocumentMissingError(USERS)
    drawn = enrolment.draw_link()
    _renew(context, known["_id"], drawn)
    return drawn.path


def _renew(context: ServiceContext, user_id: str, drawn: DrawnLink) -> None:
    command = MakeLink(user_id=user_id, link=drawn.kept, by=None)
    _carry_out(context, command, partial(make_link, command, policy=policy_of(context)))


def _carry_out(context: ServiceContext, command: DomainCommand, run: Callable[[UnitOfWork], Answer]) -> None:
    def audited(work: UnitOfWork) -> Answer:
        answer = run(work)
        work.audit(
            AuditIntent(
                action=command.action,
                actor_id="system",
                role="SYSTEM",
                object_id=command.object_id,
                outcome="ALLOWED",
                at=work.now,
            )
        )
        return answer

    context.committer.execute(Command(run=audited, aggregates=command.aggregates))
