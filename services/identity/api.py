"""Identity's HTTP routes."""

import secrets
from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify, request
from flask_smorest import Blueprint
from marshmallow import fields, validate

from services.identity import handlers
from services.identity.handlers import AddMachineKey, AddUser
from services.identity.sign_in import Authenticator
from services.identity.store import USERS
from shared.kernel.ids import new_id
from shared.kernel.tenancy import RESERVED, TenantId
from shared.web.gateway import Gateway
from shared.web.schemas import AnswerSchema, StrictSchema, listed
from shared.web.tokens import LIFETIME_S, TokenIssuer

_ADMINS = ("HOST_ADMIN", "PLATFORM_OPERATOR")
_CODE = validate.Regexp(r"^[A-Za-z][A-Za-z0-9_.:-]{0,79}$")


class UserSchema(StrictSchema):
    """A person who may act."""

    login = fields.String(required=True, validate=validate.Length(min=3, max=254))
    password = fields.String(required=True, load_only=True, validate=validate.Length(min=12, max=256))
    roles = fields.List(fields.String(validate=_CODE), required=True)


class MachineSchema(StrictSchema):
    """A machine that may act."""

    scopes = fields.List(fields.String(validate=_CODE), required=True)


class EmptySchema(StrictSchema):
    """Nothing needs to be said."""


def build_blueprint(
    web: Gateway, users: Any, authenticator: Authenticator, issuer: TokenIssuer, *, centre: bool, demo: bool
) -> Blueprint:
    """Build the routes."""
    blueprint = Blueprint("identity", __name__, url_prefix="/v1", description="Who may act")

    @blueprint.post("/token")
    def give_token() -> Response:
        """Give a token for a password or a machine's secret (OAuth 2.0, RFC 6749)."""
        form = request.form
        who = None
        if form.get("grant_type") == "password":
            who = authenticator.person(form.get("username", ""), form.get("password", ""), form.get("role"))
        elif form.get("grant_type") == "client_credentials":
            who = authenticator.machine(form.get("client_id", ""), form.get("client_secret", ""))
        else:
            return _refused("unsupported_grant_type")
        if who is None:
            return _refused("invalid_grant")
        wanted = form.get("audience", str(who.tenant_id))
        audience = TenantId(wanted) if centre and wanted in RESERVED else who.tenant_id
        token = issuer.issue(who, audience_tenant=audience)
        answer = {"access_token": token, "token_type": "Bearer", "expires_in": LIFETIME_S, "role": who.role}
        return jsonify(answer)

    @blueprint.get("/me")
    def me() -> dict[str, Any]:
        """Say as whom and in which role one acts."""
        who = web.principal
        return {"id": who.actor_id, "role": who.role, "organisation_id": who.organisation_id, "tenant": who.tenant_id}

    @blueprint.get("/users")
    def read_users() -> dict[str, Any]:
        """List users by id and role; names and logins are not kept."""
        web.require(*_ADMINS)
        rows = [
            {"id": u["_id"], "roles": u["roles"], "active": u["active"]} for u in users[USERS].find().sort("_id", 1)
        ]
        return listed(web.read("identity:user:list", "list", lambda: rows))

    @blueprint.post("/users")
    @blueprint.arguments(UserSchema)
    @blueprint.response(201, AnswerSchema)
    def add_user(body: Mapping[str, Any]) -> Response:
        """Add a user."""
        who = web.require(*_ADMINS)
        command = AddUser(
            user_id=new_id(),
            login_index=authenticator.login_index(body["login"]),
            password_hash=authenticator.password_hash(body["password"]),
            roles=tuple(body["roles"]),
            organisation_id=who.organisation_id,
        )
        return web.command(
            "identity:user:add",
            lambda work: handlers.add_user(command, work=work, centre=centre, demo=demo),
            object_id=command.user_id,
            aggregates=(command.login_index,),
        )

    @blueprint.post("/users/<uuid:user_id>/suspend")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, AnswerSchema)
    def suspend(body: Mapping[str, Any], user_id: Any) -> Response:
        """Suspend a user."""
        del body
        web.require(*_ADMINS)
        return web.command(
            "identity:user:suspend",
            lambda work: handlers.suspend_user(str(user_id), work=work),
            object_id=str(user_id),
            aggregates=(str(user_id),),
        )

    @blueprint.post("/machine-keys")
    @blueprint.arguments(MachineSchema)
    def add_machine(body: Mapping[str, Any]) -> Response:
        """Add a machine key; its secret is shown this once."""
        who = web.require(*_ADMINS)
        secret = secrets.token_urlsafe(32)
        command = AddMachineKey(
            machine_id=new_id(),
            client_id=f"as_{secrets.token_hex(8)}",
            secret_index=authenticator.secret_index(secret),
            scopes=tuple(body["scopes"]),
            organisation_id=who.organisation_id,
        )
        answer = web.command(
            "identity:machine_key:add",
            lambda work: handlers.add_machine_key(command, work=work),
            object_id=command.machine_id,
        )
        if "Idempotent-Replayed" in answer.headers:
            return answer
        shown = {**(answer.get_json() or {}), "client_id": command.client_id, "client_secret": secret}
        response = jsonify(shown)
        response.status_code = 201
        return response

    @blueprint.post("/machine-keys/<uuid:machine_id>/revoke")
    @blueprint.arguments(EmptySchema)
    @blueprint.response(200, AnswerSchema)
    def revoke(body: Mapping[str, Any], machine_id: Any) -> Response:
        """Revoke a machine key."""
        del body
        web.require(*_ADMINS)
        return web.command(
            "identity:machine_key:revoke",
            lambda work: handlers.revoke_machine_key(str(machine_id), work=work),
            object_id=str(machine_id),
            aggregates=(str(machine_id),),
        )

    return blueprint


def _refused(error: str) -> Response:
    response = jsonify({"error": error})
    response.status_code = 400
    return response
