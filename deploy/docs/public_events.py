"""A page for each public event: when it is stated, who may see it, an example, and what is not in it."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import partial

from deploy.docs.events import example
from deploy.docs.markdown import code, codes, page, sentence, table
from services.integrations.catalogue.entries import entry
from services.integrations.feed.envelopes import LEFT_OUT, cloud_event
from services.integrations.store.rules import StoredEvent
from shared.contracts.public import PUBLIC, SURVIVOR
from shared.kernel.tenancy import TenantId

FOLDER = "public-events"
_WHEN = datetime(2026, 9, 30, 12, tzinfo=UTC)
_INTRODUCTION = (
    "What a host's own systems may learn, and no more. They read it from the [feed](../tutorials/consume-events.md), with "
    "a machine key that has the scope `events:read`. Events hold ids and codes: whoever needs more asks the API under a "
    "right of their own. The same as [AsyncAPI 3.1](asyncapi.yaml), and at `GET /v1/event-types`."
)
_EVERYBODY = (
    "Who may see it: a machine of the host with `events:read`, the host's administrator and its data protection officer. "
    "Nobody outside the host."
)
_LEFT_OUT = (
    f"At the position of an event that may not be served today stands `{LEFT_OUT}`, with `reason` `ERASED` (the person "
    "was erased), `NO_LONGER_SO` (it said yes, and the newest word on that consent is no yes), `STOPPED` (the person "
    "said that everything is to stop; each no is served still, and once that is lifted the rest can be read again by its "
    "position) or `RESTRICTED` (the use of their record is restricted, UK GDPR Art 18: stop using what you have of them, "
    "but for each no). In an event queue every yes stands so, with `ASK_THE_FEED`, as what waits there cannot be called "
    "back. So positions stay gapless, and who replays the feed meets no permission that has ended."
)


def pages() -> Mapping[str, Callable[[], str]]:
    """Give the pages, by their name in the folder of references."""
    made: dict[str, Callable[[], str]] = {f"{FOLDER}.md": index_page}
    return made | {
        f"{FOLDER}/{_short(event_type)}.md": partial(event_page, event_type) for event_type in sorted(PUBLIC)
    }


def index_page() -> str:
    """Write the list."""
    rows = [
        (f"[{_short(t)}]({FOLDER}/{_short(t)}.md)", entry(t)["meaning"], codes(PUBLIC[t].public_fields))
        for t in sorted(PUBLIC)
    ]
    return page(
        "Events for integrators",
        _INTRODUCTION,
        table(("event", "meaning", "fields"), rows),
        f"## Left out\n\n{_LEFT_OUT}",
    )


def event_page(event_type: str) -> str:
    """Write one event's page."""
    cls, said = PUBLIC[event_type], entry(event_type)
    kept_back = table(("not in it", "why"), ((code(name), why) for name, why in said["not_in_it"].items()))
    never = "No name, contact, date of birth, place below nation, free word, or id that statistics use."
    about = f"Stated by **{cls.source}**; about {code(cls.subject_field)}; public since {said['since']}."
    shown = json.dumps(_sample(event_type), indent=1)
    return page(
        _short(event_type),
        sentence(cls.__doc__),
        about,
        _EVERYBODY,
        f"Schema of `data`: `GET {said['schema']}`.",
        f"## Example\n\n```json\n{shown}\n```",
        f"## What is not in it\n\n{never}",
        kept_back,
        "## Changes\n\nVersion 1: as above. A field may be added; none is removed or changed. Another meaning is another "
        "version, told beside this one for a year.",
    )


def _sample(event_type: str) -> dict[str, object]:
    cls, whole = PUBLIC[event_type], example(PUBLIC[event_type])
    event = StoredEvent(
        id=f"{whole[cls.subject_field]}/{cls.source}",
        position=42,
        type=event_type,
        source=cls.source,
        subject=whole[cls.subject_field],
        survivor_id=whole.get(SURVIVOR),
        sequence=3,
        data={name: whole[name] for name in cls.public_fields},
        recorded_at=_WHEN,
        kept_at=_WHEN,
    )
    return cloud_event(event, TenantId("alder"))


def _short(event_type: str) -> str:
    return event_type.removeprefix("alongside.")
