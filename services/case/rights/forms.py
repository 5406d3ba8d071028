"""What the forms of rights say: read, and given back with a sentence where something is missing."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.rights.commands import (
    AcknowledgeRightsCase,
    ChangeRightsCase,
    DecideRightsCase,
    ExtendRightsCase,
    NoteProgress,
    ResumeClock,
    StopClock,
    acknowledge,
    decide,
    extend,
    note_progress,
    resume_clock,
    stop_clock,
)
from services.case.rights.decisions import Decision
from services.case.rights.schemas import MOST_REFUSALS, MOST_WORDS
from shared.codelists.lists import get
from shared.kernel.tenancy import Principal
from shared.web.pages.dates import day_of, typed_day
from shared.web.pages.forms import version_in

Form = MultiDict[str, str]
Carries = Callable[..., Any]

WRONG = "Choose an answer to each question of this form, and write what it asks for. Nothing was changed."
_MOST_PERSON = 200
_CODED: Mapping[str, tuple[str, Callable[..., ChangeRightsCase], str, Carries]] = {
    "acknowledge": ("rights_told", AcknowledgeRightsCase, "told", acknowledge),
    "stop": ("rights_clock_stop", StopClock, "why", stop_clock),
    "extend": ("rights_extension", ExtendRightsCase, "why", extend),
}
"""Of a form with one code: its list, what it makes, of which field the code is, and who carries it out."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What somebody typed on the form of a new request.

    Attributes:
        person: A number or a reference; never shown in an address.
        received: Day, month and year as they were typed.
        received_on: The day that they mean; None for today.
        wrong: A sentence for each field that is not right.
    """

    person: str = ""
    kind: str = ""
    channel: str = ""
    received: Mapping[str, str] = field(default_factory=dict)
    received_on: date | None = None
    words: str | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)

    def with_fault(self, name: str, sentence: str) -> "Typed":
        """Give it with one more sentence."""
        return replace(self, wrong={**self.wrong, name: sentence})


def typed_request(form: Form) -> Typed:
    """Read the form of a new request."""
    wrong: dict[str, str] = {}
    person = form.get("person", "").strip()[:_MOST_PERSON]
    kind, channel = form.get("kind", "")[:80], form.get("channel", "")[:80]
    received, received_on = typed_day(form, "received"), None
    words = form.get("words", "").strip()
    if not person:
        wrong["person"] = "Write who asks: their number here, or your organisation's own reference."
    if not get("rights_request").has(kind):
        wrong["kind"] = "Choose what they ask for."
    if not get("rights_channel").has(channel):
        wrong["channel"] = "Choose how it reached you."
    try:
        received_on = day_of(received)
    except ValueError:
        wrong["received_day"] = "Write the day on which it arrived as day, month and year, or leave it empty for today."
    if len(words) > MOST_WORDS:
        wrong["words"] = f"Write at most {MOST_WORDS} characters."
    return Typed(
        person=person,
        kind=kind,
        channel=channel,
        received=received,
        received_on=received_on,
        words=words or None,
        wrong=wrong,
    )


def change_of(
    form: Form, *, rights_case_id: str, survivor_id: str, who: Principal
) -> tuple[ChangeRightsCase, Carries] | tuple[None, None]:
    """Give what a form on a case's page asks for, and who carries it out; nothing where it is not whole."""
    version, words = version_in(form), form.get("words", "").strip() or None
    if version is None or len(words or "") > MOST_WORDS:
        return None, None
    about: dict[str, Any] = {
        "rights_case_id": rights_case_id,
        "survivor_id": survivor_id,
        "version": version,
        "actor_id": who.actor_id,
        "role": who.role,
    }
    verb = form.get("verb", "")
    if verb in _CODED:
        list_name, make, name, by = _CODED[verb]
        code = form.get("code", "")
        return (make(**about, words=words, **{name: code}), by) if get(list_name).has(code) else (None, None)
    if verb == "decide":
        decision = _decision(form, words)
        return (DecideRightsCase(**about, decision=decision), decide) if decision is not None else (None, None)
    made: dict[str, tuple[ChangeRightsCase, Carries]] = {"resume": (ResumeClock(**about, words=words), resume_clock)}
    if words is not None:
        made["note"] = (NoteProgress(**about, words=words), note_progress)
    return made.get(verb, (None, None))


def _decision(form: Form, answer: str | None) -> Decision | None:
    outcome, told = form.get("outcome", ""), form.get("told", "")
    refusals = tuple(dict.fromkeys(form.getlist("refusals")))[:MOST_REFUSALS]
    known = all(get("rights_refusal").has(code) for code in refusals)
    if not known or not get("rights_outcome").has(outcome) or not get("rights_told").has(told):
        return None
    return Decision(
        outcome=outcome,
        refusals=refusals,
        told=told,
        ico_route_told=form.get("ico_route_told") == "yes",
        answer=answer,
    )
