"""The base of commands about one survivor that no other command of theirs runs beside, and that audit keeps as theirs.

Promise: what is done so stands on the person's own paper of who saw their record. Shown by
tests/integration/case/test_emergencies.py, test_interpreting.py and test_dependants.py.
"""

from dataclasses import dataclass

from shared.outbox.commands import DomainCommand


@dataclass(frozen=True, kw_only=True)
class OnSurvivor(DomainCommand):
    """Base of what somebody does about one survivor.

    Attributes:
        actor_id, role: Who does it.
    """

    survivor_id: str
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The survivor."""
        return self.survivor_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The survivor, whose turn it takes."""
        return frozenset({self.survivor_id})
