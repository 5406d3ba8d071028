"""How this host's connection is, as reporting can know it from its own database and its own broker user.

Each finding has a cause and a cure. Limit: it looks at reporting's own outbox, streams and parking queue only; the
other services' are the operator's to see (``alongside doctor``).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import amqp

from services.context import ServiceContext
from services.reporting.standing import Kind
from services.reporting.store import TASKS
from services.silence import OLD_ROW_S, SILENT_S
from shared.bus.connection import CONNECTION_ERRORS, close, open_connection
from shared.bus.topology import parking_queue
from shared.kernel.ids import event_id_us
from shared.outbox.rows import NEW
from shared.outbox.streams import Progress, from_document
from shared.web.pages.words import period_words

_ROUTES: Mapping[str, str] = {"board": "the project board", "custodian": "the custodian"}
_SILENT = timedelta(seconds=SILENT_S)
# A proof has two marks behind it, case's and consent's, each of a minute and a quarter.
_UNPROVEN = 2 * _SILENT
_DOCTOR = "Ask your operator to run: alongside doctor."


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing about the connection.

    Attributes:
        value: What is known, in words or as a number.
        at: An instant that belongs to it, in UTC.
        cause: What it means, or why it is so.
        cure: What to do; empty if nothing.
    """

    name: str
    word: str
    kind: Kind
    value: str = ""
    at: datetime | None = None
    cause: str
    cure: str = ""


class Connection:
    """Looks at one host's connection."""

    def __init__(self, context: ServiceContext) -> None:
        """Take reporting's context."""
        self._context = context
        self._database = context.client[context.database_name]

    def findings(self) -> list[Finding]:
        """Give everything that reporting can know."""
        progress = from_document(self._database["streams"].find_one({"_id": "consent"}))
        now = self._context.clock.now()
        return [
            self._task(),
            consent_proven(progress, now),
            last_mark(progress, now),
            parked(self._parked()),
            *(backlog(route, *self._waiting(route), real_now=datetime.now(UTC)) for route in _ROUTES),
        ]

    def _task(self) -> Finding:
        newest = self._database[TASKS].find_one({}, sort=[("seal_at", -1)])
        if newest is None:
            return Finding(
                name="Task of the project board",
                word="Not received",
                kind="wait",
                cause="The board has opened no period for your organisation, or its notice has not arrived.",
                cure=f"Ask the central team whether a period is open. If it is: {_DOCTOR}",
            )
        return Finding(
            name="Task of the project board",
            word="Received",
            kind="good",
            value=f"Newest period: {period_words(newest['period'])}",
            cause="The board says which period to count, by which plan, and when its seal is.",
        )

    def _waiting(self, route: str) -> tuple[int, datetime | None]:
        rows = self._database["outbox"]
        waiting = {"status": NEW, "route": route}
        oldest = rows.find_one(waiting, {"_id": 1}, sort=[("_id", 1)])
        return (rows.count_documents(waiting), _made_at(oldest["_id"])) if oldest is not None else (0, None)

    def _parked(self) -> int | None:
        """Give how many of reporting's messages a person must decide about; None if the broker does not answer."""
        connection = None
        try:
            connection = open_connection(self._context.settings.amqp_uri)
            declared = connection.channel().queue_declare(parking_queue(self._context.service), passive=True)
        except (*CONNECTION_ERRORS, amqp.exceptions.AMQPError):
            return None
        else:
            return int(declared.message_count)
        finally:
            if connection is not None:
                close(connection)


