"""Notices over HTTP."""

from typing import Any

from services.consent.notices.commands import (
    AddTranslation,
    PublishNotice,
    ReviewTranslation,
    add_translation,
    publish_notice,
    review_translation,
)
from services.consent.notices.schemas import (
    NoticeListSchema,
    NoticeSchema,
    PublishedSchema,
    PublishSchema,
    ReviewSchema,
    TranslationSchema,
)
from services.consent.notices.showing import READERS, WRITER
from services.consent.notices.views import NoticeViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = NoticeViews(context.client[context.database_name])

    def demo(_command: Any) -> dict[str, Any]:
        return {"demo": context.settings.demo}

    return [
        RouteGroup(
            name="notices",
            about="What people are told before they decide",
            routes=[
                Route(
                    method="GET",
                    path="/v1/consent-notices",
                    says="List every version of every notice, oldest change first.",
                    roles=READERS,
                    query=PageQuerySchema,
                    gives=NoticeListSchema,
                    view=lambda asked: views.notices(PageRequest.of(asked.query)),
                    action="consent:notice:list",
                ),
                Route(
                    method="POST",
                    path="/v1/consent-notices",
                    says="Publish the next version of a notice; its English words may be read out from now on.",
                    roles=(WRITER,),
                    body=PublishSchema,
                    gives=PublishedSchema,
                    status=201,
                    command=lambda asked: PublishNotice(**asked.body, actor_id=asked.who.actor_id),
                    by=publish_notice,
                    needs=demo,
                ),
                Route(
                    method="GET",
                    path="/v1/consent-notices/<code>",
                    says="Read a version of a notice with its translations.",
                    roles=READERS,
                    gives=NoticeSchema,
                    view=lambda asked: views.row(asked.path["code"]),
                    action="consent:notice:read",
                ),
                Route(
                    method="POST",
                    path="/v1/consent-notices/<code>/translations",
                    says="Add a translation; nobody is shown it before it is reviewed, except in a demonstration.",
                    roles=(WRITER,),
                    body=TranslationSchema,
                    gives=PublishedSchema,
                    status=201,
                    command=_translation,
                    by=add_translation,
                    needs=demo,
                ),
                Route(
                    method="POST",
                    path="/v1/consent-notices/<code>/reviews",
                    says="Note that somebody who reads the language reviewed a translation; it may be read out then.",
                    roles=(WRITER,),
                    body=ReviewSchema,
                    gives=PublishedSchema,
                    command=_review,
                    by=review_translation,
                    needs=demo,
                ),
            ],
        )
    ]


def _translation(asked: Asked) -> AddTranslation:
    return AddTranslation(**asked.body, code=asked.path["code"], actor_id=asked.who.actor_id)


def _review(asked: Asked) -> ReviewTranslation:
    return ReviewTranslation(**asked.body, code=asked.path["code"], actor_id=asked.who.actor_id)
