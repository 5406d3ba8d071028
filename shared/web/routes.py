"""What a service answers to over HTTP, as data; ``shared.web.routing`` makes Flask's routes of it.

A route names its address, who may use it, whose thing it is about, what it takes and gives, and the one command or
view behind it. What follows from these is derived: the order right, owner, body; idempotency; ETag; the audit entry;
the OpenAPI operation. Shown by tests/integration/shared/test_routes.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from typing import Any, Literal, get_type_hints

from marshmallow import Schema

from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

ANYBODY = ("*",)
"""Roles of a route that everybody with a token may use."""


class RouteMisdescribedError(ValueError):
    """A route says too little or too much of itself; found when the process starts."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a route is about.

    Attributes:
        id: Of the person or thing whose owner counts, such as a survivor's.
        row: What was read to find it, so that a view needs no second reading.
    """

    id: str
    row: Any = None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request, when the caller's right is known.

    Attributes:
        who: The caller.
        path: The address's parameters, as text.
        body: What the body's schema made of it; empty where a route takes none.
        query: The same for the query.
        subject: What ``Whose.find`` found.
        version: From If-Match, where the route asks for it; else 0.
    """

    who: Principal
    path: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    subject: Subject | None = None
    version: int = 0

    @property
    def about(self) -> Subject:
        """The subject, of a route that has one.

        Raises:
            RouteMisdescribedError: The route says not whose it is.
        """
        if self.subject is None:
            raise RouteMisdescribedError("This route has no subject.")
        return self.subject


@dataclass(frozen=True, kw_only=True)
class Whose:
    """Whose thing a route is about, and who of those with the role may have it.

    Attributes:
        find: Finds the subject; ``NotFoundError`` if there is none.
        allows: Whether the caller may, as it stands now; a ``Standing`` is a yes that audit keeps with what was done.
            A no is the 404 of an unknown address, and audited.
        check: The same inside the command's transaction; raises ``NotTheirsError``. None where nothing is written.
        in_body: The subject stands in the body, so the body is read first.
    """

    find: Callable[[Asked], Subject]
    allows: Callable[[Principal, Subject], "bool | Standing | None"]
    check: Callable[[UnitOfWork, Subject, Principal], None] | None = None
    in_body: bool = False


