"""The four routes that every kind of what is kept has: write, list, correct, take back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from marshmallow import Schema

from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.outcomes.keeping import (
    CorrectKept,
    OnKept,
    TakeKeptBack,
    WriteKept,
    correct_kept,
    take_kept_back,
    write_kept,
)
from services.case.outcomes.schemas import TakeKeptBackSchema
from services.case.outcomes.views import KeptViews
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route
from shared.web.schemas import AnswerSchema

CASEWORK = ("IMSA", "SUPERVISOR")
WRITERS = ("IMSA",)
"""Whoever supports them writes down what they say and gained; a supervisor reads it, and mends what stands wrongly."""


@dataclass(frozen=True, kw_only=True)
class Served:
    """One kind on the wire.

    Attributes:
        name: The last part of its address.
        one: What one of them is called, in the address and in the audit log's action of the list.
    """

    name: str
    one: str
    writes: type[WriteKept]
    corrects: type[CorrectKept]
    takes_back: type[TakeKeptBack]
    body: type[Schema]
    correction: type[Schema]
    gives: type[Schema]
    write_says: str
    list_says: str
    correct_says: str
    back_says: str


def said_of(body: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a body says, each id as text."""
    return {name: str(value) if isinstance(value, UUID) else value for name, value in body.items()}


def kept_routes(context: ServiceContext, kind: Served) -> list[Route]:
    """Give a kind's routes."""
    survivors = SurvivorViews(context)
    whose = whose_episode(EpisodeViews(context, survivors), survivors)
    views = KeptViews(context, kind.writes.kind)
    path = f"/v1/episodes/<uuid:episode_id>/{kind.name}"
    kept = f"{kind.one}_id"
    one = f"{path}/<uuid:{kept}>"

    def sealing(command: OnKept) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id])}

    def writes(asked: Asked) -> WriteKept:
        kept_id = new_id()
        return kind.writes(written={kept_id: said_of(asked.body)}, **_about(asked, kept_id))

    def corrects(asked: Asked) -> CorrectKept:
        cleared = frozenset(asked.body["clear"])
        about = _about(asked, asked.path[kept])
        return kind.corrects(said=said_of(asked.body), cleared=cleared, why=asked.body["why"], **about)

    def takes_back(asked: Asked) -> TakeKeptBack:
        return kind.takes_back(why=asked.body["why"], **_about(asked, asked.path[kept]))

    common: dict[str, Any] = {"whose": whose, "in_batch": True, "needs": sealing, "status": 201, "gives": AnswerSchema}
    posts: dict[str, Any] = {"method": "POST", **common}
    return [
        Route(
            **posts,
            roles=WRITERS,
            path=path,
            says=kind.write_says,
            body=kind.body,
            command=writes,
            # One piece carries out every kind, so audit's name of a refusal cannot come from it.
            action=kind.writes.action,
            by=write_kept,
        ),
        Route(
            method="GET",
            roles=CASEWORK,
            whose=whose,
            path=path,
            says=kind.list_says,
            query=PageQuerySchema,
            view=lambda asked: views.of_episode(asked.about.row, PageRequest.of(asked.query)),
            action=f"case:{kind.one}:list",
            gives=kind.gives,
        ),
        Route(
            **posts,
            roles=CASEWORK,
            path=f"{one}/corrections",
            says=kind.correct_says,
            body=kind.correction,
            command=corrects,
            action=kind.corrects.action,
            by=correct_kept,
        ),
        Route(
            **posts,
            roles=CASEWORK,
            path=f"{one}/take-back",
            says=kind.back_says,
            body=TakeKeptBackSchema,
            command=takes_back,
            action=kind.takes_back.action,
            by=take_kept_back,
        ),
    ]


def _about(asked: Asked, kept_id: str) -> dict[str, Any]:
    row = asked.about.row
    return {
        "episode_id": row["id"],
        "survivor_id": row["survivor_id"],
        "kept_id": kept_id,
        "actor_id": asked.who.actor_id,
        "role": asked.who.role,
    }
