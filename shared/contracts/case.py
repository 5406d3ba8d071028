"""Facts the case service states; no field identifies a person, and no date is finer than a month."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from shared.contracts.fields import Code, Count, Flag, Id, Instant, Month
from shared.kernel.messages import Event


@dataclass(frozen=True, kw_only=True)
class EpisodeOpened(Event):
    """A survivor's support episode began at this host.

    Heard by: consent, which learns whose advocate may record this survivor's decisions; audit, which learns whose
    record it is part of.
    """

    event_type: ClassVar[str] = "alongside.case.episode_opened.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "episode_id"
    public_fields: ClassVar[tuple[str, ...]] = ("episode_id", "survivor_id", "advocate_id", "nation_of_support")
    public_since: ClassVar[str] = "0.2"

    episode_id: Id
    survivor_id: Id
    advocate_id: Id | None
    nation_of_support: Code


@dataclass(frozen=True, kw_only=True)
class Covering:
    """An advocate who may act for a time, in place of another one."""

    advocate_id: Id
    starts_at: Instant
    ends_at: Instant


@dataclass(frozen=True, kw_only=True)
class SurvivorAssigned(Event):
    """A survivor was registered, or a supervisor changed who may act on them.

    Order: ``latest``; the whole set, which replaces the one before. Heard by: consent; audit.

    Attributes:
        advocate_ids: The advocates who may act on this survivor, beside supervisors and the data protection
            officer; may be empty.
        covers: Who may act besides, from when on and until when; a service that does not know it lets them not in.
    """

    event_type: ClassVar[str] = "alongside.case.survivor_assigned.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "survivor_id"
    public_fields: ClassVar[tuple[str, ...]] = ("survivor_id", "advocate_ids")
    kept_back: ClassVar[Mapping[str, str]] = {
        "covers": "Who is absent, and when, is the host's own rota: no other system's business."
    }
    public_since: ClassVar[str] = "0.2"

    survivor_id: Id
    advocate_ids: tuple[Id, ...]
    covers: tuple[Covering, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SurvivorErased(Event):
    """A survivor's key was destroyed: what is kept of them anywhere must go, copies in other systems included.

    It may be said more than once of one survivor. Heard by: consent, whose gate goes on saying no, and
    integrations, which serves nothing of them any more.
    """

    event_type: ClassVar[str] = "alongside.case.survivor_erased.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "survivor_id"
    public_fields: ClassVar[tuple[str, ...]] = ("survivor_id",)
    public_since: ClassVar[str] = "0.2"

    survivor_id: Id


@dataclass(frozen=True, kw_only=True)
class EpisodeClosed(Event):
    """A support episode ended. For integrators; no other service needs it."""

    event_type: ClassVar[str] = "alongside.case.episode_closed.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "episode_id"
    public_fields: ClassVar[tuple[str, ...]] = ("episode_id", "survivor_id")
    public_since: ClassVar[str] = "0.2"
    kept_back: ClassVar[Mapping[str, str]] = {
        "closure_reason": "It can say that somebody died, is missing or was detained. Ask the API for it, under the "
        "asker's own right."
    }

    episode_id: Id
    survivor_id: Id
    closure_reason: Code


@dataclass(frozen=True, kw_only=True)
class StatisticsFactsChanged(Event):
    """The whole of what statistics may ever learn of one episode, for the consent gate alone.

    Order: ``latest``; each event replaces the one before. Heard by: consent only.

    Attributes:
        excluded: Such an episode is not counted: a caseworker's safety flag, or what an import says or cannot say.
        excluded_by: ``CASEWORKER`` or ``IMPORT`` where it is excluded; None in events of before 2026-11-27.
        transfer_in: The episode continues one at another host; never counted as new.
        recorded_in_error: The episode was undone; it is never counted.
    """

    event_type: ClassVar[str] = "alongside.case.statistics_facts_changed.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "episode_id"

    episode_id: Id
    survivor_id: Id
    referral_month: Month
    gender: Code
    exploitation_types: tuple[Code, ...]
    region_of_nationality: Code
    transfer_in: Flag
    excluded: Flag
    recorded_in_error: Flag
    facts_recorded_at: Instant
    excluded_by: Code | None = None


@dataclass(frozen=True, kw_only=True)
class ImportConsentStated(Event):
    """What an imported row says of a consent; it is a statement, not yet a consent.

    Order: ``latest`` for each statement. Consent decides whether it is effective: only with a wording
    that the host's data protection officer registered, and a date, language, method and private setting.

    Attributes:
        statement_id: Stable for one survivor, purpose and source row, so that a corrected file corrects.
            stated: ``GIVEN``, ``YES_UNSPECIFIED``, ``REFUSED``, ``WITHDRAWN`` or ``NOT_STATED``. ``REFUSED`` and
            ``WITHDRAWN`` end a permission whatever state it is in, and are kept also where nothing was given;
            ``NOT_STATED`` changes nothing.
            said_at: When the survivor said so; a consent's own instant may travel inside the tenant.
        recorded_in_error: What this statement said last was an import's that was undone; what stands here is what
            files had said before it. Nobody who said no is brought back by it.
    """

    event_type: ClassVar[str] = "alongside.case.import_consent_stated.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "statement_id"

    statement_id: Id
    survivor_id: Id
    import_id: Id
    purpose: Code
    stated: Code
    said_at: Instant | None
    wording_code: Code | None
    language: Code | None
    method: Code | None
    setting_private: Flag | None
    stated_recorded_at: Instant
    recorded_in_error: Flag = False


@dataclass(frozen=True, kw_only=True)
class SafeguardingTaskOpened(Event):
    """Someone who may be a child was refused at import; the host's safeguarding lead must look at once.

    For integrators; nothing is sent to anybody automatically.
    """

    event_type: ClassVar[str] = "alongside.case.safeguarding_task_opened.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "task_id"
    public_fields: ClassVar[tuple[str, ...]] = ("task_id", "nation")
    public_since: ClassVar[str] = "0.2"
    kept_back: ClassVar[Mapping[str, str]] = {
        "kind": "It can say that somebody may be a child. The task itself says so to the safeguarding lead."
    }

    task_id: Id
    kind: Code
    nation: Code


@dataclass(frozen=True, kw_only=True)
class SurvivorTold(Event):
    """A survivor stood here before integrators were served; told once, of nobody who was erased.

    Heard by: consent, which tells where their decisions stand; integrations, which keeps what it does not know.
    """

    event_type: ClassVar[str] = "alongside.case.survivor_told.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "survivor_id"

    survivor_id: Id
    advocate_ids: tuple[Id, ...]


@dataclass(frozen=True, kw_only=True)
class EpisodeTold(Event):
    """An episode stood here before integrators were served; told once, as it stands. Heard by: integrations.

    Attributes:
        ended: Whether support has ended; why is not told.
    """

    event_type: ClassVar[str] = "alongside.case.episode_told.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "episode_id"

    episode_id: Id
    survivor_id: Id
    advocate_id: Id | None
    nation_of_support: Code
    ended: Flag


@dataclass(frozen=True, kw_only=True)
class EverythingTold(Event):
    """All that stood here before integrators were served was told before this. Heard by: integrations."""

    event_type: ClassVar[str] = "alongside.case.everything_told.v1"
    source: ClassVar[str] = "case"
    subject_field: ClassVar[str] = "telling_id"

    telling_id: Id
    things: Count
