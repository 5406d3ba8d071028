"""What was typed in the conversation: how somebody is asked, then what they answered; nothing has a yes before it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from werkzeug.datastructures import MultiDict

from services.consent.ledger.terms import NOT_ESTABLISHED, PRIVATE, Terms
from services.consent.purposes.register import PURPOSES
from shared.codelists.lists import get

ANSWERS: Mapping[str, str] = {"GIVEN": "Yes", "REFUSED": "No", "DEFERRED": "Not now; I want to think about it"}
MONTHS: Mapping[str, str] = {"12": "A year", "6": "Half a year", "3": "Three months", "1": "One month"}
_MONTH = timedelta(days=30)
_LISTS = {
    "language": ("language", "Choose the language in which you ask."),
    "method": ("consent_method", "Choose how you ask."),
    "interpreter": ("interpreter", "Say whether an interpreter helps."),
    "setting": ("consent_setting", "Say who can hear."),
    "capacity": ("consent_capacity", "Say whether they can decide this now."),
}


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """How somebody is asked."""

    purpose: str
    recipient_class: str
    language: str = ""
    method: str = ""
    interpreter: str = ""
    setting: str = ""
    capacity: str = "PRESUMED"

    @classmethod
    def of(cls, purpose: str, form: MultiDict[str, str]) -> "Prepared":
        """Read the form; whoever names no recipients means the purpose's own."""
        known = PURPOSES[purpose].recipients
        named = form.get("recipient_class", "")
        said = {name: form.get(name, "")[:80] for name in _LISTS}
        return cls(purpose=purpose, recipient_class=named if named in known else known[0], **said)

    def wrong(self) -> dict[str, str]:
        """Give the sentence for each field that is to be mended."""
        return {
            name: sentence for name, (codes, sentence) in _LISTS.items() if getattr(self, name) not in get(codes).codes
        }

    def hidden(self) -> dict[str, str]:
        """Give what the next step's form holds."""
        return {"recipient_class": self.recipient_class, **{name: getattr(self, name) for name in _LISTS}}

    @property
    def may_say_yes(self) -> bool:
        """Whether a yes would count: in private, and from somebody who can decide."""
        return self.setting == PRIVATE and self.capacity != NOT_ESTABLISHED

    def terms(self, *, explained: str, months: str, yes: bool, now: datetime) -> Terms:
        """Give the terms of the decision."""
        shorter = yes and months != "12"
        return Terms(
            explained=explained or None,
            interpreter=self.interpreter,
            setting=self.setting,
            capacity=self.capacity,
            valid_until=now + int(months) * _MONTH if shorter else None,
        )


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What they answered; nothing before they did."""

    decision: str = ""
    explained: str = ""
    months: str = "12"

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "Answered":
        """Read the form."""
        months = form.get("months", "12")
        return cls(
            decision=form.get("decision", "")[:80],
            explained=form.get("explained", "")[:80],
            months=months if months in MONTHS else "12",
        )

    @classmethod
    def begun(cls, form: MultiDict[str, str]) -> "Answered":
        """Read what was kept; an answer never is."""
        return replace(cls.of(form), decision="")

    def hidden(self) -> dict[str, str]:
        """Give what may be kept: nothing that they answered, and nothing that was not typed."""
        return {**({"explained": self.explained} if self.explained else {}), "months": self.months}

    def wrong(self, *, may_say_yes: bool, holds: bool = False) -> dict[str, str]:
        """Give the sentence for each field that is to be mended.

        Args:
            may_say_yes: Whether a yes would count.
            holds: Whether a yes holds already, which putting it off leaves as it is.
        """
        wrong = {}
        if self.explained and self.explained not in get("consent_explained").codes:
            wrong["explained"] = "Choose how the words were brought to them."
        if self.decision not in ANSWERS:
            wrong["decision"] = "Choose what they answered. If they did not answer, go back: nothing is recorded."
        elif self.decision == "DEFERRED" and holds:
            wrong["decision"] = "Their yes holds until its day. To think about it, go back: nothing changes."
        elif self.decision == "GIVEN" and not may_say_yes:
            wrong["decision"] = "A yes cannot be recorded like this. Ask again in private, with registered words."
        elif self.decision == "GIVEN" and not self.explained:
            wrong["explained"] = "Choose how the words were brought to them."
        return wrong
