"""What may be asked of mappings; an approval takes the place of what it follows in the same transaction."""

from dataclasses import dataclass
from typing import ClassVar

from services.case.mappings.documents import MappingStore
from services.case.mappings.rules.mapping import PROPOSED, Mapping
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class ProposeMapping(DomainCommand):
    """Somebody has written a profile for this host's files.

    Attributes:
        follows: The proposal that it takes the place of, if one does.
    """

    action: ClassVar[str] = "case:import_profile:propose"
    mapping_id: str
    text: str
    tenant: str
    actor_id: str
    follows: str | None = None

    @property
    def object_id(self) -> str:
        """The mapping."""
        return self.mapping_id


@dataclass(frozen=True, kw_only=True)
class ApproveMapping(DomainCommand):
    """Somebody has looked at a profile, and lets imports use it."""

    action: ClassVar[str] = "case:import_profile:approve"
    mapping_id: str
    version: int
    number: int | None
    actor_id: str

    @property
    def object_id(self) -> str:
        """The mapping."""
        return self.mapping_id


@dataclass(frozen=True, kw_only=True)
class RetireMapping(DomainCommand):
    """A profile is to be used no more."""

    action: ClassVar[str] = "case:import_profile:retire"
    mapping_id: str
    version: int
    number: int | None

    @property
    def object_id(self) -> str:
        """The mapping."""
        return self.mapping_id


def propose_mapping(command: ProposeMapping, work: UnitOfWork) -> Answer:
    """Keep a profile until somebody approves it; one that still waits and that it takes the place of is retired.

    Raises:
        DocumentMissingError: There is no mapping that it could follow.
        FormError, ProfileError: It is not one of this host.
    """
    mapping = Mapping.proposed(
        command.text, mapping_id=command.mapping_id, tenant=command.tenant, actor_id=command.actor_id, at=work.now
    )
    store = MappingStore(work)
    if command.follows is not None:
        before = store.get(command.follows)
        if before.state == PROPOSED:
            store.save(before.retired(work.now))
    store.add(mapping)
    return Answer(status=201, ids={"id": mapping.id, "version": 1})


def approve_mapping(command: ApproveMapping, work: UnitOfWork) -> Answer:
    """Let imports use a profile; what it follows is retired.

    Raises:
        DocumentMissingError: There is no such mapping.
        StaleVersionError: Somebody changed it since it was read.
        MappingStateError: It is not waiting for approval.
    """
    store = MappingStore(work)
    approved = (
        store.at_version(command.mapping_id, command.version)
        .looked_at(command.number)
        .approved(command.actor_id, work.now)
    )
    for other in store.approved():
        if other.gives_way_to(approved):
            store.save(other.retired(work.now))
    store.save(approved)
    return Answer(status=200, ids={"id": approved.id, "version": command.version + 1})


def retire_mapping(command: RetireMapping, work: UnitOfWork) -> Answer:
    """Let a profile be used no more.

    Raises:
        DocumentMissingError: There is no such mapping.
        StaleVersionError: Somebody changed it since it was read.
        MappingStateError: It is retired already.
    """
    store = MappingStore(work)
    retired = store.at_version(command.mapping_id, command.version).looked_at(command.number).retired(work.now)
    store.save(retired)
    return Answer(status=200, ids={"id": retired.id, "version": command.version + 1})
