"""The routes for sign-in, and what everybody may do for themself."""

from typing import Any

from flask import Response, request

from services.identity.people.assembly import enrolment_of, views_of
from services.identity.people.schemas import UserAnswerSchema
from services.identity.sessions.assembly import sign_in_of, tokens_of
from services.identity.sessions.commands import ChangePassword, change_password
from services.identity.sessions.schemas import ChangePasswordSchema, MeSchema, TokenErrorSchema, TokenSchema
from services.identity.sessions.token_endpoint import FORM
from shared.runtime.context import ServiceContext
from shared.web.routes import ANYBODY, Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the token endpoint and what everybody may do for themself.

    Raises:
        ConfigurationError: The file of the token key is not named or not there.
    """
    views, enrolment = views_of(context), enrolment_of(context)
    sign_in, tokens = sign_in_of(context), tokens_of(context)

    def token(_asked: Asked, _web: Any) -> Response:
        return tokens.answer(request)

    def me(asked: Asked) -> dict[str, Any]:
        who = asked.who
        known = views.person(who.actor_id) or {}
        return {
            **{name: known[name] for name in ("login", "display_name", "memberships") if name in known},
            "id": who.actor_id,
            "tenant": who.tenant_id,
            "organisation_id": who.organisation_id,
            "role": who.role,
            "scopes": sorted(who.scopes),
        }

    def another_password(asked: Asked) -> ChangePassword:
        user_id, body = asked.who.actor_id, asked.body
        login = str((views.person(user_id) or {}).get("login", ""))
        hashed = enrolment.password_hash(body["new_password"], login=login)
        sign_in.check_password(user_id, body["old_password"], or_next=body["new_password"])
        return ChangePassword(user_id=user_id, password_hash=hashed)

    return [
        RouteGroup(
            name="sign-in",
            about="As whom one acts",
            routes=[
                Route(
                    method="POST",
                    path="/v1/token",
                    says="Give a token for a password or a machine's secret (OAuth 2.0, RFC 6749).",
                    open=True,
                    gives=TokenSchema,
                    more={"requestBody": FORM},
                    other_answers=dict.fromkeys((400, 401, 429), TokenErrorSchema),
                    answered_by=token,
                ),
                Route(
                    method="GET",
                    path="/v1/me",
                    says="Say as whom, for whom and in which role one acts.",
                    roles=ANYBODY,
                    gives=MeSchema,
                    view=me,
                    action="identity:me:read",
                    object_id=lambda asked: asked.who.actor_id,
                ),
                Route(
                    method="POST",
                    path="/v1/me/password",
                    says="Change one's own password.",
                    roles=ANYBODY,
                    body=ChangePasswordSchema,
                    gives=UserAnswerSchema,
                    command=another_password,
                    by=change_password,
                ),
            ],
        )
    ]