@dataclass(frozen=True, kw_only=True)
class Told:
    """A command whose first answer shows secrets that are stored nowhere, such as an enrolment link.

    Attributes:
        shown_once: Chooses them by the answer; a replayed answer has none.
    """

    command: DomainCommand
    shown_once: Callable[[Answer], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class Deprecation:
    """An address that will go: its answers say so (RFC 9745), and when it ends (RFC 8594).

    Attributes:
        since: From when on it should not be used any more.
        ends: When it stops to answer; None while nobody has decided.
        instead: What to use, such as ``POST /v1/batch``.
    """

    since: datetime
    ends: datetime | None = None
    instead: str

    def __post_init__(self) -> None:
        """Refuse what no header can say.

        Raises:
            RouteMisdescribedError: An instant has no zone, or the end lies before the beginning.
        """
        moments = [self.since, *([self.ends] if self.ends is not None else [])]
        if any(moment.tzinfo is None for moment in moments) or moments != sorted(moments):
            raise RouteMisdescribedError("A deprecation has instants with a zone, and ends after it began.")


@dataclass(frozen=True, kw_only=True)
class Route:
    """One address and method.

    Attributes:
        method: A POST needs an Idempotency-Key.
        path: As Flask writes it, such as ``/v1/episodes/<uuid:episode_id>``.
        says: What it does, for the OpenAPI document: a sentence, and perhaps more behind an empty line.
        roles: Who may; ``ANYBODY`` is everybody with a token.
        scope: A machine key's scope that may too.
        also: One more condition on the caller, such as that they administer here now; a no is a 404.
        open: Needs no token; then only ``answered_by`` is behind it.
        whose: Whose thing it is; None where the role alone decides.
        body: Schema of the JSON body.
        query: Schema of the query.
        file_bytes: Most bytes of a file that is the body, where it may be larger than any other body; it is read as a
            stream (``shared.web.large_bodies``).
        gives: Schema of the answer; None for an answer that is not described.
        status: Of the answer, such as 201.
        more: What else the OpenAPI operation says.
        other_answers: Schemas of answers beside problems, by status.
        if_match: The caller must name the version that they read.
        command: Makes the command of the request.
        by: Carries it out inside the transaction: ``by(command, work, **needs)``.
        needs: What ``by`` needs that is made before the transaction, such as keys.
        location: Address of what was made, with the answer's ids in braces.
        view: Reads what is shown; a ``Page``, a list or a mapping, whose ``version`` becomes the ETag.
        action: ``service:subject:verb`` of a view, for audit; a command has its own, and it stands here only where
            what carries it out serves commands of several kinds.
        object_id: What a view showed, for audit; by default the last of the path's parameters, else ``list``.
        in_batch: Whether a batch may name it (``shared.web.batch``): a command with a JSON body.
        deprecated: Since when it should not be used any more, and what to use; None for an address that stays.
        answered_by: Answers itself, for the few that are neither, with the service's gateway.
    """

    method: Method
    path: str
    says: str
    roles: Sequence[str] = ()
    scope: str | None = None
    also: Callable[[Principal], bool] | None = None
    open: bool = False
    whose: Whose | None = None
    body: type[Schema] | None = None
    query: type[Schema] | None = None
    file_bytes: int | None = None
    gives: type[Schema] | None = None
    status: int = 200
    more: Mapping[str, Any] = field(default_factory=dict)
    other_answers: Mapping[int, type[Schema]] = field(default_factory=dict)
    if_match: bool = False
    command: Callable[[Asked], "DomainCommand | Told"] | None = None
    by: Callable[..., Answer] | None = None
    needs: Callable[[Any], Mapping[str, Any]] | None = None
    location: str | None = None
    view: Callable[[Asked], Any] | None = None
    action: str | None = None
    object_id: Callable[[Asked], str] | None = None
    in_batch: bool = False
    deprecated: Deprecation | None = None
    answered_by: Callable[[Asked, Any], Any] | None = None

    def __post_init__(self) -> None:
        """Refuse what no process should serve.

        Raises:
            RouteMisdescribedError: Not one thing behind it, no right stated, or a view without a name for audit.
        """
        behind = [self.command is not None, self.view is not None, self.answered_by is not None]
        if sum(behind) != 1 or (self.command is None) != (self.by is None):
            raise RouteMisdescribedError(f"{self.method} {self.path}: one command with who carries it out, or one view")
        if self.open == bool(self.roles):
            raise RouteMisdescribedError(f"{self.method} {self.path}: roles, or open to all, and not both.")
        if self.open and self.answered_by is None:
            raise RouteMisdescribedError(f"{self.method} {self.path}: whoever has no token has no command or view.")
        if self.in_batch and (self.command is None or self.body is None or self.method != "POST"):
            raise RouteMisdescribedError(f"{self.method} {self.path}: a batch takes commands with a JSON body.")
        if self.view is not None and self.action is None:
            raise RouteMisdescribedError(f"{self.method} {self.path}: a view needs a name for audit.")

    @cached_property
    def named(self) -> str | None:
        """The action under which audit keeps it, also where it is refused; None where only the address names it."""
        if self.action is not None or self.by is None:
            return self.action
        carries_out = self.by.func if isinstance(self.by, partial) else self.by
        command = get_type_hints(carries_out).get("command")
        return getattr(command, "action", None)


@dataclass(frozen=True, kw_only=True)
class RouteGroup:
    """The routes of one room.

    Attributes:
        name: Their tag in the OpenAPI document.
        about: What the tag says.
    """

    name: str
    about: str
    routes: Sequence[Route]
