"""The HTTP routes of acknowledging and asking."""

from typing import Any

from services.case.asking.commands import AnswerQuestion, LookAtContact, OnLook, answer_question, look_at_contact
from services.case.asking.schemas import LookListSchema, LookQuerySchema, QuestionAnswerSchema, QuestionSchema
from services.case.asking.views import LookViews
from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.runtime.context import ServiceContext
from shared.web.paging import Page, PageRequest
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

CASEWORK, SUPERVISOR = ("IMSA", "SUPERVISOR"), ("SUPERVISOR",)
_ONE = "/v1/episodes/<uuid:episode_id>/contacts/<uuid:contact_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    views = LookViews(context, survivors)

    def sealing(command: OnLook) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def listed(asked: Asked) -> Page:
        return views.looks(PageRequest.of(asked.query), asked.who, state=asked.query["state"])

    post: dict[str, Any] = {
        "method": "POST",
        "whose": whose_episode(EpisodeViews(context, survivors), survivors),
        "in_batch": True,
        "needs": sealing,
        "gives": AnswerSchema,
    }
    return [
        RouteGroup(
            name="case",
            about="Whom a host supports",
            routes=[
                Route(
                    **post,
                    path=f"{_ONE}/acknowledge",
                    says="Acknowledge a contact, as its supervisor.",
                    roles=SUPERVISOR,
                    body=EmptySchema,
                    command=lambda asked: LookAtContact(**_about(asked)),
                    by=look_at_contact,
                    status=201,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/ask",
                    says="Ask one question about a contact; its advocate sees it until it is answered.",
                    roles=SUPERVISOR,
                    body=QuestionSchema,
                    command=lambda asked: LookAtContact(question=asked.body["question"], **_about(asked)),
                    by=look_at_contact,
                    status=201,
                ),
                Route(
                    **post,
                    path=f"{_ONE}/answer",
                    says="Answer what a supervisor asked about a contact; question and answer stay.",
                    roles=CASEWORK,
                    body=QuestionAnswerSchema,
                    command=lambda asked: AnswerQuestion(answer=asked.body["answer"], **_about(asked)),
                    by=answer_question,
                ),
                Route(
                    method="GET",
                    path="/v1/contact-looks",
                    says="List what supervisors acknowledged and asked, and what was answered, oldest change first.",
                    roles=CASEWORK,
                    query=LookQuerySchema,
                    view=listed,
                    action="case:contact:list-looks",
                    gives=LookListSchema,
                ),
            ],
        )
    ]


def _about(asked: Asked) -> dict[str, Any]:
    row = asked.about.row
    return {
        "episode_id": row["id"],
        "survivor_id": row["survivor_id"],
        "contact_id": asked.path["contact_id"],
        "actor_id": asked.who.actor_id,
    }
