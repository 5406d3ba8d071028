"""Makes Flask's routes of a service's ``RouteGroup``.

Promise: right, then owner, then body: who may not use an address learns nothing from what they send there, and costs
no parsing. Where the owner can only be told from the body, it is judged right after the body is read. Who may act is
asked once more inside the command's own transaction. Shown by tests/integration/shared/test_routes.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from flask import Response, jsonify

from shared.kernel.errors import NotTheirsError
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.batch import mark_for_batch
from shared.web.bodies import Blueprint, read_arguments
from shared.web.deprecations import mark_deprecated, words_of
from shared.web.gateway import Gateway, etagged
from shared.web.large_bodies import mark_large
from shared.web.listing import Page
from shared.web.openapi import IF_MATCH, LOCATION
from shared.web.paging import paged
from shared.web.routes import ANYBODY, Asked, Route, RouteGroup, Told
from shared.web.schemas import listed

_NOBODY = Principal(actor_id="", tenant_id=TenantId("nobody"), organisation_id="", role="")


def blueprint_of(group: RouteGroup, gateway: Gateway, *, service: str) -> Blueprint:
    """Give the blueprint of a room's routes."""
    blueprint = Blueprint(group.name, __name__, description=group.about)
    for route in group.routes:
        view = _view(route, gateway)
        # Metrics name the service that serves a route by the module of its view.
        view.__module__ = f"services.{service}.routes"
        view.__name__ = _endpoint(route)
        view.__doc__ = route.says
        if route.file_bytes is not None:
            mark_large(view, route)
        if route.in_batch:
            mark_for_batch(view)
        if route.deprecated is not None:
            mark_deprecated(view, route.deprecated)
            view.__doc__ = f"{route.says}\n\n{words_of(route.deprecated)}"
        for wrap in _wraps(route, blueprint):
            view = wrap(view)
        blueprint.route(route.path, methods=[route.method])(view)
    return blueprint


def _wraps(route: Route, blueprint: Blueprint) -> list[Callable[[Any], Any]]:
    """Give flask-smorest's decorators, innermost first."""
    wraps: list[Callable[[Any], Any]] = [blueprint.response(route.status, route.gives)] if route.gives else []
    wraps += [blueprint.alt_response(status, schema=schema) for status, schema in route.other_answers.items()]
    if route.query is not None:
        wraps.append(blueprint.arguments(route.query, location="query"))
    if route.body is not None:
        wraps.append(blueprint.arguments(route.body))
    more = {"parameters": [IF_MATCH], **route.more} if route.if_match else dict(route.more)
    if route.in_batch:
        more["x-in-batch"] = True
    if route.location is not None:
        more[LOCATION] = route.location
    if route.deprecated is not None:
        more["deprecated"] = True
    if more:
        wraps.append(blueprint.doc(**more))
    return wraps


def _endpoint(route: Route) -> str:
    place = "".join(letter if letter.isalnum() else "-" for letter in route.path)
    return f"{route.method.lower()}{place}"


def _view(route: Route, web: Gateway) -> Callable[..., Any]:
    def view(*read: Mapping[str, Any], **path: Any) -> Any:
        # The body's decorator stands outside the query's, so its argument comes first.
        body = read[0] if route.body is not None else {}
        query = read[-1] if route.query is not None else {}
        asked = Asked(who=_NOBODY, path={name: str(value) for name, value in path.items()}, body=body, query=query)
        if route.open and route.answered_by is not None:
            return route.answered_by(asked, web)
        asked = _admit(route, web, asked)
        if route.command is not None:
            return _carry_out(route, web, asked)
        if route.answered_by is not None:
            return route.answered_by(asked, web)
        return _show(route, web, asked)

    return view


def _admit(route: Route, web: Gateway, asked: Asked) -> Asked:
    """Judge the caller's right, then whose it is, then read what they sent.

    Raises:
        HiddenError: The caller has no right to this.
        AlongsideError: There is no such thing, or what was sent is not right.
    """
    named, anybody = route.named, tuple(route.roles) == ANYBODY
    who = web.caller if anybody else web.admit(*route.roles, scope=route.scope, action=named)
    asked = replace(asked, who=who)
    # Of a batch, what the request before it found says nothing of this one.
    web.stands(None)
    if route.also is not None and not route.also(who):
        web.refuse(action=named)
    whose = route.whose
    if whose is not None and whose.in_body:
        read_arguments()
    if whose is not None:
        subject = whose.find(asked)
        allowed = whose.allows(who, subject)
        if not allowed:
            web.refuse(subject.id, action=named)
        web.stands(allowed if isinstance(allowed, Standing) else None)
        asked = replace(asked, subject=subject)
    read_arguments()
    return replace(asked, version=web.if_match()) if route.if_match else asked


def _carry_out(route: Route, web: Gateway, asked: Asked) -> Response:
    if route.command is None or route.by is None:
        raise AssertionError(route.path)
    made = route.command(asked)
    command, shown_once = (made.command, made.shown_once) if isinstance(made, Told) else (made, None)
    by, needs = route.by, route.needs(command) if route.needs is not None else {}
    check, subject = (route.whose.check if route.whose is not None else None), asked.subject

    def run(work: UnitOfWork) -> Answer:
        if check is not None:
            check(work, asked.about, asked.who)
        return by(command, work, **needs)

    location = route.location
    try:
        return web.carry_out(
            command,
            run,
            location=(lambda answer: location.format(**answer.ids)) if location is not None else None,
            shown_once=shown_once,
        )
    except NotTheirsError:
        web.refuse(subject.id if subject is not None else command.object_id, action=command.action)


def _show(route: Route, web: Gateway, asked: Asked) -> Any:
    if route.view is None or route.action is None:
        raise AssertionError(route.path)
    view = route.view
    read = web.search if route.method == "POST" else web.read
    # Before anything is read: what is under way now may bear an earlier time, and is seen by the next reading.
    begun = web.recorded_from_now()
    shown = read(route.action, _object_of(route, asked), lambda: view(asked))
    if isinstance(shown, Page):
        return paged(shown, begun=begun)
    if isinstance(shown, list):
        return listed(shown)
    if isinstance(shown, Mapping) and isinstance(shown.get("version"), int):
        return etagged(shown, shown["version"])
    return shown if route.gives is not None else jsonify(shown)


def _object_of(route: Route, asked: Asked) -> str:
    if route.object_id is not None:
        return route.object_id(asked)
    if asked.path:
        return list(asked.path.values())[-1]
    return asked.subject.id if asked.subject is not None else "list"
