"""What administrators may ask of organisations."""

from dataclasses import dataclass
from typing import ClassVar

from services.identity.organisations.documents import ORGANISATIONS, OrganisationStore
from services.identity.organisations.rules import Organisation
from services.identity.people.administrators import Administrators
from services.identity.people.rules import Administrator, RolePolicy
from shared.codelists.lists import get
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


@dataclass(frozen=True, kw_only=True)
class AddOrganisation(DomainCommand):
    """People may act for this organisation too."""

    action: ClassVar[str] = "identity:organisation:add"

    organisation: Organisation
    by: Administrator

    @property
    def object_id(self) -> str:
        """The organisation's id."""
        return self.organisation.id


def add_organisation(command: AddOrganisation, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Add an organisation; at a host only an administrator of the host itself does.

    Raises:
        UnknownCodeError: Nation or setting is not in its list.
    """
    Administrators(work, policy).take_turn(command.by)
    if not policy.centre and command.by.organisation_id != work.tenant_id:
        raise DocumentMissingError(ORGANISATIONS)
    get("nation").require(command.organisation.nation)
    get("organisation_setting").require(command.organisation.setting)
    OrganisationStore(work).add(command.organisation)
    return Answer(status=201, ids={"id": command.organisation.id, "version": 1})
