"""What the forms of approvals say, to show it again, and what is to be mended."""

from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.approvals.rules import AGREED, APPROVERS, AT_ONCE, LONGEST
from services.case.contacts.rules import says_something
from shared.codelists.lists import get
from shared.web.pages.dates import day_of, typed_day

_SENTENCES = {
    "agreement": "Choose how they stand to this plan.",
    "on": "Give the day on which they agreed, such as 4 8 2026.",
    "how": "Choose how they agreed.",
    "reason": "Choose why support ends.",
    "asked_of": "Choose who is to decide.",
    "plan_asked_of": "Choose who is to decide.",
    "words": f"Say it in a few words, in at most {LONGEST} letters.",
}
FIELDS = {"agreed_on": "on", "agreed_how": "how"}
"""Where on the page the API's fields stand."""
WAITING_REASONS = tuple(code for code in get("closure_reason").codes if code not in AT_ONCE)


@dataclass(frozen=True, kw_only=True)
class Typed:
    """What was typed."""

    agreement: str = ""
    on: Any = None
    how: str = ""
    reason: str = ""
    asked_of: str = ""
    plan_asked_of: str = ""
    words: str = ""

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "Typed":
        """Take a form; of words one letter more than may be, so that too many are told."""
        return cls(
            on=typed_day(form, "on"),
            words=form.get("words", "").strip()[: LONGEST + 1],
            **{name: form.get(name, "")[:80] for name in ("agreement", "how", "reason", "asked_of", "plan_asked_of")},
        )

    def agreed(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give how they stand to the plan, and what is to be mended; day and way only where they agreed."""
        wrong = set() if get("plan_agreement").has(self.agreement) else {"agreement"}
        said: dict[str, Any] = {"agreement": self.agreement, "agreed_on": None, "agreed_how": None}
        if self.agreement == AGREED:
            try:
                said["agreed_on"] = day_of(self.on)
            except ValueError:
                said["agreed_on"] = None
            said["agreed_how"] = self.how if get("consent_method").has(self.how) else None
            wrong |= {name for field, name in FIELDS.items() if said[field] is None}
        return said, _sentences(wrong)

    def chosen(self, *names: str) -> dict[str, str]:
        """Give what is to be mended of what is chosen or written."""
        right = {
            "reason": self.reason in WAITING_REASONS,
            "asked_of": self.asked_of in APPROVERS,
            "plan_asked_of": self.plan_asked_of in APPROVERS,
            "words": says_something(self.words) and len(self.words) <= LONGEST,
        }
        return _sentences({name for name in names if not right[name]})


def _sentences(wrong: set[str]) -> dict[str, str]:
    return {name: sentence for name, sentence in _SENTENCES.items() if name in wrong}
