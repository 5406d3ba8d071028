"""What the forms of a request for information say; None where one is not whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.information_requests.rules import InformationAnswer
from services.case.rights.schemas import MOST_WORDS
from shared.codelists.lists import get
from shared.web.pages.dates import day_of, typed_day

Form = MultiDict[str, str]

_DAY = "Write the day on which it arrived as day, month and year, or leave it empty for today."
_TESTS = {
    "legal_power": "legal_power",
    "relevant": "judgement",
    "necessary": "judgement",
    "proportionate": "judgement",
    "counselling": "counselling_content",
    "probative": "judgement",
}
"""The questions of the form, and the list of each."""


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What somebody typed on the form of a new request.

    Attributes:
        person: A number or a reference; empty where the request names nobody.
        received: Day, month and year as they were typed.
        wrong: A sentence for each field that is not right.
    """

    person: str = ""
    asked_by: str = ""
    received: Mapping[str, str] = field(default_factory=dict)
    received_on: date | None = None
    words: str | None = None
    wrong: Mapping[str, str] = field(default_factory=dict)

    def with_fault(self, name: str, sentence: str) -> "Typed":
        """Give it with one more sentence."""
        return replace(self, wrong={**self.wrong, name: sentence})


def typed_request(form: Form) -> Typed:
    """Read the form of a new request."""
    person, words = form.get("person", "").strip()[:200], form.get("words", "").strip() or None
    typed = Typed(
        person=person, asked_by=form.get("asked_by", "")[:80], received=typed_day(form, "received"), words=words
    )
    try:
        typed = replace(typed, received_on=day_of(dict(typed.received)))
    except ValueError:
        typed = typed.with_fault("received_day", _DAY)
    if not get("legal_request_type").has(typed.asked_by):
        typed = typed.with_fault("asked_by", "Choose who asks.")
    if len(words or "") > MOST_WORDS:
        typed = typed.with_fault("words", f"Write at most {MOST_WORDS} characters.")
    if words and not person:
        typed = typed.with_fault("words", "A request that names nobody keeps no words. Leave them out.")
    return typed


def judged_of(form: Form) -> dict[str, Any] | None:
    """Read what was judged: the form asks for all of it, and has what was judged before in it."""
    said: dict[str, Any] = {name: form.get(name, "") for name in _TESTS}
    if not all(get(_TESTS[name]).has(code) for name, code in said.items()):
        return None
    try:
        return {**said, "counsel_on": day_of(typed_day(form, "counsel"))}
    except ValueError:
        return None


def answer_of(form: Form) -> InformationAnswer | None:
    """Read what was answered."""
    outcome, words = form.get("outcome", ""), form.get("words", "").strip() or None
    refusals = tuple(dict.fromkeys(form.getlist("refusals")))
    left = tuple(dict.fromkeys(form.getlist("left")))
    known = all(get("information_refusal").has(code) for code in refusals)
    known = known and all(get("data_class").has(code) for code in left)
    if not known or not get("legal_request_outcome").has(outcome) or len(words or "") > MOST_WORDS:
        return None
    return InformationAnswer(outcome=outcome, refusals=refusals, left=left, words=words)
