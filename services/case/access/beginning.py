"""A copy is collected, again where it was before: in the person's turn, for the person whose request it is.

Promise: whose copy it is follows from the request alone; collected once more it has another key and other questions,
and what came before is deleted in the same transaction. Shown by tests/integration/case/test_access_copies.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from services.case.access.documents import CopyStore
from services.case.access.errors import NotAnAccessCaseError
from services.case.access.pieces import ANSWERS_WITHIN, Question
from services.case.access.rules import KEPT, Copy
from services.case.rights.documents import RightsStore
from services.case.rights.rules import ACCESS, OPEN, RightsCase
from services.case.survivors.documents import SurvivorStore
from services.case.survivors.sealing import Sealer
from shared.contracts.access import AccessAsked
from shared.kernel.ids import new_id
from shared.kernel.tenancy import TenantId, services_of
from shared.keys.sealing import ServerKey
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork

CASE = "case"
PARTIES = (CASE, "consent", "audit", "integrations", "reporting")
"""Who keeps something of a person, in the order in which their copy has it. Identity keeps who works here alone."""


@dataclass(frozen=True, kw_only=True)
class CollectCopy(DomainCommand):
    """The data protection officer lets everything be collected that is kept about whoever asked to see it.

    Attributes:
        version: Of the request, as the caller read it.
    """

    action: ClassVar[str] = "case:access:collect"
    rights_case_id: str
    survivor_id: str
    version: int
    actor_id: str
    role: str

    @property
    def object_id(self) -> str:
        """The request."""
        return self.rights_case_id

    @property
    def aggregates(self) -> frozenset[str]:
        """The request, and the survivor whose turn it takes."""
        return frozenset({self.rights_case_id, self.survivor_id})


def collect_copy(command: CollectCopy, work: UnitOfWork, *, sealer: Sealer) -> Answer:
    """Ask every service for its part.

    Raises:
        DocumentMissingError, StaleVersionError, KeyDestroyedError, NotAnAccessCaseError: Nothing changes.
    """
    SurvivorStore(work).take_turn(command.survivor_id)
    rights = RightsStore(work, sealer)
    case = rights.at_version(command.rights_case_id, command.version)
    check_may_collect(case)
    if case.survivor_id != command.survivor_id:
        raise DocumentMissingError(CASE)
    rights.check_not_erasing(case.survivor_id)
    store, key = CopyStore(work, sealer), ServerKey.generate()
    store.drop_parts(case.id)
    copy = Copy(
        id=case.id,
        survivor_id=case.survivor_id,
        began_by=command.actor_id,
        began_at=work.now,
        expires_at=work.now + KEPT,
        public_key=key.public_bytes.hex(),
        secret_key=key.secret.hex(),
        questions=tuple(_question(party, work) for party in parties_of(work.tenant_id)),
        updated_at=work.now,
    )
    version = store.save(copy)
    ask(work, copy, copy.questions)
    rights.note(case, "COLLECTED", reason=None, words=None, by=(command.actor_id, command.role))
    return Answer(status=201, ids={"id": copy.id, "version": version})


def check_may_collect(case: RightsCase) -> None:
    """Check that somebody asked to see what is kept about them, and waits for it.

    Raises:
        NotAnAccessCaseError: They did not, or the request has ended, or its clock stands: perhaps it is not they.
    """
    if case.kind != ACCESS or case.state != OPEN or case.stopped_on is not None:
        raise NotAnAccessCaseError


def parties_of(tenant: TenantId) -> tuple[str, ...]:
    """Give whom to ask here; a host of invented people has no statistics."""
    here = services_of(tenant)
    return tuple(one for one in PARTIES if one in here)


def ask(work: UnitOfWork, copy: Copy, questions: Sequence[Question]) -> None:
    """Ask services for their parts; case's own is gathered by a job."""
    for one in questions:
        if one.party != CASE:
            asked = AccessAsked(
                question_id=one.id,
                asked_of=one.party,
                survivor_id=copy.survivor_id,
                reader_key=copy.public_key,
            )
            work.record(asked, sequence=one.asked)


def _question(party: str, work: UnitOfWork) -> Question:
    return Question(id=new_id(), party=party, due_at=work.now + ANSWERS_WITHIN, asked=1, asked_at=work.now)
