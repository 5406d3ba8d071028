"""The restrictions' HTTP routes: the officer's, and the one by which others open what keeps somebody safe."""

from typing import Any

from services.case.restrictions.commands import (
    LiftRestriction,
    NoteSeen,
    OpenForLife,
    Restrict,
    lift_restriction,
    note_seen,
    open_for_life,
    restrict,
)
from services.case.restrictions.roles import DECIDES, OPENERS
from services.case.restrictions.rules import Lifting
from services.case.restrictions.schemas import (
    LiftRestrictionSchema,
    OpenedSchema,
    OpenForLifeSchema,
    OpeningListSchema,
    OpeningQuerySchema,
    RestrictedSchema,
    RestrictionListSchema,
    RestrictionQuerySchema,
    RestrictionSchema,
    RestrictSchema,
    VitalSchema,
)
from services.case.restrictions.views import RestrictionViews
from services.case.rights.views import RightsViews, sealer_of
from services.case.survivors.acting import whose_survivor
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, EmptySchema

_PATH, _OPENINGS = "/v1/restrictions", "/v1/vital-openings"
_ONE, _OPENING = f"{_PATH}/<uuid:restriction_id>", f"{_OPENINGS}/<uuid:opening_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    views, rights = RestrictionViews(context, survivors), RightsViews(context, survivors)
    of_survivor = whose_survivor(survivors, lambda asked: str(asked.body["survivor_id"]), in_body=True)

    def opened(asked: Asked) -> Subject:
        one = views.opening(asked.path["opening_id"])
        return Subject(id=one.id, row=one)

    of_opener = Whose(find=opened, allows=lambda who, subject: bool(subject.row.actor_id == who.actor_id))

    def restricting(asked: Asked) -> Restrict:
        case_id = asked.path["rights_case_id"]
        return Restrict(
            restriction_id=new_id(),
            rights_case_id=case_id,
            survivor_id=rights.survivor_of(case_id),
            version=asked.version,
            actor_id=asked.who.actor_id,
            role=asked.who.role,
            **asked.body,
        )

    def lifting(asked: Asked) -> LiftRestriction:
        key = asked.path["restriction_id"]
        return LiftRestriction(
            restriction_id=key,
            survivor_id=views.survivor_of(key),
            version=asked.version,
            lifting=Lifting(**asked.body),
            actor_id=asked.who.actor_id,
        )

    def sealing(command: Restrict) -> dict[str, Any]:
        return {"sealer": sealer_of(context, command.survivor_id)}

    by_officer: dict[str, Any] = {"roles": (DECIDES,)}
    restricts = [
        Route(
            method="POST",
            path="/v1/rights-cases/<uuid:rights_case_id>/restriction",
            says="Restrict the use of a person's record, as they asked: from now on nobody but the data protection "
            "officer reads or changes it, they are in no statistics that are sealed, and nothing but noes goes to "
            "other systems.\n\nIt ends a request for a restriction; one to have something put right, and an "
            "objection, stay open.",
            **by_officer,
            body=RestrictSchema,
            if_match=True,
            command=restricting,
            by=restrict,
            needs=sealing,
            status=201,
            location=f"{_PATH}/{{id}}",
            gives=RestrictedSchema,
        ),
        Route(
            method="GET",
            path=_PATH,
            says="List restrictions, the longest untouched first.",
            **by_officer,
            query=RestrictionQuerySchema,
            view=lambda asked: views.restrictions(PageRequest.of(asked.query), state=asked.query["state"]),
            action="case:restriction:list",
            gives=RestrictionListSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read a restriction: whose it is, on which ground, and how it ended. The ETag is its version.",
            **by_officer,
            view=lambda asked: views.restriction(asked.path["restriction_id"]),
            action="case:restriction:read",
            gives=RestrictionSchema,
        ),
        Route(
            method="POST",
            path=f"{_ONE}/lift",
            says="Lift a restriction, after the person was told, or with the reason why telling them is not safe. "
            "Nothing comes back by itself: what was withheld is looked at again.",
            **by_officer,
            body=LiftRestrictionSchema,
            if_match=True,
            command=lifting,
            by=lift_restriction,
            gives=AnswerSchema,
        ),
    ]
    opens = [
        Route(
            method="POST",
            path=_OPENINGS,
            says="Open, for an hour and for oneself, how to reach somebody safely whose record is restricted, because "
            "a life or somebody's safety depends on it. The data protection officer is told of it at once.",
            roles=OPENERS,
            whose=of_survivor,
            body=OpenForLifeSchema,
            command=_open,
            by=open_for_life,
            status=201,
            location=f"{_OPENINGS}/{{id}}",
            gives=OpenedSchema,
        ),
        Route(
            method="GET",
            path=_OPENINGS,
            says="List what was opened in spite of a restriction, the longest untouched first.",
            **by_officer,
            query=OpeningQuerySchema,
            view=lambda asked: views.openings(PageRequest.of(asked.query), unseen=asked.query["unseen"]),
            action="case:restriction:list-opened",
            gives=OpeningListSchema,
        ),
        Route(
            method="GET",
            path=_OPENING,
            says="Read what keeps somebody safe whose record is restricted: within the hour, for whoever opened it.",
            roles=OPENERS,
            whose=of_opener,
            view=lambda asked: views.vital(asked.about.row),
            action="case:restriction:read-opened",
            gives=VitalSchema,
        ),
        Route(
            method="POST",
            path=f"{_OPENING}/seen",
            says="Note that the data protection officer has seen what was opened; saying it twice is once.",
            **by_officer,
            body=EmptySchema,
            command=lambda asked: NoteSeen(opening_id=asked.path["opening_id"], actor_id=asked.who.actor_id),
            by=note_seen,
            gives=AnswerSchema,
        ),
    ]
    about = "Records that are frozen for all but the data protection officer"
    return [RouteGroup(name="restrictions", about=about, routes=[*restricts, *opens])]


def _open(asked: Asked) -> OpenForLife:
    return OpenForLife(
        opening_id=new_id(),
        survivor_id=asked.about.id,
        why=asked.body["why"],
        actor_id=asked.who.actor_id,
        role=asked.who.role,
    )
