"""Disclosures over HTTP: asked, given once, told to stop; and the list of the data protection officer."""

from typing import Any

from services.case.disclosures.commands import (
    AskAgain,
    AskToDisclose,
    GiveOut,
    NoteTold,
    OnDisclosure,
    ask_again,
    ask_to_disclose,
    give_out,
    note_told,
)
from services.case.disclosures.rules import Item
from services.case.disclosures.schemas import (
    AskToDiscloseSchema,
    DisclosureAnswerSchema,
    DisclosureListSchema,
    DisclosureQuerySchema,
    DisclosureSchema,
    DisclosuresOfOneSchema,
    ToldSchema,
)
from services.case.disclosures.views import DisclosureViews
from services.case.support.admission import CASEWORK
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import EmptySchema

READERS, OVERSEERS = (*CASEWORK, "HOST_DPO"), ("SUPERVISOR", "HOST_DPO")
_OF_SURVIVOR = "/v1/survivors/<uuid:survivor_id>/disclosures"
_ONE = f"{_OF_SURVIVOR}/<uuid:disclosure_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    views = DisclosureViews(context)
    whose = whose_survivor(SurvivorViews(context), lambda asked: asked.path["survivor_id"])

    def sealing(command: OnDisclosure) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def listed(asked: Asked) -> Page:
        return views.disclosures(PageRequest.of(asked.query), state=asked.query["state"], tell=asked.query["tell"])

    post: dict[str, Any] = {"method": "POST", "whose": whose, "gives": DisclosureAnswerSchema}
    change = [
        Route(
            **post,
            path=_OF_SURVIVOR,
            says="Ask whether something of a person may be given to a recipient: what is chosen one by one. The ledger "
            "of consents answers within seconds; nothing is sent by this service.",
            roles=CASEWORK,
            body=AskToDiscloseSchema,
            command=_ask,
            by=ask_to_disclose,
            needs=sealing,
            status=201,
        ),
        Route(
            **post,
            path=f"{_ONE}/ask-again",
            says="Ask again about the same things, after a no or once a permission has run out.",
            roles=CASEWORK,
            body=EmptySchema,
            command=lambda asked: AskAgain(permit_id=new_id(), **_about(asked)),
            by=ask_again,
            needs=sealing,
        ),
        Route(
            **post,
            path=f"{_ONE}/give",
            says="Write down that it is given now. Refused unless there is a permission that lasts, five minutes at "
            "most, and no yes has ended since. Saying it twice is once.",
            roles=CASEWORK,
            body=EmptySchema,
            command=lambda asked: GiveOut(**_about(asked)),
            by=give_out,
            needs=sealing,
        ),
        Route(
            **post,
            path=f"{_ONE}/told",
            says="Note what the recipient answered who was told that the yes ended.",
            roles=READERS,
            body=ToldSchema,
            command=lambda asked: NoteTold(answer=asked.body["answer"], **_about(asked)),
            by=note_told,
        ),
    ]
    read = [
        Route(
            method="GET",
            path=_OF_SURVIVOR,
            says="List what of a person was given to whom, what was refused, and what is asked; the newest first.",
            roles=READERS,
            whose=whose,
            view=lambda asked: {"items": views.of_person(asked.about.id)},
            action="case:disclosure:list",
            gives=DisclosuresOfOneSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read one of them: what was answered, and under which yes.",
            roles=READERS,
            whose=whose,
            view=lambda asked: views.one(asked.about.id, asked.path["disclosure_id"]),
            action="case:disclosure:read",
            gives=DisclosureSchema,
        ),
        Route(
            method="GET",
            path="/v1/disclosures",
            says="List everybody's, oldest change first: kinds and classes, and no name.",
            roles=OVERSEERS,
            query=DisclosureQuerySchema,
            view=listed,
            action="case:disclosure:list",
            gives=DisclosureListSchema,
        ),
    ]
    return [RouteGroup(name="case", about="Whom a host supports", routes=[*change, *read])]


def _about(asked: Asked) -> dict[str, Any]:
    return {
        "disclosure_id": asked.path["disclosure_id"],
        "survivor_id": asked.about.id,
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }


def _ask(asked: Asked) -> AskToDisclose:
    body = asked.body
    return AskToDisclose(
        disclosure_id=new_id(),
        permit_id=new_id(),
        survivor_id=asked.about.id,
        actor_id=asked.who.actor_id,
        role=asked.who.role,
        items=tuple(Item(**one) for one in body["items"]),
        **{name: body[name] for name in ("purpose", "recipient_class", "recipient", "means", "contact")},
    )
