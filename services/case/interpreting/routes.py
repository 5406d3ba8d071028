"""The HTTP routes of interpreting for somebody."""

from typing import Any

from services.case.interpreters.documents import ClosedWords
from services.case.interpreting.booking import (
    BookInterpreter,
    CancelBooking,
    HoldBooking,
    book_interpreter,
    cancel_booking,
    hold_booking,
)
from services.case.interpreting.commands import (
    EndNever,
    OnInterpreting,
    SayNever,
    StateWish,
    end_never,
    say_never,
    state_wish,
)
from services.case.interpreting.rules import SAID
from services.case.interpreting.schemas import (
    BookSchema,
    CandidatesSchema,
    EndNeverSchema,
    InterpretingSchema,
    NeverSchema,
    StatedSchema,
    WantedSchema,
    WishSchema,
)
from services.case.interpreting.views import InterpretingViews
from services.case.support.admission import CASEWORK
from services.case.survivors.acting import whose_survivor
from services.case.survivors.sealing import Sealer
from services.case.survivors.views import SurvivorViews
from shared.kernel.ids import new_id
from shared.runtime.context import ServiceContext
from shared.web.routes import Asked, Route, RouteGroup
from shared.web.schemas import AnswerSchema, EmptySchema

_ONE = "/v1/survivors/<uuid:survivor_id>"
_BOOKING = f"{_ONE}/interpreter-bookings/<uuid:booking_id>"


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the routes."""
    survivors = SurvivorViews(context)
    views, closed = InterpretingViews(context, survivors), ClosedWords.of(context)

    def opening(command: OnInterpreting) -> dict[str, Any]:
        return {"sealer": Sealer.of_known(context, [command.survivor_id]), "closed": closed}

    about: dict[str, Any] = {
        "roles": CASEWORK, "whose": whose_survivor(survivors, lambda asked: asked.path["survivor_id"]),
    }  # fmt: skip
    post = {**about, "method": "POST", "needs": opening}
    every = [*_saying(post), *_booking(post), *_reading(about, views)]
    return [RouteGroup(name="interpreters", about="Who interprets, and for whom", routes=every)]


def _saying(post: dict[str, Any]) -> list[Route]:
    return [
        Route(
            **post,
            path=f"{_ONE}/interpreter-wishes",
            says="Say what somebody needs of an interpreter; what is left out stays as it was, and all of it stays to "
            "be seen. Bookings that do not fit any more become tasks.",
            body=WishSchema,
            command=_wish,
            by=state_wish,
            status=201,
            gives=StatedSchema,
        ),
        Route(
            **post,
            path=f"{_ONE}/interpreter-nevers",
            says="Say that a person never interprets for somebody. Nobody can override it; bookings with that person "
            "become tasks.",
            body=NeverSchema,
            command=_never,
            by=say_never,
            status=201,
            gives=StatedSchema,
        ),
        Route(
            **post,
            path=f"{_ONE}/interpreter-nevers/<uuid:never_id>/end",
            says="Say that the survivor changed it, or that it was written wrongly; it stays to be seen.",
            body=EndNeverSchema,
            command=lambda asked: EndNever(**_who(asked), never_id=asked.path["never_id"], why=asked.body["why"]),
            by=end_never,
            status=201,
            gives=AnswerSchema,
        ),
    ]


def _booking(post: dict[str, Any]) -> list[Route]:
    return [
        Route(
            **post,
            path=f"{_ONE}/interpreter-bookings",
            says="Book an interpreter who may. A never, a tie, a language or a day cannot be overridden; a wish for a "
            "gender only by the survivor's own agreement for this once.",
            body=BookSchema,
            command=_book,
            by=book_interpreter,
            status=201,
            gives=AnswerSchema,
        ),
        Route(
            **post,
            path=f"{_BOOKING}/held",
            says="Say that a booking took place; one that may not be kept is refused.",
            body=EmptySchema,
            command=lambda asked: HoldBooking(**_who(asked), booking_id=asked.path["booking_id"]),
            by=hold_booking,
            gives=AnswerSchema,
        ),
        Route(
            **post,
            path=f"{_BOOKING}/cancel",
            says="Cancel a booking.",
            body=EmptySchema,
            command=lambda asked: CancelBooking(**_who(asked), booking_id=asked.path["booking_id"]),
            by=cancel_booking,
            gives=AnswerSchema,
        ),
    ]


def _reading(about: dict[str, Any], views: InterpretingViews) -> list[Route]:
    return [
        Route(
            **about,
            method="GET",
            path=f"{_ONE}/interpreting",
            says="Read what somebody needs of an interpreter, who never interprets for them, and what is booked.",
            view=lambda asked: views.of_person(asked.about.id),
            action="case:interpreting:read",
            gives=InterpretingSchema,
        ),
        Route(
            **about,
            method="POST",
            path=f"{_ONE}/interpreters/search",
            says="Say who of the register may interpret for somebody, and why each other one may not.",
            body=WantedSchema,
            view=lambda asked: views.candidates(asked.about.id, asked.body["at"], asked.body["mode"]),
            action="case:interpreting:search",
            gives=CandidatesSchema,
        ),
    ]


def _wish(asked: Asked) -> StateWish:
    body = asked.body
    replaces = body["replaces"] and str(body["replaces"])
    said = {name: body[name] for name in SAID}
    return StateWish(**_who(asked), said=said, cleared=frozenset(body["clear"]), why=body["why"], replaces=replaces)


def _never(asked: Asked) -> SayNever:
    body = asked.body
    interpreter_id = body["interpreter_id"] and str(body["interpreter_id"])
    return SayNever(**_who(asked), never_id=new_id(), name=body["name"], interpreter_id=interpreter_id, why=body["why"])


def _book(asked: Asked) -> BookInterpreter:
    return BookInterpreter(
        **_who(asked), booking_id=new_id(), **{**asked.body, "interpreter_id": str(asked.body["interpreter_id"])}
    )


def _who(asked: Asked) -> dict[str, Any]:
    return {"survivor_id": asked.about.id, "actor_id": asked.who.actor_id, "role": asked.who.role}
