"""The feed's HTTP routes."""

from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Response, current_app, jsonify, request

from services.integrations.consumers.access import READERS, SCOPE, Consumers, known_to
from services.integrations.feed.envelopes import BATCH, cloud_event
from services.integrations.feed.reading import Wanted, read_or_wait
from services.integrations.feed.schemas import FeedQuerySchema, FeedSchema, SnapshotQuerySchema, SnapshotSchema
from services.integrations.feed.snapshot import Snapshots
from services.integrations.feed.waiting import WaitingRoom
from services.integrations.store.reading import EventStore, Reading
from shared.runtime.context import ServiceContext
from shared.web.deadlines import wait_outside
from shared.web.gateway import Gateway
from shared.web.routes import Asked, Route, RouteGroup


def routes(context: ServiceContext) -> list[RouteGroup]:
    """Give the feed and the snapshot."""
    store, room = EventStore(context), WaitingRoom()
    snapshots = Snapshots(context)
    consumers = Consumers(context.client[context.database_name])

    def events(asked: Asked, web: Gateway) -> Response:
        query = asked.query
        after, types, named = query["after"], query["types"], query["consumer"]
        if named is not None:
            known = consumers.find(named)
            if known is None or not known_to(asked.who, known):
                web.refuse(named, action="integrations:events:read")
            after = known["position"] if after is None else after
            types = known["types"] if types is None else types
        wanted = Wanted(
            who=asked.who.actor_id, after=after or 0, types=types, limit=query["limit"], wait_s=query["wait"]
        )
        reading, waited = read_or_wait(store, room, wanted, outside=wait_outside, leave=_drains)
        if reading.events:
            # An answer that shows nothing tells nobody anything; what shows something is audited before it leaves.
            web.read("integrations:events:read", named or "feed", lambda: None)
        return _answer(context, reading, waited=waited)

    return [
        RouteGroup(
            name="events",
            about="What happened, for the host's own systems",
            routes=[
                Route(
                    method="GET",
                    path="/v1/events",
                    says="Read events by position, and wait for new ones.\n\nA batch of CloudEvents: as `items`, or "
                    f"alone as `{BATCH}` where that is what Accept asks for; then `next` and `lag` are in the headers "
                    "Events-Next and Events-Lag. At most four requests wait at once, two of one caller; whoever finds "
                    "no place is answered at once, with `waited` false. 410 where the position is older than what is "
                    "kept: take a snapshot.",
                    roles=READERS,
                    scope=SCOPE,
                    query=FeedQuerySchema,
                    gives=FeedSchema,
                    answered_by=events,
                ),
                Route(
                    method="GET",
                    path="/v1/events/snapshot",
                    says="Read the newest state of everything, exact as of one position.\n\nTake all pages within five "
                    "minutes, then read the feed after `position`. 410 where that took longer: begin again.",
                    roles=READERS,
                    scope=SCOPE,
                    query=SnapshotQuerySchema,
                    gives=SnapshotSchema,
                    view=partial(_page, snapshots),
                    action="integrations:snapshot:read",
                    object_id=lambda _asked: "snapshot",
                ),
            ],
        )
    ]


def _page(snapshots: Snapshots, asked: Asked) -> dict[str, Any]:
    return snapshots.page(asked.query["after"], limit=asked.query["limit"])


def _drains() -> bool:
    return bool(current_app.extensions.get("draining"))


def _answer(context: ServiceContext, reading: Reading, *, waited: bool) -> Response:
    items = [cloud_event(event, context.tenant_id) for event in reading.events]
    said = {
        "next": reading.next,
        "head": reading.bounds.head,
        "lag": reading.lag,
        "oldest": reading.bounds.oldest,
        "complete_through": reading.bounds.complete_through,
        "waited": waited,
    }
    if request.accept_mimetypes.best_match(["application/json", BATCH]) == BATCH:
        response = jsonify(items)
        response.content_type = BATCH
    else:
        response = jsonify({"items": items, **said})
    for name in ("next", "head", "lag"):
        response.headers[f"Events-{name.title()}"] = str(said[name])
    if not waited:
        response.headers["Retry-After"] = "2"
    query = {**request.args.to_dict(), "after": reading.next}
    response.headers["Link"] = f'<{request.path}?{urlencode(query)}>; rel="next"'
    return response
