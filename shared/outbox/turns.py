"""Common documents of a service that has no other: of two transactions that both take a turn, one begins again.

Snapshot isolation is not serialisable: two transactions that each read what the other writes both commit, each
without the other, unless both write one document (docs/explanation/serialising-statistics.md lists who takes which).
Never one that all business of a service shares. Shown by tests/integration/statistics/test_server_races.py.
"""

from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

TURNS = "turns"
TURN = DocumentType(collection=TURNS, fields=(Field(name="turn", holds=Holds.COUNT, missing=0),))


def take_turn(work: UnitOfWork, name: str) -> None:
    """Write the common document of that name, once a transaction."""
    work.memo(f"turn:{name}", lambda: _write(work, name))


def _write(work: UnitOfWork, name: str) -> bool:
    known = work.find(TURNS, name) or {"_id": name}
    work.save(TURNS, TURN.changed(known, turn=int(known.get("turn", 0)) + 1))
    return True
