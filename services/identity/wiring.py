"""Identity's composition root."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from services.identity import administration, api, handlers, pages, people_api
from services.identity.browser_grant import BrowserGrant
from services.identity.commands import InviteUser, MakeLink
from services.identity.domain import INVITED, Membership, Organisation, RolePolicy
from services.identity.enrolment import Enrolment
from services.identity.names import StaffNames
from services.identity.passwords import Passwords
from services.identity.roster import state_roster
from services.identity.self_service import SelfService
from services.identity.sign_in import SignIn
from services.identity.store import USERS
from services.identity.token_endpoint import TokenEndpoint
from services.identity.views import IdentityViews
from shared.kernel.clock import real_now
from shared.kernel.messages import AuditIntent
from shared.kernel.tenancy import CENTRE, TenantId
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.context import ConfigurationError, Job, ServiceContext
from shared.web.bodies import Blueprint
from shared.web.gateway import Gateway
from shared.web.pages.site import PageSet
from shared.web.tokens import TokenIssuer, TokenVerifier

_ROSTER_EVERY_S = 6 * 3600.0
_UNKNOWN_EVERY_S = 60.0
OPEN_ROUTES = (("POST", "/v1/token"), ("POST", "/v1/enrolments"))
FIRST_ADMINISTRATORS = ("admin", "admin2")
"""Two from the start, since one alone can give no role that guards others."""


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    database = context.client[context.database_name]
    names = StaffNames(context.tenant_key, context.tenant_id)
    sign_in = _sign_in(context)
    parts = api.Parts(
        views=IdentityViews(database, names, _own_organisation(context), _policy(context)),
        sign_in=sign_in,
        tokens=_tokens(context),
        enrolment=_enrolment(context),
        self_service=_self_service(context),
        policy=_policy(context),
    )
    return [
        api.build_sign_in(gateway, parts),
        people_api.build_organisations(gateway, parts),
        people_api.build_people(gateway, parts),
        api.build_machines(gateway, parts),
    ]


def build_pages(context: ServiceContext, gateway: Gateway) -> PageSet:
    """Build the page on which a person sets their password."""
    del gateway
    return pages.build_pages(_self_service(context))


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the jobs: tell case of everybody who works here, and note how many sign-ins named nobody."""
    return [
        Job(name="roster", every_s=_ROSTER_EVERY_S, run=lambda: _state_roster(context)),
        Job(name="unknown-sign-ins", every_s=_UNKNOWN_EVERY_S, run=lambda: _audit_unknown(context)),
    ]


def _state_roster(context: ServiceContext) -> None:
    state_roster(context.committer.execute)


def _audit_unknown(context: ServiceContext) -> None:
    context.committer.execute(Command(run=lambda work: handlers.audit_unknown(work=work)))


