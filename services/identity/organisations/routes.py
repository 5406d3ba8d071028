"""The organisations' HTTP routes."""

from typing import Any

from services.identity.organisations.commands import AddOrganisation, add_organisation
from services.identity.organisations.rules import Organisation
from services.identity.organisations.schemas import AddOrganisationSchema, OrganisationListSchema
from services.identity.organisations.views import OrganisationViews
from services.identity.people.assembly import policy_of, views_of
from services.identity.people.rules import Administrator
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the organisations' routes."""
    policy, settings = policy_of(context), context.settings
    own = Organisation(id=str(context.tenant_id), name=settings.name, nation=settings.nation, setting=settings.setting)
    views = OrganisationViews(context.client[context.database_name], own, policy)
    administers: dict[str, Any] = {"roles": (policy.administrator,), "also": views_of(context).administers}
    return [
        RouteGroup(
            name="organisations",
            about="For whom people act",
            routes=[
                Route(
                    method="GET",
                    path="/v1/organisations",
                    says="List the organisations for which people act here.",
                    **administers,
                    query=PageQuerySchema,
                    gives=OrganisationListSchema,
                    view=lambda asked: views.organisations(PageRequest.of(asked.query), asked.who),
                    action="identity:organisation:list",
                ),
                Route(
                    method="POST",
                    path="/v1/organisations",
                    says="Add an organisation for which people act here.",
                    **administers,
                    needs=lambda _command: {"policy": policy},
                    body=AddOrganisationSchema,
                    gives=AnswerSchema,
                    status=201,
                    command=_new_organisation,
                    by=add_organisation,
                ),
            ],
        )
    ]


def _new_organisation(asked: Asked) -> AddOrganisation:
    return AddOrganisation(organisation=Organisation(id=new_id(), **asked.body), by=Administrator.of(asked.who))
