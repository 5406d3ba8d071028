"""How this host's connection is, in findings with a cause and a cure. Pure rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from services.reporting.periods.readiness import complete_through
from services.reporting.periods.standing import Kind
from shared.kernel.streams import Progress
from shared.runtime.silence import OLD_ROW_S, SILENT_S
from shared.web.pages.words import period_words

ROUTES: Mapping[str, str] = {"board": "the project board", "custodian": "the custodian"}
_SILENT = timedelta(seconds=SILENT_S)
# A proof has two marks behind it, case's and consent's, each of a minute and a quarter.
_UNPROVEN = 2 * _SILENT
_ASK = "ask your operator to run: alongside doctor."
_DOCTOR = f"A{_ASK[1:]}"


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


def task_received(newest: str | None) -> Finding:
    """Say whether the board has opened a period here, and which."""
    name = "Task of the project board"
    if newest is None:
        return Finding(
            name=name,
            word="Not received",
            kind="wait",
            cause="The board has opened no period for your organisation, or its notice has not arrived.",
            cure=f"Ask the project board whether a period is open. If one is, {_ASK}",
        )
    return Finding(
        name=name,
        word="Received",
        kind="good",
        value=f"Newest period: {period_words(newest)}",
        cause="The board has said which period to count, with which plan, and when the seal is.",
    )


def consent_proven(progress: Progress, now: datetime) -> Finding:
    """Say up to when everything that survivors decided is known here for certain."""
    name = "Consent is proven up to"
    through = complete_through(progress)
    if through is None:
        return Finding(
            name=name,
            word="Not yet",
            kind="wait",
            cause="No mark from the consent service has arrived yet. Without one, nothing can be sealed.",
            cure=f"A mark comes each minute. If none comes, {_ASK}",
        )
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
        cause="What was recorded after then may still be on its way. No period is sealed until it has arrived.",
        cure=f"A service has stopped, or something that it sent is missing. {_DOCTOR}",
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
            cause="A mark says: you now have everything that I recorded until then. None has arrived yet.",
            cure=f"Wait a minute or two. If none comes, {_ASK}",
        )
    missing = missing_messages(progress)
    if missing:
        return Finding(
            name=name,
            word="Incomplete",
            kind="bad",
            value=f"{missing} announced but not yet here:",
            at=max(heard),
            cause="Messages that consent sent have no effect here yet: they will be tried again, or are parked.",
            cure="Wait a few minutes. If nothing changes, ask your operator to look at: alongside parked list.",
        )
    late = now - max(heard) > _SILENT
    return Finding(
        name=name,
        word="Silent" if late else "Heard",
        kind="bad" if late else "good",
        at=max(heard),
        cause="No mark has come for more than two minutes: the consent service, or the way from it, has stopped."
        if late
        else "The consent service reports each minute what it has sent, and nothing is missing.",
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
            cause="The message broker does not answer. Nothing is lost: what was recorded is kept in the database.",
            cure=_DOCTOR,
        )
    if number:
        return Finding(
            name=name,
            word="Need a person",
            kind="bad",
            value=f"{number} parked",
            cause="These messages failed each time they were tried. Until somebody decides, no period may be sealed.",
            cure="Ask your operator to replay or discard each of them: alongside parked list.",
        )
    return Finding(name=name, word="None", kind="good", cause="Every message that arrived has taken effect.")


def backlog(route: str, waiting: int, oldest: datetime | None, *, real_now: datetime) -> Finding:
    """Say what waits to be carried to a server of the centre."""
    name = f"On its way to {ROUTES[route]}"
    if oldest is None:
        return Finding(name=name, word="All sent", kind="good", cause="Everything that was sealed has been sent.")
    late = real_now - oldest > timedelta(seconds=OLD_ROW_S)
    return Finding(
        name=name,
        word="Held up" if late else "Being sent",
        kind="bad" if late else "wait",
        value=f"{waiting} waiting, the oldest since",
        at=oldest,
        cause=f"Sealed halves are waiting to be sent to {ROUTES[route]}. Nothing is lost: the courier keeps trying.",
        cure=f"That server, or the courier, may have stopped. {_DOCTOR}" if late else "",
    )


def of_source(told: Mapping[str, Any]) -> Finding:
    """Say how one of the host's sources stands, as case tells it."""
    fault, read = told["fault"], told["last_good_at"]
    word, kind = _SOURCES.get(told["standing"], ("Not known", "wait"))
    return Finding(
        name=f"Source: {told['name']}",
        word=word,
        kind="bad" if told["needs_attention"] else kind,
        value="Read last:" if read else "",
        at=datetime.fromisoformat(read) if read else None,
        cause=fault["what"] if fault is not None else "It is read on schedule, and what it says waits as a plan.",
        cure=fault["cure"] if fault is not None else "Look at the page Sources." if told["needs_attention"] else "",
    )


_SOURCES: Mapping[str, tuple[str, Kind]] = {
    "GOOD": ("Read", "good"),
    "READING": ("Being read", "wait"),
    "NEVER_READ": ("Not read yet", "wait"),
    "FAILING": ("Not read", "wait"),
    "OVERDUE": ("Not read for two days", "bad"),
    "PAUSED_BY_FAILURES": ("Paused", "bad"),
    "PAUSED": ("Paused", "wait"),
}
