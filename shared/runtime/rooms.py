"""Composes a service of its rooms: a folder for each aggregate or process, with the same few file names.

A room's ``room.py`` sums it up: ``ROOM = Room(__package__, "documents", "facts", "routes")``. What stands where:

- ``documents.py``: ``TYPES``, the room's ``DocumentType`` of each collection;
- ``facts.py``: ``hearings(context)``, what it hears;
- ``routes.py``: ``routes(context)``, one ``RouteGroup`` or several;
- ``jobs.py``: ``jobs(context)``, what is repeated;
- ``parts.py``: ``parts()``, what works all the time on threads of its own;
- ``pages.py``: ``pages(context, gateway)``, its ``PageSet``;
- ``grant.py``: ``grant(context)``, with which people sign in to the pages;
- ``freeze.py``: ``freeze(context, kinds)``, what is frozen of somebody whose use is restricted.

A service's ``wiring.py`` is the list of its rooms, ``ROOMS``. A file is loaded by the kinds of process that run it
only: no worker loads Flask. Shown by tests/architecture/test_rooms.py.
"""

import importlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pymongo import IndexModel

from shared.kernel.messages import Received
from shared.outbox.documents import DocumentType
from shared.outbox.hearings import Hearing
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import Job, OwnPart, ServiceContext

if TYPE_CHECKING:
    from shared.web.bodies import Blueprint
    from shared.web.gateway import Gateway
    from shared.web.pages.site import PageSet

PARTS = frozenset({"documents", "facts", "routes", "jobs", "pages", "grant", "parts", "freeze"})


class NoSuchPartError(ValueError):
    """A room names a part that no room has; found when the process starts."""


@dataclass(frozen=True, init=False)
class Room:
    """One aggregate or process of a service.

    Attributes:
        package: Where its files stand, such as ``services.case.episodes``.
        parts: Which of the files of ``PARTS`` it has for the composer.
    """

    package: str
    parts: frozenset[str]

    def __init__(self, package: str, *parts: str) -> None:
        """Take the room's own package and the names of its parts.

        Raises:
            NoSuchPartError: There is no such part.
        """
        unknown = set(parts) - PARTS
        if unknown:
            raise NoSuchPartError(f"{package}: {', '.join(sorted(unknown))}")
        object.__setattr__(self, "package", package)
        object.__setattr__(self, "parts", frozenset(parts))

    def part(self, name: str) -> ModuleType | None:
        """Load one of its files; None if it has none of that name."""
        return importlib.import_module(f"{self.package}.{name}") if name in self.parts else None


@dataclass(frozen=True, kw_only=True)
class ComposedService:
    """A service as the runtime sees it."""

    name: str
    rooms: tuple[Room, ...]

    @property
    def document_types(self) -> list[DocumentType]:
        """Every collection of the service."""
        return [one for part in self._parts("documents") for one in part.TYPES]

    @property
    def collections(self) -> tuple[str, ...]:
        """Names of its collections, in the rooms' order."""
        return tuple(dict.fromkeys(one.collection for one in self.document_types))

    @property
    def indexes(self) -> dict[str, list[IndexModel]]:
        """Indexes by collection, of those that have some."""
        return {one.collection: list(one.indexes) for one in self.document_types if one.indexes}

    @property
    def append_only(self) -> tuple[str, ...]:
        """Collections that its own user can neither change nor delete in."""
        return tuple(one.collection for one in self.document_types if one.append_only)

    def hearings(self, context: ServiceContext) -> list[Hearing]:
        """What it hears; rooms that hear one event are told one after the other, in one transaction.

        Raises:
            OrdersDifferError: Two rooms hear one event in different orders.
        """
        return _together([one for part in self._parts("facts") for one in part.hearings(context)])

    def jobs(self, context: ServiceContext) -> list[Job]:
        """What it repeats."""
        return [one for part in self._parts("jobs") for one in part.jobs(context)]

    def own_parts(self) -> list[OwnPart]:
        """What works on threads of its own, beside its jobs."""
        return [one for part in self._parts("parts") for one in part.parts()]

    def blueprints(self, context: ServiceContext, gateway: "Gateway") -> "list[Blueprint]":
        """Its HTTP routes; rooms whose groups have one name share one tag of the OpenAPI document."""
        from shared.web.routing import blueprint_of  # noqa: PLC0415  Flask is loaded where routes are served.

        groups: dict[str, Any] = {}
        for group in self.route_groups(context):
            known = groups.get(group.name)
            groups[group.name] = group if known is None else replace(known, routes=[*known.routes, *group.routes])
        return [blueprint_of(group, gateway, service=self.name) for group in groups.values()]

    def route_groups(self, context: ServiceContext) -> list[Any]:
        """Its routes as data: ``RouteGroup`` of each room."""
        return [group for part in self._parts("routes") for group in part.routes(context)]

    def page_sets(self, context: ServiceContext, gateway: "Gateway") -> "list[PageSet]":
        """Its pages."""
        return [part.pages(context, gateway) for part in self._parts("pages")]

    def grant(self, context: ServiceContext) -> Any:
        """With what people sign in to the pages, or None where they do so elsewhere."""
        return next((part.grant(context) for part in self._parts("grant")), None)

    def freeze(self, context: ServiceContext) -> Any:
        """What is frozen of somebody whose use is restricted, or None of a service that keeps nobody."""
        kinds = self.document_types
        return next((part.freeze(context, kinds) for part in self._parts("freeze")), None)

    def open_routes(self, context: ServiceContext) -> list[tuple[str, str]]:
        """Method and path of the routes that need no token."""
        return [(one.method, one.path) for group in self.route_groups(context) for one in group.routes if one.open]

    def _parts(self, name: str) -> Iterator[ModuleType]:
        for room in self.rooms:
            part = room.part(name)
            if part is not None:
                yield part


class OrdersDifferError(ValueError):
    """Two rooms hear one event in different orders, of which one queue can keep only one."""


def _together(hearings: Iterable[Hearing]) -> list[Hearing]:
    by_event: dict[str, Hearing] = {}
    for one in hearings:
        known = by_event.get(one.event.event_type)
        by_event[one.event.event_type] = one if known is None else _both(known, one)
    return list(by_event.values())


def _both(first: Hearing, second: Hearing) -> Hearing:
    if first.order != second.order:
        raise OrdersDifferError(first.event.event_type)

    def handle(received: Received[Any], work: UnitOfWork) -> None:
        first.handle(received, work)
        second.handle(received, work)

    def preload(event: Any) -> Iterator[tuple[str, str]]:
        for one in (first, second):
            if one.preload is not None:
                yield from one.preload(event)

    return Hearing(event=first.event, handle=handle, order=first.order, preload=preload)


@cache
def service_of(name: str) -> ComposedService:
    """Compose ``services.<name>`` of the rooms that its wiring lists."""
    wiring = importlib.import_module(f"services.{name}.wiring")
    return ComposedService(name=name, rooms=tuple(wiring.ROOMS))
