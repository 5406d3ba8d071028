"""The webhooks' HTTP routes."""

import secrets
from datetime import timedelta
from typing import Any

from services.integrations.chosen_types import chosen
from services.integrations.store.reading import EventStore
from services.integrations.webhooks.commands import (
    AddWebhook,
    DisableWebhook,
    EnableWebhook,
    RemoveWebhook,
    RotateWebhookKey,
    TryWebhook,
    add_webhook,
    disable_webhook,
    enable_webhook,
    remove_webhook,
    rotate_webhook_key,
    try_webhook,
)
from services.integrations.webhooks.resending import ResendDeliveries, resend_deliveries
from services.integrations.webhooks.schemas import (
    AddWebhookSchema,
    AttemptListSchema,
    DeliveryListSchema,
    DeliveryQuerySchema,
    ResendSchema,
    ResentSchema,
    RotateWebhookSchema,
    TriedSchema,
    WebhookKeySchema,
    WebhookListSchema,
    WebhookSchema,
)
from services.integrations.webhooks.sealing import EndpointSecrets
from services.integrations.webhooks.signing import draw_key
from services.integrations.webhooks.targets import read_target
from services.integrations.webhooks.views import WebhookViews
from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Told
from shared.web.schemas import AnswerSchema, EmptySchema

SCOPE = "webhooks:manage"
_PATH = "/v1/webhooks/<uuid:webhook_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the webhooks' routes."""
    store = EventStore(context)
    sealing = EndpointSecrets(context.tenant_key, context.tenant_id)
    views = WebhookViews(context.client[context.database_name], store, sealing)
    # Where events go, a person decides: what a machine added would go on when its key is long revoked.
    decides: dict[str, Any] = {"roles": ("HOST_ADMIN",)}
    manages: dict[str, Any] = {"roles": ("HOST_ADMIN",), "scope": SCOPE}
    sees: dict[str, Any] = {"roles": ("HOST_ADMIN", "HOST_DPO"), "scope": SCOPE}

    def about(asked: Asked) -> dict[str, Any]:
        return {"endpoint_id": asked.path["webhook_id"], "at": real_now()}

    def new_webhook(asked: Asked) -> Told:
        target = read_target(asked.body["url"], demo=context.settings.demo)
        endpoint_id, key = new_id(), draw_key(asked.body["signature"])
        command = AddWebhook(
            endpoint_id=endpoint_id,
            at=real_now(),
            url=sealing.seal_url(endpoint_id, asked.body["url"]),
            host=target.host,
            types=chosen(asked.body["types"]),
            kind=key.kind,
            key=sealing.seal_key(endpoint_id, key),
            begins_at=store.head(),
        )
        return Told(command=command, shown_once=lambda _answer: {"secret": key.shown})

    def another_key(asked: Asked) -> Told:
        key = draw_key(views.endpoint(asked.path["webhook_id"]).kind)
        command = RotateWebhookKey(
            **about(asked),
            key=sealing.seal_key(asked.path["webhook_id"], key),
            overlap=timedelta(hours=asked.body["overlap_hours"]),
        )
        return Told(command=command, shown_once=lambda _answer: {"secret": key.shown})

    def one_test(asked: Asked) -> TryWebhook:
        name = f"test-{secrets.token_hex(12)}"
        return TryWebhook(**about(asked), delivery_id=f"{asked.path['webhook_id']}.{name}", webhook_id=name)

    def again(asked: Asked) -> ResendDeliveries:
        body = asked.body
        after = store.position_at(body["since"]) if body["since"] is not None else body["after"] or 0
        return ResendDeliveries(
            **about(asked), ids=tuple(body["deliveries"] or ()), after=after, sent_too=body["sent_too"]
        )

    return [
        RouteGroup(
            name="webhooks",
            about="Addresses that are called when something happens",
            routes=[
                Route(
                    method="GET",
                    path="/v1/webhooks",
                    says="List webhooks and how they stand.",
                    **sees,
                    gives=WebhookListSchema,
                    view=lambda _asked: views.all(),
                    action="integrations:webhook:list",
                ),
                Route(
                    method="POST",
                    path="/v1/webhooks",
                    says="Add a webhook; its secret is in this answer only, and not in a repeat of it.\n\nEvents go "
                    "out as CloudEvents, signed by Standard Webhooks, from the next event on. People only.",
                    **decides,
                    body=AddWebhookSchema,
                    gives=WebhookKeySchema,
                    status=201,
                    location="/v1/webhooks/{id}",
                    command=new_webhook,
                    by=add_webhook,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="Read a webhook.",
                    **sees,
                    gives=WebhookSchema,
                    view=lambda asked: views.one(asked.path["webhook_id"]),
                    action="integrations:webhook:read",
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/deliveries",
                    says="List a webhook's deliveries, of one state or of all; they are kept for 90 days.",
                    **sees,
                    query=DeliveryQuerySchema,
                    gives=DeliveryListSchema,
                    view=lambda asked: views.deliveries(
                        asked.path["webhook_id"], PageRequest.of(asked.query), asked.query["state"]
                    ),
                    action="integrations:webhook:deliveries",
                ),
                Route(
                    method="GET",
                    path=f"{_PATH}/deliveries/<string:delivery_id>/attempts",
                    says="List a delivery's last 50 attempts, the newest first; they are kept for 30 days.",
                    **sees,
                    gives=AttemptListSchema,
                    view=lambda asked: views.attempts(asked.path["webhook_id"], asked.path["delivery_id"]),
                    action="integrations:webhook:attempts",
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/test",
                    says="Send a test, once; read its delivery to see what became of it.",
                    **manages,
                    body=EmptySchema,
                    gives=TriedSchema,
                    status=202,
                    command=one_test,
                    by=try_webhook,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/rotate",
                    says="Give a webhook another key, in this answer only; both sign during the overlap.",
                    **manages,
                    body=RotateWebhookSchema,
                    gives=WebhookKeySchema,
                    command=another_key,
                    by=rotate_webhook_key,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/resend",
                    says="Send again: named deliveries, or all that did not arrive after a position or since an "
                    "instant.\n\nAt most 500 at once; `next` says after which position to go on.",
                    **manages,
                    body=ResendSchema,
                    gives=ResentSchema,
                    status=202,
                    command=again,
                    by=resend_deliveries,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/disable",
                    says="Send nothing to it any more; events are kept as not sent.",
                    **manages,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: DisableWebhook(**about(asked)),
                    by=disable_webhook,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/enable",
                    says="Send to it again; what was not sent meanwhile waits to be sent again by hand. People only.",
                    **decides,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: EnableWebhook(**about(asked)),
                    by=enable_webhook,
                ),
                Route(
                    method="POST",
                    path=f"{_PATH}/remove",
                    says="Remove a webhook with its key; nothing of it is sent any more. People only.",
                    **decides,
                    body=EmptySchema,
                    gives=AnswerSchema,
                    command=lambda asked: RemoveWebhook(**about(asked)),
                    by=remove_webhook,
                ),
            ],
        )
    ]
