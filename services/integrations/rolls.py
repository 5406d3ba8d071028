"""Bounds how many there are of one thing, such as webhooks, whoever adds them at once.

Promise: every addition and removal writes the one document of its roll, so that two at once do not both become the
last. Shown by tests/integration/integrations/test_webhooks.py.
"""

from dataclasses import dataclass

from shared.kernel.errors import RuleViolationError
from shared.outbox.documents import DocumentType
from shared.outbox.unit_of_work import UnitOfWork

_ALL = "all"


@dataclass(frozen=True, kw_only=True)
class Roll:
    """The one document that names all there are.

    Attributes:
        kind: Its type, with the one field that holds the names.
        refuses: Raised where there are as many as there may be.
    """

    kind: DocumentType
    most: int
    refuses: type[RuleViolationError]

    def add(self, work: UnitOfWork, name: str) -> None:
        """Add one.

        Raises:
            RuleViolationError: There are as many as there may be.
        """
        roll = work.find(self.kind.collection, _ALL) or {"_id": _ALL, self._field: []}
        if len(roll[self._field]) >= self.most:
            raise self.refuses
        self._keep(work, roll, [*roll[self._field], name])

    def remove(self, work: UnitOfWork, name: str) -> None:
        """Remove one."""
        roll = work.get(self.kind.collection, _ALL)
        self._keep(work, roll, [one for one in roll[self._field] if one != name])

    def _keep(self, work: UnitOfWork, roll: dict[str, object], names: list[str]) -> None:
        work.save(self.kind.collection, self.kind.changed(roll, **{self._field: names}))

    @property
    def _field(self) -> str:
        (field,) = self.kind.fields
        return field.name
