"""The HTTP routes of emergency access: opening, reading for an hour, the review, and who never opens whose record."""

from typing import Any

from services.case.emergencies.commands import (
    EndNever,
    NameNever,
    OpenInEmergency,
    ReviewEmergency,
    end_never,
    name_never,
    open_in_emergency,
    review_emergency,
)
from services.case.emergencies.door import Door
from services.case.emergencies.roles import NAMERS, OPENERS, REVIEWERS, TOLD
from services.case.emergencies.rules import standing_for
from services.case.emergencies.schemas import (
    EmergencyListSchema,
    EmergencyQuerySchema,
    EmergencyRecordSchema,
    EmergencySchema,
    NameNeverSchema,
    NeverListSchema,
    OpenedInEmergencySchema,
    OpenInEmergencySchema,
    ReviewEmergencySchema,
)
from services.case.emergencies.views import EmergencyViews
from services.case.rights.views import sealer_of
from services.case.survivors.acting import whose_survivor
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.runtime.context import ServiceContext
from shared.web.paging import PageRequest
from shared.web.routes import Asked, Route, RouteGroup, Subject, Whose
from shared.web.schemas import AnswerSchema, EmptySchema

READ = "case:emergency:read-record"
"""What audit calls a look at what was opened."""
_PATH = "/v1/emergencies"
_ONE = f"{_PATH}/<uuid:emergency_id>"
_NEVERS, _NEVER = "/v1/survivors/<uuid:survivor_id>/emergency-nevers", "/v1/emergency-nevers/<uuid:never_id>"


def whose_emergency(door: Door) -> Whose:
    """Say of whom somebody speaks who says that it is an emergency, and whether they are let in; a no is counted."""

    def find(asked: Asked) -> Subject:
        number, body = asked.body["survivor_id"], asked.body
        told = door.whom(asked.who, survivor_id=None if number is None else str(number), reference=body["reference"])
        return Subject(id=told, row=body["why"])

    def allows(who: Principal, subject: Subject) -> Standing | None:
        if door.lets_in(who, subject.id):
            return standing_for(subject.row)
        door.note_missed(who)
        return None

    return Whose(find=find, allows=allows, in_body=True)


