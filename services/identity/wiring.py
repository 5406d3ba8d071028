"""Identity's composition root."""

from pathlib import Path

from flask_smorest import Blueprint

from services.context import ServiceContext
from services.identity.api import build_blueprint
from services.identity.handlers import AddUser, add_user
from services.identity.sign_in import Authenticator
from shared.kernel.ids import new_id
from shared.kernel.tenancy import CENTRE
from shared.outbox.committer import Command
from shared.web.gateway import Gateway
from shared.web.tokens import TokenIssuer

OPEN_ROUTES = (("POST", "/v1/token"),)


def build_blueprints(context: ServiceContext, gateway: Gateway) -> list[Blueprint]:
    """Build the HTTP routes."""
    key = Path(context.settings.extra["token_private_key_file"]).read_text(encoding="utf-8").strip()
    issuer = TokenIssuer(key, issuer=str(context.tenant_id))
    return [
        build_blueprint(
            gateway,
            context.client[context.database_name],
            authenticator_of(context),
            issuer,
            centre=context.tenant_id == CENTRE,
            demo=context.settings.demo,
        )
    ]


def authenticator_of(context: ServiceContext) -> Authenticator:
    """Build the authenticator of a tenant."""
    return Authenticator(
        context.client[context.database_name],
        tenant=context.tenant_id,
        key=context.tenant_key.subkey("LOGIN"),
        cheap=context.settings.demo,
    )


def create_first_user(context: ServiceContext, *, login: str, password: str, roles: tuple[str, ...]) -> None:
    """Add a user while no administrator can sign in yet; for provisioning."""
    authenticator = authenticator_of(context)
    command = AddUser(
        user_id=new_id(),
        login_index=authenticator.login_index(login),
        password_hash=authenticator.password_hash(password),
        roles=roles,
        organisation_id=str(context.tenant_id),
    )
    centre, demo = context.tenant_id == CENTRE, context.settings.demo
    context.committer.execute(Command(run=lambda work: add_user(command, work=work, centre=centre, demo=demo)))
