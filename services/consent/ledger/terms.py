"""How a decision was asked for and what it was limited to: beside each line of a ledger; pure.

Three answers stay three: a code says that somebody was not asked, declined to answer or that nobody knows; a blank
says that whoever wrote the line down told nothing of it. Shown by tests/unit/consent/test_terms.py.
Source: domain reference 4.2, 4.3 and 9.10.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from services.consent.ledger.errors import (
    BeyondAYearError,
    CapacityFirstError,
    DataNotOfPurposeError,
    MisplacedTermError,
    SettingContradictedError,
)
from services.consent.purposes.register import PURPOSES
from shared.codelists.lists import get
from shared.contracts.consent import VALIDITY

PRIVATE, OTHERS_PRESENT = "PRIVATE", "OTHERS_PRESENT"
NOT_ESTABLISHED = "NOT_ESTABLISHED"
LISTS = {
    "explained": "consent_explained",
    "interpreter": "interpreter",
    "setting": "consent_setting",
    "capacity": "consent_capacity",
}
"""Each coded term and its list."""

_YES, _PUT_OFF = frozenset({"GIVEN", "RENEWED"}), "DEFERRED"
_NO = frozenset({"REFUSED", "WITHDRAWN", "INVALIDATED", "REVOKED_BY_CONTROLLER", "CAPACITY_NOT_ESTABLISHED"})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """How somebody was asked, and the bounds that they set.

    Attributes:
        explained: How the words were brought to them.
        interpreter: Whether one helped, and of what kind; never a family member.
        interpreter_id: The random id under which the host knows the interpreter.
        setting: Who could hear.
        capacity: Whether they could decide this, at this time.
        data_classes: What a yes covers; None for everything that the purpose takes.
        valid_until: A yes ends then, earlier than after a year.
        ask_from: They put it off or said no, and do not want to be asked before this.
    """

    explained: str | None = None
    interpreter: str | None = None
    interpreter_id: str | None = None
    setting: str | None = None
    capacity: str | None = None
    data_classes: tuple[str, ...] | None = None
    valid_until: datetime | None = None
    ask_from: datetime | None = None

    @property
    def in_private(self) -> bool | None:
        """Whether nobody else could hear; None where that was not told, declined or is not known."""
        return {PRIVATE: True, OTHERS_PRESENT: False}.get(self.setting or "")

    def kept(self) -> dict[str, Any]:
        """Give what was said, as it is stored; what was not said is not stored."""
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return {**said, "data_classes": list(self.data_classes)} if self.data_classes is not None else said

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "Terms":
        """Read what is stored; a name that only a newer version knows is left where it is."""
        known = {one.name for one in fields(cls)}
        said = {name: value for name, value in kept.items() if name in known}
        classes = said.get("data_classes")
        return cls(**{**said, "data_classes": tuple(classes) if classes is not None else None})


NOTHING_TOLD = Terms()


def check_terms(
    terms: Terms, *, purpose: str, decision: str, said_at: datetime, setting_private: bool | None
) -> bool | None:
    """Check the terms of a direct decision; give whether it was said in private.

    A no is taken whatever is said beside it, which is kept as it was said.

    Raises:
        UnknownCodeError: A code is not in its list.
        SettingContradictedError: Two fields say different things of who could hear.
        MisplacedTermError: An end of an asking or a deferral, or a day to ask from of an asking or a yes.
        BeyondAYearError: An end that lies not within the year of the yes.
        DataNotOfPurposeError: A yes to data that the purpose does not take.
        CapacityFirstError: A yes of somebody not shown to be able to decide it.
    """
    for name, codes in LISTS.items():
        value = getattr(terms, name)
        if value is not None:
            get(codes).require(value)
    if decision not in _NO:
        _check_fit(terms, purpose=purpose, decision=decision, said_at=said_at, setting_private=setting_private)
    return setting_private if terms.setting is None else terms.in_private


def _check_fit(terms: Terms, *, purpose: str, decision: str, said_at: datetime, setting_private: bool | None) -> None:
    if setting_private is not None and terms.in_private is not None and setting_private != terms.in_private:
        raise SettingContradictedError
    if decision in _YES:
        _check_yes(terms, purpose, said_at)
    elif terms.valid_until is not None or terms.data_classes is not None:
        raise MisplacedTermError("valid_until and data_classes", "a yes")
    if terms.ask_from is not None and decision != _PUT_OFF:
        raise MisplacedTermError("ask_from", "a no, or a decision that was put off,")


def _check_yes(terms: Terms, purpose: str, said_at: datetime) -> None:
    if terms.capacity == NOT_ESTABLISHED:
        raise CapacityFirstError
    if terms.valid_until is not None and not said_at < terms.valid_until <= said_at + VALIDITY:
        raise BeyondAYearError
    if terms.data_classes is not None:
        for one in terms.data_classes:
            get("data_class").require(one)
        taken = PURPOSES[purpose].data_classes
        if not terms.data_classes or not set(terms.data_classes) <= set(taken):
            raise DataNotOfPurposeError
