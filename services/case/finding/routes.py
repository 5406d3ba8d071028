"""The search over HTTP."""

from typing import Any

from services.case.finding.schemas import FoundSurvivorsSchema, SurvivorSearchSchema
from services.case.finding.views import SEARCHED, Finder
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup

_CASEWORK = ("IMSA", "SUPERVISOR")


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the route."""
    finder = Finder(context)

    def search(asked: Asked) -> dict[str, Any]:
        found = finder.search(asked.who, **asked.body)
        return {"items": list(found.items), "more": found.more, "complete": found.complete}

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="POST",
                    path="/v1/survivors/search",
                    says="Say who is known here by this name, telephone number or own reference; exact, at most ten. "
                    "Do so before you register somebody. An advocate finds their own people.",
                    roles=_CASEWORK,
                    body=SurvivorSearchSchema,
                    view=search,
                    action=SEARCHED,
                    gives=FoundSurvivorsSchema,
                )
            ],
        )
    ]
