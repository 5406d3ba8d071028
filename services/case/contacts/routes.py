"""The contacts' HTTP routes."""

from typing import Any

from services.case.contacts.commands import (
    CorrectContact,
    OnContact,
    RecordContact,
    TakeContactBack,
    correct_contact,
    record_contact,
    take_contact_back,
)
from services.case.contacts.rules import SAID
from services.case.contacts.schemas import ContactListSchema, ContactSchema, CorrectContactSchema, TakeBackSchema
from services.case.contacts.views import ContactViews
from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema

CASEWORK = ("IMSA", "SUPERVISOR")
_PATH = "/v1/episodes/<uuid:episode_id>/contacts"
_ONE = f"{_PATH}/<uuid:contact_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the contacts' routes."""
    survivors = SurvivorViews(context)
    whose = whose_episode(EpisodeViews(context, survivors), survivors)
    views = ContactViews(context)

    def sealing(command: OnContact) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    method="POST",
                    path=_PATH,
                    says="Record a contact with the survivor.",
                    roles=CASEWORK,
                    whose=whose,
                    body=ContactSchema,
                    command=_record,
                    in_batch=True,
                    by=record_contact,
                    needs=sealing,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    method="GET",
                    path=_PATH,
                    says="List an episode's contacts, each correction beside what it corrects.",
                    roles=CASEWORK,
                    whose=whose,
                    query=PageQuerySchema,
                    view=lambda asked: views.of_episode(asked.about.row, PageRequest.of(asked.query)),
                    action="case:contact:list",
                    gives=ContactListSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/corrections",
                    says="Correct a contact that one wrote wrongly; what stood there stays to be seen.",
                    roles=CASEWORK,
                    whose=whose,
                    body=CorrectContactSchema,
                    command=_correct,
                    in_batch=True,
                    by=correct_contact,
                    needs=sealing,
                    status=201,
                    gives=AnswerSchema,
                ),
                Route(
                    method="POST",
                    path=f"{_ONE}/take-back",
                    says="Take back a contact that there was not with this person; what stood there stays to be seen.",
                    roles=CASEWORK,
                    whose=whose,
                    body=TakeBackSchema,
                    command=lambda asked: TakeContactBack(
                        why=asked.body["why"], **_about(asked, asked.path["contact_id"])
                    ),
                    in_batch=True,
                    by=take_contact_back,
                    needs=sealing,
                    status=201,
                    gives=AnswerSchema,
                ),
            ],
        )
    ]


def said(body: dict[str, Any] | Any) -> dict[str, Any]:
    """Give what a body says of a contact, each area once."""
    told = {name: body[name] for name in SAID}
    return {**told, "areas": tuple(dict.fromkeys(told["areas"]))}


def _about(asked: Asked, contact_id: str) -> dict[str, Any]:
    row = asked.about.row
    return {
        "episode_id": row["id"],
        "survivor_id": row["survivor_id"],
        "contact_id": contact_id,
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }


def _record(asked: Asked) -> RecordContact:
    by = asked.body["next_step_by"]
    return RecordContact(said=said(asked.body), next_step_by=by, **_about(asked, new_id()))


def _correct(asked: Asked) -> CorrectContact:
    return CorrectContact(
        said=said(asked.body),
        cleared=frozenset(asked.body["clear"]),
        why=asked.body["why"],
        **_about(asked, asked.path["contact_id"]),
    )
