"""Keeps what somebody is found by in step with what is kept of them, in the same transaction.

Promise: of two who write down one person at the same moment, neither of whom could find the other's record, one is
carried out after the other and meets its mark; a supervisor is told, and nobody is merged. Shown by
tests/integration/case/test_finding.py.
"""

from collections.abc import Mapping
from dataclasses import replace

from services.case.duplicates.documents import DuplicateStore
from services.case.finding.documents import MARK, MARKS, MOST_UNDER_ONE, Mark, mark_from
from services.case.finding.keys import Marker
from services.case.finding.rules import REFERENCE, Said
from shared.outbox.unit_of_work import UnitOfWork

NOTHING = Said()


class MarkStore:
    """Marks of one generation, in one transaction."""

    def __init__(self, work: UnitOfWork, marker: Marker) -> None:
        """Take the transaction and what makes marks."""
        self._work = work
        self._marker = marker

    def note(self, survivor_id: str, now: Said, *, before: Said = NOTHING) -> None:
        """Let somebody be found by what is kept of them now, and no longer by what was kept before."""
        old, new = self._marker.marks(before), self._marker.marks(now)
        self._work.preload(MARKS, [*old, *new])
        for mark_id in sorted(set(old) - set(new)):
            self._take_out(mark_id, survivor_id)
        alike: dict[str, set[str]] = {}
        for mark_id, kind in sorted(new.items()):
            for other in self._put_in(mark_id, kind, survivor_id):
                alike.setdefault(other, set()).add(kind)
        self._tell(survivor_id, alike)

    def _put_in(self, mark_id: str, kind: str, survivor_id: str) -> tuple[str, ...]:
        """Add somebody to a mark; give who stood there before."""
        stored = self._work.find(MARKS, mark_id)
        mark = mark_from(stored) if stored is not None else self._new(mark_id, kind)
        if survivor_id in mark.survivor_ids:
            return tuple(one for one in mark.survivor_ids if one != survivor_id)
        is_full = len(mark.survivor_ids) >= MOST_UNDER_ONE
        ids = mark.survivor_ids if is_full else (*mark.survivor_ids, survivor_id)
        # Written also where it is full: whoever comes at the same moment comes after.
        self._work.save(MARKS, MARK.document(replace(mark, survivor_ids=ids, full=mark.full or is_full)))
        return mark.survivor_ids

    def _take_out(self, mark_id: str, survivor_id: str) -> None:
        stored = self._work.find(MARKS, mark_id)
        if stored is None:
            return
        mark = mark_from(stored)
        left = tuple(one for one in mark.survivor_ids if one != survivor_id)
        if left or mark.full:
            self._work.save(MARKS, MARK.document(replace(mark, survivor_ids=left)))
        else:
            self._work.delete(MARKS, mark_id)

    def _new(self, mark_id: str, kind: str) -> Mark:
        return Mark(id=mark_id, kind=kind, generation=self._marker.generation, survivor_ids=())

    def _tell(self, survivor_id: str, alike: Mapping[str, set[str]]) -> None:
        # Two systems may give one reference to two people: that alone is no sign that they are one.
        said = {other: kinds for other, kinds in alike.items() if kinds != {REFERENCE}}
        DuplicateStore(self._work).open(survivor_id, said)
