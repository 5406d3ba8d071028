"""How a rights case ends: a no says why and where to go, and nobody counts as told who was not.

Shown by tests/unit/case/test_rights_rules.py.
"""

from dataclasses import dataclass

from services.case.rights.errors import DecisionIncompleteError, NotToldError

MET, PARTLY_MET, REFUSED, TAKEN_BACK = "MET", "PARTLY_MET", "REFUSED", "TAKEN_BACK"
NOT_SAFE_YET = "NOT_SAFE_YET"
"""Of ``rights_told``: they were not told."""

_NO_REASON = "Say why: a reason in law for each part that is not done."
_NO_ROUTE = "They have to be told that they can go to the Information Commissioner's Office. Tell them, then note it."
_TOO_MUCH = "What is done as they asked, or taken back by them, has no reasons against it. Leave them out."


@dataclass(frozen=True, kw_only=True)
class Decision:
    """How a rights case ends.

    Attributes:
        refusals: Codes of the list ``rights_refusal``.
        told: How the person was told; a code of ``rights_told``.
        ico_route_told: Whether they were told that they can go to the ICO.
        answer: What they were told, in words; sealed.
    """

    outcome: str
    refusals: tuple[str, ...] = ()
    told: str
    ico_route_told: bool = False
    answer: str | None = None

    def check(self) -> None:
        """Refuse a decision that lacks what the law asks for.

        Raises:
            DecisionIncompleteError: A no without its reason or the way to the ICO, or reasons against a yes.
            NotToldError: A no that the person was not told of.
        """
        if self.outcome in (REFUSED, PARTLY_MET):
            if not self.refusals:
                raise DecisionIncompleteError("#/refusals", _NO_REASON)
            if not self.ico_route_told:
                raise DecisionIncompleteError("#/ico_route_told", _NO_ROUTE)
            check_told(self.told)
        elif self.refusals:
            raise DecisionIncompleteError("#/refusals", _TOO_MUCH)


def check_told(told: str) -> None:
    """Check that somebody was told; that there is no safe way yet is not to have told them.

    Raises:
        NotToldError: They were not.
    """
    if told == NOT_SAFE_YET:
        raise NotToldError
