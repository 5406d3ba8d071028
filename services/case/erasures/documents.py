"""Erasures, one document each; its id is the rights case's, so that a case has one."""

from pymongo import IndexModel

from services.case.erasures.errors import ErasureStateError
from services.case.erasures.rules import ENDED, Erasure
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import StaleVersionError, UnitOfWork

ERASURES = "person_erasures"
ERASURE = DocumentType(
    collection=ERASURES,
    fields=(
        Field(name="survivor_id", holds=Holds.ID),
        Field(name="state", holds=Holds.CODE),
        Field(name="asked_by", holds=Holds.ID),
        Field(name="asked_at", holds=Holds.INSTANT),
        Field(name="told", holds=Holds.CODE),
        Field(name="confirmed_by", holds=Holds.ID),
        Field(name="confirmed_at", holds=Holds.INSTANT),
        Field(name="erased_at", holds=Holds.INSTANT),
        Field(name="copies_closed_at", holds=Holds.INSTANT),
        Field(name="generation", holds=Holds.COUNT),
        Field(name="backups_closed_at", holds=Holds.INSTANT),
        Field(name="backups_closed_by", holds=Holds.ID),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("state", 1), ("updated_at", 1), ("_id", 1)]), IndexModel([("updated_at", 1), ("_id", 1)])),
)
TYPES = (ERASURE,)


class ErasureStore:
    """Erasures."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def add(self, erasure: Erasure) -> int:
        """Keep one that is asked for; anew where the one before ended without effect. Gives its version.

        Raises:
            ErasureStateError: One is under way, or done.
        """
        known = self._work.find(ERASURES, erasure.id)
        if known is not None and known["state"] not in ENDED:
            raise ErasureStateError
        self._work.save(ERASURES, ERASURE.document(erasure))
        return 1 if known is None else int(known["version"]) + 1

    def get(self, erasure_id: str) -> Erasure:
        """Give one; ``DocumentMissingError`` if there is none."""
        return Erasure(**ERASURE.values(self._work.get(ERASURES, erasure_id)))

    def at_version(self, erasure_id: str, version: int) -> Erasure:
        """Give one as the caller read it.

        Raises:
            DocumentMissingError: There is none.
            StaleVersionError: It went on since.
        """
        erasure = self.get(erasure_id)
        if erasure.version != version:
            raise StaleVersionError(ERASURES)
        return erasure

    def save(self, erasure: Erasure) -> int:
        """Write the next version; give it."""
        known = self._work.get(ERASURES, erasure.id)
        # What a newer version of the service keeps there stays.
        self._work.replace(ERASURES, {**known, **ERASURE.document(erasure), "updated_at": self._work.now})
        return erasure.version + 1
