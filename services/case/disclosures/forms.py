"""What the form says that asks to give something of a person out; nothing is chosen before somebody chooses.

Shown by tests/integration/pages/test_disclosure_pages.py.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from services.case.contacts.rules import says_something
from services.case.disclosures.rules import LONGEST_ITEM, LONGEST_NAME, Item
from shared.codelists.lists import get

CODES = {
    "purpose": "consent_purpose",
    "recipient_class": "recipient_class",
    "means": "disclosure_means",
    "contact": "disclosure_contact",
}
NOT_OF_A_PERSON = ("COUNTED_CODES",)
"""Kinds of which nothing is told to anybody about one person."""
_SENTENCES = {
    "purpose": "Choose what it is for.",
    "recipient_class": "Choose who they are.",
    "recipient": f"Write down to whom, by name, in at most {LONGEST_NAME} letters.",
    "items": "Write beside at least one kind what exactly you would give.",
    "means": "Choose how you would give it.",
    "contact": "Choose how they reach the person.",
}
_TOO_LONG = f"Write at most {LONGEST_ITEM} letters."


@dataclass(frozen=True, kw_only=True)
class TypedDisclosure:
    """What was typed, to show it again."""

    codes: Mapping[str, str]
    recipient: str
    items: Mapping[str, str]

    @classmethod
    def of(cls, form: MultiDict[str, str]) -> "TypedDisclosure":
        """Take a form; of words one letter more than may be, so that too many are told."""
        kinds = [code for code in get("data_class").codes if code not in NOT_OF_A_PERSON]
        return cls(
            codes={name: form.get(name, "")[:80] for name in CODES},
            recipient=form.get("recipient", "").strip()[: LONGEST_NAME + 1],
            items={code: form.get(f"item_{code}", "").strip()[: LONGEST_ITEM + 1] for code in kinds},
        )

    def read(self) -> tuple[dict[str, Any], dict[str, str]]:
        """Give what the command takes, and what is to be mended by its field."""
        wrong = {name: _SENTENCES[name] for name, listed in CODES.items() if not get(listed).has(self.codes[name])}
        if not (says_something(self.recipient) and len(self.recipient) <= LONGEST_NAME):
            wrong["recipient"] = _SENTENCES["recipient"]
        written = {code: words for code, words in self.items.items() if says_something(words)}
        if not written:
            wrong["items"] = _SENTENCES["items"]
        wrong |= {f"item_{code}": _TOO_LONG for code, words in written.items() if len(words) > LONGEST_ITEM}
        items = tuple(Item(data_class=code, words=words) for code, words in written.items())
        return {**self.codes, "recipient": self.recipient, "items": items}, wrong
