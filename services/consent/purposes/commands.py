"""The host's data protection officer states on what basis in law a purpose stands."""

from dataclasses import dataclass
from typing import ClassVar

from services.consent.purposes.documents import Basis, BasisStore
from shared.codelists.lists import get
from shared.kernel.errors import RuleViolationError
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


class BasisNotStatedError(RuleViolationError):
    """A host that is live asks nobody under a purpose of which it has not said on what basis it stands."""

    code = "basis-not-stated"

    def __init__(self) -> None:
        """Say who can mend it."""
        super().__init__(
            "Your organisation has not stated the lawful basis, the controller and the retention of this purpose. Ask "
            "your data protection officer to state them (POST /v1/consent-purposes/{purpose}/basis), then register the "
            "words again."
        )


@dataclass(frozen=True, kw_only=True)
class StateBasis(DomainCommand):
    """What the law allows this host to do under one purpose, and for how long."""

    action: ClassVar[str] = "consent:purpose:state-basis"

    purpose: str
    article6: str
    article9: str
    controller: str
    contact: str
    keeps_months: int
    actor_id: str

    @property
    def object_id(self) -> str:
        """The purpose."""
        return self.purpose

    @property
    def aggregates(self) -> frozenset[str]:
        """The purpose; a person's id could be spelt like nothing else."""
        return frozenset({f"purpose:{self.purpose}"})


def state_basis(command: StateBasis, work: UnitOfWork) -> Answer:
    """Add a statement; what was stated before stays readable.

    Raises:
        UnknownCodeError: Purpose, basis or condition is not in its list; nothing is stated.
    """
    get("consent_purpose").require(command.purpose)
    basis = Basis(
        article6=get("lawful_basis").require(command.article6),
        article9=get("special_condition").require(command.article9),
        controller=command.controller,
        contact=command.contact,
        keeps_months=command.keeps_months,
        stated_by=command.actor_id,
        stated_at=work.now,
    )
    BasisStore(work).state(command.purpose, basis)
    return Answer(status=201, ids={"id": command.purpose})


def check_stated(work: UnitOfWork, purpose: str) -> None:
    """Check that a purpose's basis is stated.

    Raises:
        BasisNotStatedError: It is not.
    """
    if BasisStore(work).of(purpose) is None:
        raise BasisNotStatedError
