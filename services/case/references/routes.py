"""The references' HTTP routes."""

from typing import Any

from services.case.imports.rules.parsing import reference_problem
from services.case.imports.rules.progress import CORRECT
from services.case.references.commands import PutRecord, put_record
from services.case.references.errors import ReferenceUnusableError
from services.case.references.index import ReferenceIndex
from services.case.references.rules import judged
from services.case.references.schemas import (
    FoundListSchema,
    PutRecordSchema,
    RecordAnswerSchema,
    ReferenceSchema,
)
from services.case.references.views import ReferenceViews
from services.case.survivors.views import SurvivorViews
from shared.codelists.periods import LONDON
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup

_IMPORTERS = ("HOST_ADMIN", "HOST_DPO", "HOST_DATA_LEAD")
_CASEWORK = ("IMSA", "SUPERVISOR")
SCOPE = "imports:write"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the references' routes."""
    index = ReferenceIndex(context)
    views = ReferenceViews(context, index, SurvivorViews(context))

    def put(asked: Asked) -> PutRecord:
        body = asked.body
        problem = reference_problem(body["reference"])
        if problem is not None:
            raise ReferenceUnusableError(problem.sentence)
        source = index.source(body["source"], is_new=body["new_source"])
        today = context.clock.now().astimezone(LONDON).date()
        finder = index.finder(source, exact=body["exact_references"])
        row = finder.row(judged(body["reference"], body["record"], today=today))
        known = index.known([row.key])
        return PutRecord(
            row=row,
            finder=finder,
            source=source,
            correcting=body["known_rows"] == CORRECT,
            actor_id=asked.who.actor_id,
            about=frozenset(one for row in known for one in (row["survivor_id"], row["episode_id"]) if one),
        )

    def keys(_command: Any) -> dict[str, Any]:
        return {"find_keys": context.survivor_keys.find_many, "make_keys": context.survivor_keys.get_or_create_many}

    return [
        RouteGroup(
            name="references",
            about="Records by the reference that a host's own system gives them",
            routes=[
                Route(
                    method="POST",
                    path="/v1/survivors/by-reference",
                    says="Make a record, or correct it, by the reference of your own system. It is read as the same "
                    "row of a file would be: what it leaves out stays as it is known, and a no, or a possible child, "
                    "takes effect whatever becomes of the rest.\n\n201 made, 200 changed or unchanged, 202 heard but "
                    "not taken. Names and contacts are not taken this way: they are the advocate's.",
                    roles=_IMPORTERS,
                    scope=SCOPE,
                    body=PutRecordSchema,
                    command=put,
                    in_batch=True,
                    by=put_record,
                    needs=keys,
                    status=201,
                    gives=RecordAnswerSchema,
                    other_answers={200: RecordAnswerSchema, 202: RecordAnswerSchema},
                ),
                Route(
                    method="POST",
                    path="/v1/survivors/by-reference/search",
                    says="Say whom a reference of your own system is about; exact. An advocate finds their own.",
                    roles=(*_CASEWORK, *_IMPORTERS),
                    scope=SCOPE,
                    body=ReferenceSchema,
                    view=lambda asked: views.search(
                        asked.body["reference"], source=asked.body["source"], who=asked.who
                    ),
                    action="case:reference:search",
                    gives=FoundListSchema,
                ),
            ],
        )
    ]
