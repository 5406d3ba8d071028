"""The queues' HTTP routes. People only: a queue that a machine asked for would stay when its key is long revoked."""

from typing import Any

from services.integrations.chosen_types import chosen
from services.integrations.queues.commands import (
    MOST_QUEUES,
    RemoveQueue,
    RequestQueue,
    remove_queue,
    request_queue,
)
from services.integrations.queues.documents import QUEUE, QUEUES, queue_from
from services.integrations.queues.schemas import EventQueueListSchema, EventQueueSchema, RequestQueueSchema
from services.integrations.store.reading import EventStore
from shared.bus.names import integrator_queue
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import DocumentMissingError
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

_PATH = "/v1/event-queues/<uuid:queue_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the queues' routes."""
    store, queues = EventStore(context), context.client[context.database_name][QUEUES]

    def row(document: dict[str, Any], head: int) -> dict[str, Any]:
        queue = queue_from(document)
        shown = QUEUE.row(QUEUE.values(document))
        return {**shown, "queue": integrator_queue(queue.id), "lag": max(0, head - queue.position)}

    def every(_asked: Asked) -> list[dict[str, Any]]:
        head = store.head()
        return [row(document, head) for document in queues.find().sort("_id", 1).limit(MOST_QUEUES)]

    def one(asked: Asked) -> dict[str, Any]:
        document = queues.find_one({"_id": asked.path["queue_id"]})
        if document is None:
            raise DocumentMissingError(QUEUES)
        return row(document, store.head())

    def wanted(asked: Asked) -> RequestQueue:
        return RequestQueue(
            queue_id=new_id(),
            types=chosen(asked.body["types"]),
            begins_at=store.head(),
            at=real_now(),
        )

    return [
        RouteGroup(
            name="event-queues",
            about="Queues of the host's own systems, by AMQP",
            routes=[
                Route(
                    method="GET",
                    path="/v1/event-queues",
                    says="List event queues and how they stand.",
                    roles=("HOST_ADMIN", "HOST_DPO"),
                    gives=EventQueueListSchema,
                    view=every,
                    action="integrations:queue:list",
                ),
                Route(
                    method="POST",
                    path="/v1/event-queues",
                    says="Ask for an event queue. It gets what happens from now on, once it is made on the host's own "
                    "machine with `alongside queues add --request ID`.",
                    roles=("HOST_ADMIN",),
                    body=RequestQueueSchema,
                    gives=AnswerSchema,
                    status=201,
                    location="/v1/event-queues/{id}",
                    command=wanted,
                    by=request_queue,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="Read an event queue.",
                    roles=("HOST_ADMIN", "HOST_DPO"),
                    gives=EventQueueSchema,
                    view=one,
                    action="integrations:queue:read",
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/remove",
                    says="Put nothing into an event queue any more. Its credential, and what waits in it, end with "
                    "`alongside queues remove ID` on the host's own machine.",
                    roles=("HOST_ADMIN",),
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: RemoveQueue(queue_id=asked.path["queue_id"]),
                    by=remove_queue,
                ),
            ],
        )
    ]
