"""What the forms of outcomes and entitlements ask, and in which words."""

from collections.abc import Callable, Sequence
from typing import Any

from services.case.outcomes.commands import (
    CorrectEntitlement,
    CorrectRating,
    RateOutcomes,
    RecordEntitlement,
    TakeEntitlementBack,
    TakeRatingBack,
)
from services.case.outcomes.forms import Ask, Typed, read
from services.case.outcomes.schemas import EntitlementSchema, OutcomeSchema
from services.case.outcomes.shown import Shown
from services.case.outcomes.words import coded, entitlement_words, rating_words
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal

_DAY = "Give a day that has been, such as 4 8 2026, or leave it out."
_ANSWER = "Choose their answer. If you did not ask, choose that."


def _beside() -> tuple[Ask, ...]:
    return (
        Ask(name="point", label="When in the support", mend="Choose when this was.", codes=coded("outcome_point")),
        Ask(
            name="rated_by",
            label="Who said it",
            mend="Choose who said it.",
            codes=coded("outcome_rater"),
            hint="What an advocate alone thinks is kept beside it, and is no change of theirs.",
        ),
        Ask(
            name="asked",
            label="How they were asked",
            mend="Choose how they were asked from the list.",
            codes=coded("outcome_asked"),
            nothing="Not known",
        ),
        Ask(name="on", label="Day", mend=_DAY, is_day=True, hint="Leave it out if nobody knows."),
    )


def outcome_pages() -> Shown:
    """Give the pages of outcomes: seven questions at once, and only what was talked about is kept."""
    beside = _beside()
    outcomes = get("outcome")
    every = tuple(
        Ask(
            name=code,
            label=outcomes.label(code),
            mend=_ANSWER,
            codes=coded("outcome_scale"),
            nothing="Not talked about today",
        )
        for code in outcomes.codes
    )
    one = (
        Ask(name="outcome", label="Which outcome", mend="Choose which outcome.", codes=coded("outcome")),
        Ask(name="rating", label="Their answer", mend=_ANSWER, codes=coded("outcome_scale")),
        *beside,
    )

    def reads(typed: Typed) -> tuple[list[dict[str, Any]], dict[str, str]]:
        chosen = {ask.name: typed[ask.name] for ask in every if typed[ask.name]}
        said: list[dict[str, Any]] = []
        wrong: dict[str, str] = {}
        for code, rating in (chosen or {every[0].name: "NOT_ASKED"}).items():
            told, to_mend = read({**typed, "outcome": code, "rating": rating}, one, OutcomeSchema())
            said.append(told)
            wrong |= {code if name == "rating" else name: sentence for name, sentence in to_mend.items()}
        if not chosen:
            wrong = {every[0].name: "Choose an answer to at least one question.", **wrong}
        return said, wrong

    return Shown(
        one="outcome",
        many="outcomes",
        back="outcomes",
        title="How they see it",
        intro="Ask them; it is their own view that counts. They need not answer, and no answer changes their support. "
        "The scale was made for this project: there is no official one.",
        writes=RateOutcomes,
        corrects=CorrectRating,
        takes_back=TakeRatingBack,
        schema=OutcomeSchema,
        asks=lambda _who, _key: one,
        asks_new=(*every, *beside),
        reads=reads,
        words=rating_words,
    )


def entitlement_asks(goals: Sequence[tuple[str, str]]) -> tuple[Ask, ...]:
    """Give the questions about something that they gained."""
    return (
        Ask(
            name="entitlement",
            label="What they gained",
            mend="Choose what they gained.",
            codes=coded("entitlement"),
        ),
        Ask(name="on", label="Day", mend=_DAY, is_day=True, hint="Leave it out if nobody knows."),
        Ask(
            name="goal_id",
            label="Goal to which it belongs",
            mend="Choose one of their goals, or none.",
            codes=tuple(goals),
            nothing="None",
        ),
    )


def entitlement_pages(asks: Callable[[Principal, str], Sequence[Ask]]) -> Shown:
    """Give the pages of what they gained."""
    return Shown(
        one="entitlement",
        many="entitlements",
        back="outcomes",
        title="What they gained",
        intro="A right or an entitlement that they have now and did not have before.",
        writes=RecordEntitlement,
        corrects=CorrectEntitlement,
        takes_back=TakeEntitlementBack,
        schema=EntitlementSchema,
        asks=asks,
        words=lambda row: entitlement_words(row, {}),
    )
