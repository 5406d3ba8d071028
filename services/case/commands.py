"""What may be asked of case; ids are made by the caller, so that a repeat is the same command."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, kw_only=True)
class RegisterSurvivor:
    """A person is now supported here; every field is sealed under the person's own key.

    Attributes:
        advocate_ids: The advocates who may act on this person.
    """

    survivor_id: str
    reference: str | None
    name: str | None
    safe_contact: str | None
    advocate_ids: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class AssignAdvocates:
    """A supervisor says which advocates may act on a survivor from now on; the whole set."""

    survivor_id: str
    advocate_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class OpenEpisode:
    """Support begins."""

    episode_id: str
    survivor_id: str
    referral_date: date
    age_band: str
    gender: str
    nationality: str
    exploitation_types: tuple[str, ...]
    nation: str
    advocacy_area: str | None
    advocate_id: str | None
    transfer_in: bool
    excluded: bool


@dataclass(frozen=True, kw_only=True)
class CloseEpisode:
    """Support ends."""

    episode_id: str
    reason: str
    version: int


@dataclass(frozen=True, kw_only=True)
class StartImport:
    """A file was put into the strongroom and waits for the job.

    Attributes:
        source: The system whose references the file has; None for the only one that this host has.
        known_rows: ``ask`` or ``correct``: what to do with a known reference whose row tells of another referral, or of
            another person.
        exact_references: Whether references that only look different are different people.
        refused: Why the file could not be read; None for one that waits.
        caused_by: Trace context of the request, if there is one.
    """

    import_id: str
    actor_id: str
    profile: str | None
    source: str | None
    known_rows: str
    exact_references: bool
    caused_by: str | None
    refused: str | None = None


@dataclass(frozen=True, kw_only=True)
class ExcludeEpisode:
    """A caseworker's safety flag: never count this episode, or count it again."""

    episode_id: str
    excluded: bool
    version: int
