"""Which fields of an event take their codes from a list, checked by whoever hears it.

A code that this version's lists do not have means a newer or a wrong sender; the message is parked until this
process is renewed, and the person it speaks of is not counted by a guess (``tests/contracts/test_listed.py``).

Limit: what takes somebody out of counting is never held up by a code. So reasons, what was stated of a
consent, and the facts of an episode that is not to be counted are not looked at.
"""

from collections.abc import Mapping

from shared.codelists.lists import get
from shared.contracts import case, consent
from shared.kernel.errors import PoisonMessageError
from shared.kernel.messages import Event

_FACTS = {
    "gender": "gender",
    "exploitation_types": "exploitation_type",
    "region_of_nationality": "region_of_nationality",
}
LISTED: Mapping[type[Event], Mapping[str, str]] = {
    case.EpisodeOpened: {"nation_of_support": "nation"},
    case.StatisticsFactsChanged: _FACTS,
    consent.FactsReleased: _FACTS,
}
"""Event type to field to list."""

_NOT_COUNTED = ("transfer_in", "excluded", "recorded_in_error")


class UnlistedCodeError(PoisonMessageError):
    """A field holds a code that is not in its list, as far as this version knows."""

    code = "unlisted-code"

    def __init__(self, event_type: str, field: str) -> None:
        """Name the type and the field, never the value."""
        super().__init__(f"{event_type} has a code in {field} that is not in this version's list.")


def check_listed(event: Event) -> None:
    """Check the codes of one event.

    Raises:
        UnlistedCodeError: One is not in its list.
    """
    lists = LISTED.get(type(event))
    if lists is None or any(getattr(event, flag, False) for flag in _NOT_COUNTED):
        return
    for field, name in lists.items():
        value = getattr(event, field)
        entries = get(name).entries
        if any(code not in entries for code in ((value,) if isinstance(value, str) else value)):
            raise UnlistedCodeError(event.event_type, field)