def whose_opened(door: Door, views: EmergencyViews) -> Whose:
    """Say who opened something, and that they are still let in."""

    def find(asked: Asked) -> Subject:
        one = views.closed(asked.path["emergency_id"])
        return Subject(id=one.survivor_id, row=one)

    def allows(who: Principal, subject: Subject) -> Standing | None:
        own = subject.row.actor_id == who.actor_id and not door.is_named(who, subject.id)
        return standing_for(subject.row.why) if own else None

    return Whose(find=find, allows=allows)


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    views, door = EmergencyViews(context, survivors), Door(context, survivors)
    whose = whose_survivor(survivors, lambda asked: asked.path["survivor_id"])

    def opening(asked: Asked) -> OpenInEmergency:
        return OpenInEmergency(
            emergency_id=new_id(),
            survivor_id=asked.about.id,
            why=asked.body["why"],
            words=asked.body["words"],
            nation=context.settings.nation,
            actor_id=asked.who.actor_id,
            role=asked.who.role,
        )

    def reviewing(asked: Asked) -> ReviewEmergency:
        key = asked.path["emergency_id"]
        return ReviewEmergency(
            emergency_id=key, survivor_id=views.closed(key).survivor_id, version=asked.version, **_by(asked),
            **asked.body,
        )  # fmt: skip

    def ending(asked: Asked) -> EndNever:
        key = asked.path["never_id"]
        return EndNever(never_id=key, survivor_id=views.whose_never(key), version=asked.version, **_by(asked))

    def listing(asked: Asked) -> Any:
        query = asked.query
        return views.emergencies(PageRequest.of(query), asked.who, state=query["state"], overdue=query["overdue"])

    def sealing(command: Any) -> dict[str, Any]:
        return {"sealer": sealer_of(context, command.survivor_id)}

    opens = [
        Route(
            method="POST",
            path=_PATH,
            says="Open, for an hour and for oneself, what keeps somebody safe on whom one does not act, because "
            "somebody is in danger. The safeguarding lead, the data protection officer and the person's advocates see "
            "it at once, and somebody else reviews it.\n\nWhoever is not known here, was erased, or is never opened by "
            "the caller gives one and the same 404. Three a day, and five tries that show nothing.",
            roles=OPENERS,
            whose=whose_emergency(door),
            body=OpenInEmergencySchema,
            command=opening,
            by=open_in_emergency,
            needs=sealing,
            status=201,
            location=f"{_PATH}/{{id}}/record",
            gives=OpenedInEmergencySchema,
        ),
        Route(
            method="GET",
            path=f"{_ONE}/record",
            says="Read what keeps somebody safe: how to reach them, the risks as they stand, who their advocates are. "
            "Within the hour, for whoever opened it.",
            roles=OPENERS,
            whose=whose_opened(door, views),
            view=lambda asked: views.record(asked.about.row),
            action=READ,
            object_id=lambda asked: asked.about.id,
            gives=EmergencyRecordSchema,
        ),
    ]
    reviews = [
        Route(
            method="GET",
            path=_PATH,
            says="List what was opened in an emergency, the longest untouched first; an advocate sees what concerns "
            "people on whom they may act.",
            roles=TOLD,
            query=EmergencyQuerySchema,
            view=listing,
            action="case:emergency:list",
            gives=EmergencyListSchema,
        ),
        Route(
            method="GET",
            path=_ONE,
            says="Read why something was opened, and what the review found. The ETag is its version.",
            roles=REVIEWERS,
            view=lambda asked: views.emergency(asked.path["emergency_id"], asked.who),
            action="case:emergency:read",
            gives=EmergencySchema,
        ),
        Route(
            method="POST",
            path=f"{_ONE}/review",
            says="Say what one found who looked at it afterwards; nobody reviews what they opened themselves.",
            roles=REVIEWERS,
            body=ReviewEmergencySchema,
            if_match=True,
            command=reviewing,
            by=review_emergency,
            needs=sealing,
            gives=AnswerSchema,
        ),
    ]
    names = [
        Route(
            method="GET",
            path=_NEVERS,
            says="List who of the staff never opens this person's record in an emergency; whoever is named does not see"
            " that they are.",
            roles=NAMERS,
            whose=whose,
            view=lambda asked: views.nevers(asked.about.id, asked.who),
            action="case:emergency:list-nevers",
            gives=NeverListSchema,
        ),
        Route(
            method="POST",
            path=_NEVERS,
            says="Name somebody of the staff who never opens this person's record in an emergency, as they said no to "
            "them or there is a conflict of interest. What they opened before closes at once.",
            roles=NAMERS,
            whose=whose,
            body=NameNeverSchema,
            command=_naming,
            by=name_never,
            status=201,
            gives=AnswerSchema,
        ),
        Route(
            method="POST",
            path=f"{_NEVER}/end",
            says="End it: they may open the record in an emergency again. Nobody ends what names themselves.",
            roles=REVIEWERS,
            body=EmptySchema,
            if_match=True,
            command=ending,
            by=end_never,
            gives=AnswerSchema,
        ),
    ]
    about = "What keeps somebody safe, opened in an emergency by whoever does not act on them"
    return [RouteGroup(name="emergencies", about=about, routes=[*opens, *reviews, *names])]


def _by(asked: Asked) -> dict[str, str]:
    return {"actor_id": asked.who.actor_id, "role": asked.who.role}


def _naming(asked: Asked) -> NameNever:
    return NameNever(
        never_id=new_id(),
        survivor_id=asked.about.id,
        staff_id=str(asked.body["staff_id"]),
        ground=asked.body["ground"],
        **_by(asked),
    )
