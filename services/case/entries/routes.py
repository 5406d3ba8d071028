"""The entries' HTTP routes: two of each kind."""

from dataclasses import dataclass

from marshmallow import Schema, fields

from services.case.entries.commands import AddEntry, AddOutcome, add_entry
from services.case.entries.views import EntryViews
from services.case.episodes.acting import whose_episode
from services.case.episodes.views import EpisodeViews
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.codes import code_field
from shared.web.paging import Page, PageQuerySchema, PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Whose
from shared.web.schemas import AnswerSchema, StrictSchema

_CASEWORK = ("IMSA", "SUPERVISOR")


class OutcomeSchema(StrictSchema):
    """How far something is reached, who says so, and when in the support."""

    outcome = code_field("outcome", required=True)
    rating = code_field("outcome_scale", required=True)
    rated_by = code_field("outcome_rater", required=True)
    point = code_field("outcome_point", required=True)


class EntryRowSchema(Schema):
    """What every entry says of itself."""

    id = fields.String()
    recorded_at = fields.AwareDateTime()
    version = fields.Integer()


class OutcomeRowSchema(EntryRowSchema):
    """An outcome."""

    outcome = code_field("outcome")
    rating = code_field("outcome_scale")
    rated_by = code_field("outcome_rater")
    point = code_field("outcome_point")


class OutcomeListSchema(Schema):
    """Outcomes of one episode."""

    items = fields.List(fields.Nested(OutcomeRowSchema))
    next = fields.String(allow_none=True)


@dataclass(frozen=True, kw_only=True)
class _Kind:
    """What is served of one kind."""

    adds: type[AddEntry]
    body: type[Schema]
    gives: type[Schema]
    add_says: str
    list_says: str


_KINDS = (
    _Kind(
        adds=AddOutcome,
        body=OutcomeSchema,
        gives=OutcomeListSchema,
        add_says="Add how far something is reached.",
        list_says="List an episode's outcomes.",
    ),
)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the entries' routes."""
    survivors = SurvivorViews(context)
    whose = whose_episode(EpisodeViews(context, survivors), survivors)
    views = EntryViews(context)
    both = [route for kind in _KINDS for route in (_adding(kind, whose), _listing(kind, whose, views))]
    return [RouteGroup(name="case", about="Whom a host supports", routes=both)]


def _adding(kind: _Kind, whose: Whose) -> Route:
    def adds(asked: Asked) -> AddEntry:
        row = asked.about.row
        return kind.adds(episode_id=row["id"], survivor_id=row["survivor_id"], entry_id=new_id(), said=asked.body)

    return Route(
        method="POST",
        path=f"/v1/episodes/<uuid:episode_id>/{kind.adds.kind}",
        says=kind.add_says,
        roles=_CASEWORK,
        whose=whose,
        body=kind.body,
        command=adds,
        in_batch=True,
        by=add_entry,
        status=201,
        gives=AnswerSchema,
    )


def _listing(kind: _Kind, whose: Whose, views: EntryViews) -> Route:
    def read_entries(asked: Asked) -> Page:
        return views.entries(asked.about.id, kind.adds.kind, PageRequest.of(asked.query))

    return Route(
        method="GET",
        path=f"/v1/episodes/<uuid:episode_id>/{kind.adds.kind}",
        says=kind.list_says,
        roles=_CASEWORK,
        whose=whose,
        query=PageQuerySchema,
        view=read_entries,
        action=f"case:episode:list-{kind.adds.kind}",
        gives=kind.gives,
    )
