"""The wordings' HTTP routes."""

from services.consent.wordings.commands import RegisterWording, register_wording
from services.consent.wordings.schemas import WordingAnswerSchema, WordingListSchema, WordingSchema
from services.consent.wordings.views import WordingViews
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup

_READERS = ("HOST_DPO", "HOST_DATA_LEAD", "IMSA", "SUPERVISOR")


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the wordings' routes; they stand among the consents'."""
    views = WordingViews(context.client[context.database_name])
    return [
        RouteGroup(
            name="consents",
            about="What survivors decided",
            routes=[
                Route(
                    method="POST",
                    path="/v1/consent-wordings",
                    says="Register words that may be read out for a purpose.",
                    roles=("HOST_DPO",),
                    body=WordingSchema,
                    gives=WordingAnswerSchema,
                    status=201,
                    command=_words,
                    by=register_wording,
                    needs=lambda _command: {"live": not context.settings.demo},
                ),
                Route(
                    method="GET",
                    path="/v1/consent-wordings",
                    says="List registered words, oldest change first.",
                    roles=_READERS,
                    query=PageQuerySchema,
                    gives=WordingListSchema,
                    view=lambda asked: views.wordings(PageRequest.of(asked.query)),
                    action="consent:wording:list",
                ),
            ],
        )
    ]


def _words(asked: Asked) -> RegisterWording:
    return RegisterWording(**{**asked.body, "languages": tuple(asked.body["languages"])}, actor_id=asked.who.actor_id)
