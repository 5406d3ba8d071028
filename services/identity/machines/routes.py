"""The machine keys' HTTP routes."""

import secrets
from typing import Any

from services.identity.machines.commands import (
    AddMachineKey,
    RevokeMachineKey,
    add_machine_key,
    revoke_machine_key,
)
from services.identity.machines.schemas import AddMachineKeySchema, MachineKeyAnswerSchema, MachineKeyListSchema
from services.identity.machines.views import MachineViews
from services.identity.people.assembly import names_of, policy_of, views_of
from services.identity.people.rules import Administrator
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Told
from shared.web.schemas import AnswerSchema, EmptySchema


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the machine keys' routes."""
    policy, names = policy_of(context), names_of(context)
    views = MachineViews(context.client[context.database_name], policy)
    administers: dict[str, Any] = {"roles": (policy.administrator,), "also": views_of(context).administers}
    decides: dict[str, Any] = {**administers, "needs": lambda _command: {"policy": policy}}

    def new_key(asked: Asked) -> Told:
        secret = f"as_secret_{secrets.token_urlsafe(32)}"
        command = AddMachineKey(
            machine_id=new_id(),
            client_id=f"as_{secrets.token_hex(8)}",
            secret_index=names.secret_index(secret),
            scopes=tuple(asked.body["scopes"]),
            organisation_id=asked.who.organisation_id,
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
