"""Identity's composition root."""

from collections.abc import Iterable
from pathlib import Path

from flask_smorest import Blueprint

from services.context import ConfigurationError, Job, ServiceContext
from services.identity import api, handlers
from services.identity.browser_grant import BrowserGrant
from services.identity.domain import Membership, Organisation, RolePolicy
from services.identity.enrolment import Enrolment
from services.identity.names import StaffNames
from services.identity.passwords import Passwords
from services.identity.roster import state_roster
from services.identity.sign_in import SignIn
from services.identity.token_endpoint import TokenEndpoint
from services.identity.views import IdentityViews
from shared.kernel.clock import real_now
from shared.kernel.messages import AuditIntent
from shared.kernel.tenancy import CENTRE
from shared.outbox.committer import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.gateway import Gateway
from shared.web.tokens import TokenIssuer

_ROSTER_EVERY_S = 6 * 3600.0
OPEN_ROUTES = (("POST", "/v1/token"),)


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    database = context.client[context.database_name]
    names = StaffNames(context.tenant_key, context.tenant_id)
    sign_in = _sign_in(context)
    parts = api.Parts(
        views=IdentityViews(database, names, _own_organisation(context)),
        sign_in=sign_in,
        tokens=TokenEndpoint(sign_in, _issuer(context), context.tenant_id),
        enrolment=Enrolment(names, Passwords(cheap=context.settings.demo)),
        policy=_policy(context),
    )
    return api.build_blueprints(gateway, parts)


def build_jobs(context: ServiceContext) -> list[Job]:
    """Give the job that tells case of everybody who works here."""
    return [Job(name="roster", every_s=_ROSTER_EVERY_S, run=lambda: _state_roster(context))]


def _state_roster(context: ServiceContext) -> None:
    state_roster(context.committer.execute)


def build_grant(context: ServiceContext) -> BrowserGrant:
    """Build what the sign-in page asks.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    return BrowserGrant(TokenEndpoint(_sign_in(context), _issuer(context), context.tenant_id))


def create_first_user(
    context: ServiceContext,
    *,
    login: str,
    password: str,
    roles: Iterable[str],
    display_name: str | None = None,
) -> str:
    """Add a user while no administrator can sign in yet, and give the id; for provisioning.

    Raises:
        LoginTakenError: There is such a user; nothing changes.
        InvalidLoginError, WeakPasswordError, UnknownRoleError, SeparatedDutiesError: Nobody is added.
    """
    enrolment = Enrolment(StaffNames(context.tenant_key, context.tenant_id), Passwords(cheap=context.settings.demo))
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


def _sign_in(context: ServiceContext) -> SignIn:
    """Give the one sign-in of this process: API and pages count failures, and take turns, together."""
    if "sign_in" not in context.built:
        context.built["sign_in"] = SignIn(
            context.client[context.database_name],
            context.committer,
            tenant=context.tenant_id,
            names=StaffNames(context.tenant_key, context.tenant_id),
            passwords=Passwords(cheap=context.settings.demo),
            real_time=real_now,
        )
    sign_in: SignIn = context.built["sign_in"]
    return sign_in


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
