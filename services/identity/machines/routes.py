"""The machine keys' HTTP routes."""

import secrets
from datetime import timedelta
from typing import Any

from services.identity.machines.commands import (
    AddMachineKey,
    RevokeMachineKey,
    RotateMachineKey,
    add_machine_key,
    revoke_machine_key,
    rotate_machine_key,
)
from services.identity.machines.rules import LONGEST_LIFE, SCOPES, SHOWN_LETTERS, USUAL_LIFE
from services.identity.machines.schemas import (
    AddMachineKeySchema,
    MachineKeyAnswerSchema,
    MachineKeyListSchema,
    RotateMachineKeySchema,
    ScopeListSchema,
)
from services.identity.machines.views import MachineViews
from services.identity.people.assembly import names_of, policy_of, views_of
from services.identity.people.rules import Administrator
from shared.kernel.clock import real_now
from shared.kernel.errors import InvalidInputError
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Told
from shared.web.schemas import AnswerSchema, EmptySchema


class EndOfKeyError(InvalidInputError):
    """A key ends in the future, and within two years."""

    code = "end-of-key"

    def __init__(self) -> None:
        """Say the rule."""
        super().__init__("expires_at lies in the past, or more than two years ahead. Choose a moment in between.")


def new_secret() -> str:
    """Draw a secret, with a mark by which scanners of files find it."""
    return f"as_secret_{secrets.token_urlsafe(32)}"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the machine keys' routes."""
    policy, names = policy_of(context), names_of(context)
    views = MachineViews(context.client[context.database_name], policy)
    administers: dict[str, Any] = {"roles": (policy.administrator,), "also": views_of(context).administers}
    decides: dict[str, Any] = {**administers, "needs": lambda _command: {"policy": policy}}

    def new_key(asked: Asked) -> Told:
        secret, ends = new_secret(), asked.body["expires_at"]
        if ends is not None and not timedelta() < ends - real_now() <= LONGEST_LIFE:
            raise EndOfKeyError
        command = AddMachineKey(
            machine_id=new_id(),
            client_id=f"as_{secrets.token_hex(8)}",
            secret_index=names.secret_index(secret),
            scopes=tuple(asked.body["scopes"]),
            organisation_id=asked.who.organisation_id,
            by=Administrator.of(asked.who),
            secret_prefix=secret[:SHOWN_LETTERS],
            networks=tuple(asked.body["networks"]),
            expires_at=ends or real_now() + USUAL_LIFE,
        )
        return Told(command=command, shown_once=lambda _answer: {"client_secret": secret})

    def another_secret(asked: Asked) -> Told:
        secret = new_secret()
        command = RotateMachineKey(
            machine_id=asked.path["machine_id"],
            secret_index=names.secret_index(secret),
            secret_prefix=secret[:SHOWN_LETTERS],
            at=real_now(),
            overlap=timedelta(hours=asked.body["overlap_hours"]),
            by=Administrator.of(asked.who),
        )
        return Told(command=command, shown_once=lambda _answer: {"client_secret": secret})

    return [
        RouteGroup(
            name="machine-keys",
            about="Which machines may act",
            routes=[
                Route(
                    method="GET",
                    path="/v1/machine-keys",
                    says="List machine keys; secrets are never shown again.",
                    **administers,
                    query=PageQuerySchema,
                    gives=MachineKeyListSchema,
                    view=lambda asked: views.machines(PageRequest.of(asked.query), asked.who),
                    action="identity:machine-key:list",
                ),
                Route(
                    method="POST",
                    path="/v1/machine-keys",
                    says="Add a machine key; its secret is in this answer only, and not in a repeat of it.",
                    **decides,
                    body=AddMachineKeySchema,
                    gives=MachineKeyAnswerSchema,
                    status=201,
                    command=new_key,
                    by=add_machine_key,
                ),
                Route(
                    method="GET",
                    path="/v1/machine-key-scopes",
                    says="List the scopes that a machine key may have, and what each opens.",
                    **administers,
                    gives=ScopeListSchema,
                    view=lambda _asked: [{"scope": scope, "opens": what} for scope, what in SCOPES.items()],
                    action="identity:machine-key:scopes",
                ),
                Route(
                    method="POST",
                    path="/v1/machine-keys/<uuid:machine_id>/rotate",
                    says="Give a machine another secret, in this answer only; the present one may overlap.",
                    **decides,
                    body=RotateMachineKeySchema,
                    gives=MachineKeyAnswerSchema,
                    command=another_secret,
                    by=rotate_machine_key,
                ),
                Route(
                    method="POST",
                    path="/v1/machine-keys/<uuid:machine_id>/revoke",
                    says="Revoke a machine key; tokens that are out end within 15 minutes.",
                    **decides,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: RevokeMachineKey(
                        machine_id=asked.path["machine_id"], by=Administrator.of(asked.who)
                    ),
                    by=revoke_machine_key,
                ),
            ],
        )
    ]
