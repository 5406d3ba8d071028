"""Organisations besides the tenant's own, which its settings describe."""

from pymongo import IndexModel

from services.identity.organisations.rules import Organisation
from shared.outbox.documents import DocumentType, Field, Holds
from shared.outbox.unit_of_work import UnitOfWork

ORGANISATIONS = "organisations"
ORGANISATION = DocumentType(
    collection=ORGANISATIONS,
    fields=(
        Field(name="name", holds=Holds.TEXT),
        Field(name="nation", holds=Holds.CODE),
        Field(name="setting", holds=Holds.CODE),
        Field(name="updated_at", holds=Holds.INSTANT, shown=False),
    ),
    indexes=(IndexModel([("updated_at", 1), ("_id", 1)]),),
)
TYPES = (ORGANISATION,)


class OrganisationStore:
    """Organisations by id."""

    def __init__(self, work: UnitOfWork) -> None:
        """Work inside one transaction."""
        self._work = work

    def has(self, organisation_id: str) -> bool:
        """Whether people may act for it here."""
        return organisation_id == self._work.tenant_id or self._work.find(ORGANISATIONS, organisation_id) is not None

    def add(self, organisation: Organisation) -> None:
        """Keep a new organisation."""
        document = ORGANISATION.changed(
            {"_id": organisation.id},
            name=organisation.name,
            nation=organisation.nation,
            setting=organisation.setting,
            updated_at=self._work.now,
        )
        self._work.insert(ORGANISATIONS, document)
