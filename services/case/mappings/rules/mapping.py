"""A host's mapping: a profile as it was written, and whether somebody approved it for that host."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from services.case.imports.rules.form import FormError
from services.case.imports.rules.profile import Profile, ProfileError, parse_profile
from shared.kernel.errors import RuleViolationError

PROPOSED, APPROVED, RETIRED = "PROPOSED", "APPROVED", "RETIRED"


class MappingStateError(RuleViolationError):
    """A mapping that is not proposed cannot be approved, and one that is retired stays so."""

    code = "mapping-state"


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """A profile for one host.

    Attributes:
        name: The profile's own id, by which an import names it.
        text: As it was written.
        number: The version that its writer gave it.
        fingerprint: Of the header that it is for; None where it has to be named at every import.
    """

    id: str
    name: str
    title: str
    number: int
    source: str
    kind: str
    fingerprint: str | None
    state: str
    text: str
    proposed_by: str
    approved_by: str | None = None
    approved_at: datetime | None = None
    updated_at: datetime
    version: int = 0

    @classmethod
    def proposed(cls, text: str, *, mapping_id: str, tenant: str, actor_id: str, at: datetime) -> "Mapping":
        """Read a profile and let it wait for approval.

        Raises:
            FormError: It is not written as a profile; each line that is wrong is told.
            ProfileError: It is another host's, or names no system.
        """
        profile = read(text, tenant)
        return cls(
            id=mapping_id,
            name=profile.id,
            title=profile.title,
            number=profile.version,
            source=profile.source or "",
            kind=profile.kind,
            fingerprint=profile.fingerprint,
            state=PROPOSED,
            text=text,
            proposed_by=actor_id,
            updated_at=at,
        )

    def looked_at(self, number: int | None) -> "Mapping":
        """Be the one that somebody looked at.

        Raises:
            MappingStateError: Its writer gave it another number than that.
        """
        if number not in {None, self.number}:
            raise MappingStateError("This mapping has another number than the one that was looked at. Read it again.")
        return self

    def approved(self, actor_id: str, at: datetime) -> "Mapping":
        """Let it be used.

        Raises:
            MappingStateError: It is not waiting.
        """
        if self.state != PROPOSED:
            raise MappingStateError("Only a mapping that is proposed can be approved. Propose it again.")
        return replace(self, state=APPROVED, approved_by=actor_id, approved_at=at, updated_at=at)

    def retired(self, at: datetime) -> "Mapping":
        """Let it be used no more; what was imported with it stays.

        Raises:
            MappingStateError: It is retired already.
        """
        if self.state == RETIRED:
            raise MappingStateError("This mapping is retired already.")
        return replace(self, state=RETIRED, updated_at=at)

    def gives_way_to(self, other: "Mapping") -> bool:
        """Whether another one, when it is approved, takes its place: of the same name, or for the same header."""
        same_header = self.fingerprint is not None and self.fingerprint == other.fingerprint
        return self.id != other.id and (self.name == other.name or (same_header and self.source == other.source))


def read(text: str, tenant: str) -> Profile:
    """Read a profile of a host.

    Raises:
        FormError: It is not written as one.
        ProfileError: It is another host's, or names no system.
    """
    if not text.lstrip().startswith(("format:", "#")) and "\nformat:" not in text:
        raise FormError([(1, "format is missing. Write: format: 1")])
    profile = parse_profile(text)
    if profile.tenant not in {None, tenant}:
        raise ProfileError("This mapping profile is for another host. Correct its tenant, or leave it out.")
    if not profile.source:
        raise ProfileError("This mapping profile names no system. Write: source: and the system's name.")
    return profile


def named(name: str, approved: Iterable[Profile]) -> Profile | None:
    """Give the approved profile of a name."""
    return next((profile for profile in approved if profile.id == name), None)
