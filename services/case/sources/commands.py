"""What may be asked of sources: add one, read it now, try it out, pause, resume, change its credentials, remove it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from services.case.sources.documents import SourceStore
from services.case.sources.rules.source import BY_PERSON, PULL, TEST, Source
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class SourceCommand(DomainCommand):
    """Something about one source."""

    source_id: str
    actor_id: str

    @property
    def object_id(self) -> str:
        """The source's id."""
        return self.source_id


@dataclass(frozen=True, kw_only=True)
class AddSource(SourceCommand):
    """A system or folder is read from now on."""

    action: ClassVar[str] = "case:source:add"

    name: str
    kind: str
    profile: str
    system: str
    at: str | None
    settings: Mapping[str, str]
    secret: bytes | None = field(default=None, repr=False)


def add_source(command: AddSource, work: UnitOfWork) -> Answer:
    """Add a source.

    Raises:
        SourceNameTakenError, TooManySourcesError: See there.
    """
    source = Source(
        id=command.source_id,
        name=command.name,
        kind=command.kind,
        profile=command.profile,
        system=command.system,
        at=command.at,
        settings=command.settings,
        secret=command.secret,
        created_by=command.actor_id,
        created_at=work.now,
        updated_at=work.now,
    )
    SourceStore(work).add(source.scheduled(work.now))
    return Answer(status=201, ids={"id": source.id, "version": 1})


@dataclass(frozen=True, kw_only=True)
class PullSource(SourceCommand):
    """Somebody wants it read now."""

    action: ClassVar[str] = "case:source:pull"


def pull_source(command: PullSource, work: UnitOfWork) -> Answer:
    """Let a source be read as soon as the job comes; asking again changes nothing.

    Raises:
        DocumentMissingError: There is none.
        SourcePausedError: It is paused.
    """
    return _change(work, command, lambda one: one.asked_for(PULL, by=command.actor_id, now=work.now), status=202)


@dataclass(frozen=True, kw_only=True)
class TrySource(SourceCommand):
    """Somebody wants to see whether it can be read."""

    action: ClassVar[str] = "case:source:test"


def try_source(command: TrySource, work: UnitOfWork) -> Answer:
    """Let a source be tried out: signed in and looked at, nothing of a person read.

    Raises:
        DocumentMissingError: There is none.
    """
    return _change(work, command, lambda one: one.asked_for(TEST, by=command.actor_id, now=work.now), status=202)


@dataclass(frozen=True, kw_only=True)
class PauseSource(SourceCommand):
    """It is not to be read for now."""

    action: ClassVar[str] = "case:source:pause"


def pause_source(command: PauseSource, work: UnitOfWork) -> Answer:
    """Read a source no more; what is being read at this moment is thrown away.

    Raises:
        DocumentMissingError: There is none.
    """
    return _change(work, command, lambda one: one.paused(BY_PERSON, work.now))


@dataclass(frozen=True, kw_only=True)
class ResumeSource(SourceCommand):
    """It is to be read again."""

    action: ClassVar[str] = "case:source:resume"


def resume_source(command: ResumeSource, work: UnitOfWork) -> Answer:
    """Read a source again.

    Raises:
        DocumentMissingError: There is none.
    """
    return _change(work, command, lambda one: one.resumed(work.now))


@dataclass(frozen=True, kw_only=True)
class ChangeCredentials(SourceCommand):
    """The credentials there have changed."""

    action: ClassVar[str] = "case:source:credentials"

    secret: bytes = field(repr=False)
    how: str


def change_credentials(command: ChangeCredentials, work: UnitOfWork) -> Answer:
    """Sign in by other credentials from now on; the former are gone.

    Raises:
        DocumentMissingError: There is none.
    """
    return _change(
        work,
        command,
        lambda one: one.with_secret(command.secret, {**one.settings, "sign_in": command.how}, work.now),
    )


@dataclass(frozen=True, kw_only=True)
class RemoveSource(SourceCommand):
    """It is never to be read again."""

    action: ClassVar[str] = "case:source:remove"


def remove_source(command: RemoveSource, work: UnitOfWork) -> Answer:
    """Remove a source with its credentials; what it brought in stays.

    Raises:
        DocumentMissingError: There is none.
    """
    store = SourceStore(work)
    store.remove(store.get(command.source_id))
    return Answer(status=200, ids={"id": command.source_id})


def _change(
    work: UnitOfWork, command: SourceCommand, change: Callable[[Source], Source], *, status: int = 200
) -> Answer:
    store = SourceStore(work)
    changed = change(store.get(command.source_id))
    store.save(changed)
    return Answer(status=status, ids={"id": changed.id, "version": changed.version + 1})
