"""Makes of what a service keeps about somebody the things that their copy lists, field by field as it is declared.

Promise: a field that is declared is in the copy, unless it holds an id, a digest or what a key outside opens, or helps
the service alone (``OURS``); one document that cannot be read is named as such and holds up no other.
Shown by tests/unit/shared/test_gathering.py.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from shared.codelists.plainly import label, plainly
from shared.outbox.documents import SEALED_ONLY, DocumentType, Holds, Open
from shared.runtime.access_parts import Item

MOST_OF_A_KIND = 1_000
"""Documents of one kind that a copy has, the newest; that there are more is said."""

OURS = frozenset(
    {
        "updated_at", "turn", "marked_under", "calendar_version", "gate_version", "consent_sequence", "sequence",
        "position", "consent_version", "next_step_at", "late_since", "first_at", "talk_policy", "questions",
        "facts_recorded_at", "first_recorded_at", "forget_at", "words_gone", "version",
    }
)  # fmt: skip
"""What helps the service alone, and says nothing of anybody."""

_NEVER = frozenset({Holds.ID, Holds.HASH, Holds.CIPHERTEXT})
_WORDS = SEALED_ONLY | {Holds.TEXT}
_WRITERS = (
    "actor_id", "taken_by", "opened_by", "asked_by", "judged_by", "ended_by", "closed_by", "confirmed_by", "looked_by",
    "answered_by", "goes_id", "decided_by",
)  # fmt: skip
_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "on": "Day", "told_on": "Told", "due_on": "Due", "words": "Words", "what": "What is to be done",
        "at": "When", "safe_contact": "How to reach you safely", "last_contact_on": "Last contact",
        "transfer_in": "Came from another organisation", "excluded": "Left out of the figures",
        "said_at": "Said", "recorded_at": "Written down",
    }
)  # fmt: skip
_LISTS: Mapping[str, str] = MappingProxyType(
    {
        "gender": "gender", "age_band": "age_band", "exploitation_types": "exploitation_type", "nation": "nation",
        "region": "region_of_nationality", "advocacy_area": "advocacy_area", "area": "advocacy_area",
        "areas": "advocacy_area", "mode": "contact_mode", "interpreter": "interpreter",
        "closure_reason": "closure_reason", "referral_source": "referral_source", "tier": "advocacy_tier",
        "channel": "rights_channel", "stopped_for": "rights_clock_stop", "extended_for": "rights_extension",
        "told": "rights_told", "purpose": "consent_purpose", "recipient_class": "recipient_class",
        "method": "consent_method", "language": "language", "stage": "nrm_stage", "step": "rights_step",
    }
)  # fmt: skip
_CANNOT_BE_READ = "It is kept, and cannot be read any more. Ask the organisation about it."


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of document that is kept about somebody.

    Attributes:
        type: Its document type.
        what: What such a thing is, in words that they know.
        when: The field that says when it was, where it has one.
        by: The field that names the person.
        lists: Code lists of fields whose name means something else elsewhere.
        leaves: Fields that are left out, beside those that no copy has.
    """

    type: DocumentType
    what: str
    when: str | None = None
    by: str = "survivor_id"
    lists: Mapping[str, str] = field(default_factory=dict)
    leaves: Collection[str] = ()


def items_of(kind: Kind, documents: Iterable[Mapping[str, Any]], *, opened: Open | None = None) -> Iterator[Item]:
    """Give the things of one kind, as their copy lists them; after ``MOST_OF_A_KIND`` that there are more."""
    for number, document in enumerate(documents):
        if number == MOST_OF_A_KIND:
            yield Item(what=kind.what, when=None, lines=(("More", f"Only {MOST_OF_A_KIND} of these are listed."),))
            return
        try:
            values = kind.type.values(document, opened=opened)
        except Exception:  # noqa: BLE001  What one document has wrong must not keep the others from somebody.
            yield Item(what=kind.what, when=None, lines=(("Kept", _CANNOT_BE_READ),))
            continue
        yield _item(kind, values)


def _item(kind: Kind, values: Mapping[str, Any]) -> Item:
    shown = [one for one in kind.type.fields if one.name not in OURS and one.holds not in _NEVER]
    lines = []
    for one in shown:
        if one.name in kind.leaves or one.name == kind.when:
            continue
        list_name = kind.lists.get(one.name, _LISTS.get(one.name))
        words = plainly(values[one.name], list_name, verbatim=one.holds in _WORDS)
        if words is not None:
            lines.append((_NAMES.get(one.name) or label(one.name), words))
    wrote = tuple(dict.fromkeys(str(values[one]) for one in _WRITERS if values.get(one)))
    when = plainly(values[kind.when]) if kind.when is not None else None
    return Item(what=kind.what, when=when, lines=tuple(lines), by=wrote)