def consent_proven(progress: Progress, now: datetime) -> Finding:
    """Say up to when everything that survivors decided is known here for certain."""
    name = "Consent is proven through"
    case = progress.source_applied.get("case")
    if progress.applied_through is None or case is None:
        return Finding(
            name=name,
            word="Not yet",
            kind="wait",
            cause="No mark has arrived that proves it. Without one, nothing can be sealed.",
            cure=f"A mark comes each minute. If none comes: {_DOCTOR}",
        )
    through = min(progress.applied_through, case)
    if now - through <= _SILENT:
        return Finding(
            name=name,
            word="Up to date",
            kind="good",
            at=through,
            cause="Every consent and withdrawal recorded by then has arrived and applies.",
        )
    if now - through <= _UNPROVEN:
        return Finding(
            name=name,
            word="A little behind",
            kind="wait",
            at=through,
            cause="Every consent and withdrawal recorded by then applies. The next proof is due any moment.",
        )
    return Finding(
        name=name,
        word="Behind",
        kind="bad",
        at=through,
        cause="What was recorded after then may still be on its way. A seal waits until it is proven.",
        cure=f"A service stands still, or something it sent is missing. {_DOCTOR}",
    )


def last_mark(progress: Progress, now: datetime) -> Finding:
    """Say when consent was last heard, and whether something that it announced is missing."""
    name = "Last mark from consent"
    heard = [mark.through for mark in progress.pending]
    heard += [progress.applied_through] if progress.applied_through is not None else []
    if not heard:
        return Finding(
            name=name,
            word="None yet",
            kind="wait",
            cause="A mark says: this is everything up to now. None has arrived since the start.",
            cure=f"Wait a minute or two. If none comes: {_DOCTOR}",
        )
    missing = missing_messages(progress)
    if missing:
        return Finding(
            name=name,
            word="Incomplete",
            kind="bad",
            value=f"{missing} announced and not arrived by",
            at=max(heard),
            cause="Consent announced messages that are not applied here: they are being tried again, or are parked.",
            cure="Retries take up to some minutes. Parked messages need a person: alongside parked list.",
        )
    late = now - max(heard) > _SILENT
    return Finding(
        name=name,
        word="Silent" if late else "Heard",
        kind="bad" if late else "good",
        at=max(heard),
        cause="No mark came for more than two minutes: consent, or the way from it, stands still."
        if late
        else "Consent says each minute that it is alive and what it has sent; nothing is missing.",
        cure=_DOCTOR if late else "",
    )


def missing_messages(progress: Progress) -> int:
    """Count the numbers up to the newest mark's last that are not committed here."""
    last = max((mark.last_stream_n for mark in progress.pending), default=progress.contiguous)
    above = sum(min(high, last) - low + 1 for low, high in progress.above if low <= last)
    return max(0, last - progress.contiguous - above)


def parked(number: int | None) -> Finding:
    """Say how many messages wait for a person's decision."""
    name = "Parked messages"
    if number is None:
        return Finding(
            name=name,
            word="Not known",
            kind="bad",
            cause="The message broker does not answer. Nothing is lost: what was recorded waits in the database.",
            cure=_DOCTOR,
        )
    if number:
        return Finding(
            name=name,
            word="Need a person",
            kind="bad",
            value=f"{number} parked",
            cause="These messages could not be applied, however often they were tried. A seal waits for consent's.",
            cure="Your operator looks at each and hands it back or gives it up: alongside parked list.",
        )
    return Finding(name=name, word="None", kind="good", cause="Every message that came could be applied.")


def backlog(route: str, waiting: int, oldest: datetime | None, *, real_now: datetime) -> Finding:
    """Say what waits to be carried to a server of the centre."""
    name = f"On its way to {_ROUTES[route]}"
    if oldest is None:
        return Finding(name=name, word="Nothing waits", kind="good", cause="All that was sealed has left.")
    late = real_now - oldest > timedelta(seconds=OLD_ROW_S)
    return Finding(
        name=name,
        word="Held up" if late else "Being carried",
        kind="bad" if late else "wait",
        value=f"{waiting} waiting, the oldest since",
        at=oldest,
        cause=f"Sealed halves wait to reach {_ROUTES[route]}. Nothing is lost: the courier tries again by itself.",
        cure=f"The server there, or the courier, may be down. {_DOCTOR}" if late else "",
    )


def _made_at(row_id: str) -> datetime:
    # The id holds real time; the recorded time is the business clock's.
    return datetime.fromtimestamp(event_id_us(row_id) / 1_000_000, tz=UTC)