def build_grant(context: ServiceContext) -> BrowserGrant:
    """Build what the sign-in page asks.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    return BrowserGrant(_tokens(context))


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
    enrolment = _enrolment(context)
    memberships = [Membership(organisation_id=str(context.tenant_id), role=role) for role in roles]
    command = enrolment.user(login=login, display_name=display_name, password=password, memberships=memberships)
    policy = _policy(context)

    def add(work: UnitOfWork) -> Answer:
        answer = handlers.add_user(command, work=work, policy=policy)
        work.audit(
            AuditIntent(
                action="identity:user:add",
                actor_id="system",
                role="SYSTEM",
                object_id=command.user_id,
                outcome="ALLOWED",
                at=work.now,
            )
        )
        return answer

    context.committer.execute(Command(run=add, aggregates=frozenset({command.login_index})))
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
    policy, enrolment = _policy(context), _enrolment(context)
    organisation, role = str(context.tenant_id), policy.administrator
    paths: dict[str, str] = {}
    for name in FIRST_ADMINISTRATORS:
        login = f"{name}@{organisation}.example"
        known = context.client[context.database_name][USERS].find_one({"login": enrolment.names.login_index(login)})
        if known is not None and known["status"] != INVITED:
            continue
        drawn = enrolment.draw_link(link if name == FIRST_ADMINISTRATORS[0] else None)
        memberships = [Membership(organisation_id=organisation, role=role)]
        command: InviteUser | MakeLink = (
            enrolment.invitation(login=login, display_name=None, memberships=memberships, link=drawn, by=None)
            if known is None
            else MakeLink(user_id=known["_id"], link=drawn.kept, by=None)
        )
        context.committer.execute(Command(run=partial(_by_the_system, command, policy)))
        paths[login] = drawn.path
    return paths


def open_again(context: ServiceContext, *, login: str) -> str:
    """Give a new link to somebody whom no administrator can help, such as an administrator; for the machine's operator.

    Raises:
        DocumentMissingError: There is no such login.
    """
    enrolment = _enrolment(context)
    known = context.client[context.database_name][USERS].find_one({"login": enrolment.names.login_index(login)})
    if known is None:
        raise DocumentMissingError(USERS)
    drawn = enrolment.draw_link()
    command = MakeLink(user_id=known["_id"], link=drawn.kept, by=None)
    context.committer.execute(Command(run=partial(_by_the_system, command, _policy(context))))
    return drawn.path


def _by_the_system(command: InviteUser | MakeLink, policy: RolePolicy, work: UnitOfWork) -> Answer:
    if isinstance(command, InviteUser):
        answer, verb = administration.invite_user(command, work=work, policy=policy), "add"
    else:
        answer, verb = administration.make_link(command, work=work, policy=policy), "link"
    work.audit(
        AuditIntent(
            action=f"identity:user:{verb}",
            actor_id="system",
            role="SYSTEM",
            object_id=command.user_id,
            outcome="ALLOWED",
            at=work.now,
        )
    )
    return answer


def _enrolment(context: ServiceContext) -> Enrolment:
    return Enrolment(StaffNames(context.tenant_key, context.tenant_id), _passwords(context), real_now)


def _self_service(context: ServiceContext) -> SelfService:
    return SelfService(context.client[context.database_name], context.committer, _enrolment(context), real_now)


def _passwords(context: ServiceContext) -> Passwords:
    """Give the one place of this process where passwords are hashed, so that all take turns together."""
    if "passwords" not in context.built:
        context.built["passwords"] = Passwords(cheap=context.settings.demo)
    passwords: Passwords = context.built["passwords"]
    return passwords


def _sign_in(context: ServiceContext) -> SignIn:
    """Give the one sign-in of this process: API and pages count failures, and take turns, together."""
    if "sign_in" not in context.built:
        context.built["sign_in"] = SignIn(
            context.client[context.database_name],
            context.committer,
            tenant=context.tenant_id,
            names=StaffNames(context.tenant_key, context.tenant_id),
            passwords=_passwords(context),
            real_time=real_now,
        )
    sign_in: SignIn = context.built["sign_in"]
    return sign_in


def _tokens(context: ServiceContext) -> TokenEndpoint:
    settings = context.settings

    def verifier_of(audience: TenantId) -> TokenVerifier:
        return TokenVerifier(settings.token_public_keys, tenant_id=audience, issuer=settings.token_issuer)

    return TokenEndpoint(_sign_in(context), _issuer(context), context.tenant_id, verifier_of)


def _policy(context: ServiceContext) -> RolePolicy:
    return RolePolicy(centre=context.tenant_id == CENTRE, demo=context.settings.demo)


def _own_organisation(context: ServiceContext) -> Organisation:
    settings = context.settings
    return Organisation(id=str(context.tenant_id), name=settings.name, nation=settings.nation, setting=settings.setting)


def _issuer(context: ServiceContext) -> TokenIssuer:
    named = context.settings.extra.get("token_private_key_file")
    file = Path(str(named or ""))
    if named is None or not file.is_file():
        raise ConfigurationError(
            f"Identity of tenant {context.tenant_id} has no token key: token_private_key_file in its credentials "
            "file names no file. Run: alongside tenant add."
        )
    return TokenIssuer(file.read_text(encoding="utf-8").strip(), issuer=str(context.tenant_id))
