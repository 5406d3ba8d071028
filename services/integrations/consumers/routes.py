"""The consumers' HTTP routes."""

import re
from typing import Any

from services.integrations.chosen_types import chosen
from services.integrations.consumers.access import READERS, SCOPE, Consumers, known_to
from services.integrations.consumers.commands import (
    Acknowledge,
    KeepConsumer,
    RemoveConsumer,
    Seek,
    acknowledge,
    keep_consumer,
    remove_consumer,
    seek,
)
from services.integrations.consumers.documents import CONSUMERS
from services.integrations.consumers.schemas import (
    AcknowledgeSchema,
    ConsumerListSchema,
    ConsumerSchema,
    KeepConsumerSchema,
    MovedSchema,
    SeekSchema,
)
from services.integrations.consumers.views import ConsumerViews
from services.integrations.store.reading import EventStore
from shared.kernel.errors import NotTheirsError
from shared.kernel.tenancy import Principal
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, EmptySchema

_NAME = re.compile(r"[a-z][a-z0-9-]{1,39}")
_PATH = "/v1/event-consumers/<string:name>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the consumers' routes."""
    store = EventStore(context)
    database = context.client[context.database_name]
    consumers, views = Consumers(database), ConsumerViews(database, store)

    def find(asked: Asked) -> Subject:
        """Give the consumer that an address names; what can be no name is nothing here."""
        name = asked.path["name"]
        if not _NAME.fullmatch(name):
            raise DocumentMissingError(CONSUMERS)
        return Subject(id=name, row=consumers.find(name))

    def find_known(asked: Asked) -> Subject:
        subject = find(asked)
        if subject.row is None:
            raise DocumentMissingError(CONSUMERS)
        return subject

    def allows(who: Principal, subject: Subject) -> bool:
        return subject.row is None or known_to(who, subject.row)

    def check(work: UnitOfWork, subject: Subject, who: Principal) -> None:
        known = work.find(CONSUMERS, subject.id)
        if known is not None and not known_to(who, known):
            raise NotTheirsError

    def new_or_known(asked: Asked) -> KeepConsumer:
        bounds = store.bounds()
        body = asked.body
        return KeepConsumer(
            name=asked.about.id,
            owner_id=asked.who.actor_id,
            types=chosen(body["types"]),
            begins_at=bounds.head if body["begin"] == "NOW" else bounds.oldest - 1,
        )

    def elsewhere(asked: Asked) -> Seek:
        at, position = asked.body["at"], asked.body["position"]
        return Seek(name=asked.about.id, at=at, position=store.position_at(at) if at is not None else position)

    who: dict[str, Any] = {"roles": READERS, "scope": SCOPE}
    known = Whose(find=find_known, allows=allows, check=check)
    return [
        RouteGroup(
            name="event-consumers",
            about="Systems that read events, each with its stored cursor",
            routes=[
                Route(
                    method="GET",
                    path="/v1/event-consumers",
                    says="List consumers with their lag; a machine sees its own.",
                    **who,
                    gives=ConsumerListSchema,
                    view=lambda asked: views.all(asked.who),
                    action="integrations:consumer:list",
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="Read a consumer: its cursor and its lag.",
                    **who,
                    whose=known,
                    gives=ConsumerSchema,
                    view=lambda asked: views.one(asked.about.id),
                    action="integrations:consumer:read",
                ),
                Route(
                    method="PUT",
                    path=_PATH,
                    says="Keep a consumer: make it, or change its types; a known one keeps its cursor.",
                    **who,
                    whose=Whose(find=find, allows=allows, check=check),
                    body=KeepConsumerSchema,
                    gives=AnswerSchema,
                    command=new_or_known,
                    by=keep_consumer,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/ack",
                    says="Say that everything up to a position was taken; an older one moves nothing.",
                    **who,
                    whose=known,
                    body=AcknowledgeSchema,
                    gives=MovedSchema,
                    command=lambda asked: Acknowledge(name=asked.about.id, position=asked.body["position"]),
                    by=acknowledge,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/seek",
                    says="Read on after another position, or from an instant.",
                    **who,
                    whose=known,
                    body=SeekSchema,
                    gives=MovedSchema,
                    command=elsewhere,
                    by=seek,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/remove",
                    says="Remove a consumer and its cursor.",
                    **who,
                    whose=known,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: RemoveConsumer(name=asked.about.id),
                    by=remove_consumer,
                ),
            ],
        )
    ]
