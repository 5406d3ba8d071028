"""How the services of one process stand, each finding with its cause and its cure.

What is wrong is judged by ``shared.runtime.facts``, as ``/readyz``, ``alongside doctor`` and the alerts judge it; here
it gets its words. Limit: of other tenants, and of other processes' pids, nothing is known here.

Over 250 lines because it is one list of words, one function a fact, which reads from top to bottom.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from shared.bus.topology import Topology
from shared.contracts.registry import LOCAL
from shared.kernel.tenancy import TenantId
from shared.runtime.context import ServiceContext
from shared.runtime.facts import Fact, Seen
from shared.runtime.looking import Look
from shared.web.pages.words import age_words, counted

Kind = Literal["good", "wait", "bad"]

_ROUTE_WORDS: Mapping[str, str] = {
    LOCAL: "Facts for its own services",
    "board": "Messages to the project board",
    "custodian": "Messages to the custodian",
    "hosts": "Notices to all hosts",
    "host": "Answers to single hosts",
}
_FAILED_WORDS: Mapping[str, str] = {"imports": "Imports", "sources": "Sources"}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing about the running of a service.

    Attributes:
        what: The thing, in words.
        known: What is known of it now.
        cause: Why it is so; empty where all is well.
        cure: The line that mends it; empty where there is nothing to do.
    """

    what: str
    word: str
    kind: Kind
    known: str = ""
    cause: str = ""
    cure: str = ""


@dataclass(frozen=True, kw_only=True)
class ServiceStanding:
    """One service's findings."""

    service: str
    findings: tuple[Finding, ...]


class Operations:
    """Looks at the services of one process."""

    def __init__(self, tenant: TenantId, contexts: Mapping[str, ServiceContext], topology: Topology) -> None:
        """Take the services' contexts."""
        self._tenant = tenant
        self._services = tuple(contexts)
        self._look = Look(contexts, topology)

    def look(self) -> list[ServiceStanding]:
        """Look at everything once; what cannot be asked is a finding, never an error."""
        looked = self._look.take()
        shared = [one for one in looked.seen if one.service is None]
        standings = [ServiceStanding(service="message broker", findings=tuple(_of_broker(shared)))]
        for service in self._services:
            findings = [found for one in looked.seen if one.service == service for found in self._words(one)]
            if service in looked.retry:
                findings.append(_retried(looked.retry[service]))
            standings.append(ServiceStanding(service=service, findings=tuple(findings)))
        return standings

    def _words(self, seen: Seen) -> Iterator[Finding]:
        if seen.fact == Fact.PARKED:
            yield _parked(seen, self._tenant)
        else:
            yield from _WORDS[seen.fact](seen)


def troubled(standings: list[ServiceStanding]) -> int:
    """Count the findings that somebody must mend."""
    return sum(finding.kind == "bad" for standing in standings for finding in standing.findings)


def _of_broker(seen: list[Seen]) -> Iterator[Finding]:
    """Say how what no single service owns stands: the broker, and this machine's clock."""
    found = {one.fact: one for one in seen}
    if found[Fact.BROKER_AWAY].is_wrong:
        cause = "The broker does not answer. People can go on working: what they record is kept and sent later."
        yield Finding(what="Connection", word="No answer", kind="bad", cause=cause, cure="alongside doctor")
    elif found[Fact.QUEUE_MISSING].is_wrong:
        cause = "A queue that this version needs is missing."
        yield Finding(what="Queues", word="Missing", kind="bad", cause=cause, cure="alongside up")
    else:
        yield _unrouted(found[Fact.UNROUTED])
    clock = found[Fact.CLOCK_WRONG]
    if clock.is_wrong:
        yield Finding(
            what="Clock of this machine",
            word="Wrong",
            kind="bad",
            known=f"{clock.value:,.0f} seconds from the database's",
            cause="While a clock is wrong by more than two seconds nothing new is recorded and no proof is sent.",
            cure="Set the clock (chrony or systemd-timesyncd); no restart is needed.",
        )
    else:
        yield Finding(what="Clock of this machine", word="Right", kind="good")


def _unrouted(seen: Seen) -> Finding:
    what = "Messages without a queue"
    if not seen.is_wrong:
        return Finding(what=what, word="None", kind="good")
    known = counted(int(seen.value), "message")
    cause = "No service of this version reads messages of this kind. They are kept."
    return Finding(what=what, word="Waiting", kind="bad", known=known, cause=cause, cure="alongside up")


def _database(seen: Seen) -> Iterator[Finding]:
    if not seen.is_wrong:
        yield Finding(what="Database", word="Ready", kind="good")
        return
    cause = (
        f"The database of {seen.service} does not answer, or belongs to another tenant. Until it does, requests are "
        "refused."
    )
    yield Finding(what="Database", word="No answer", kind="bad", cause=cause, cure="alongside doctor")


def _parked(seen: Seen, tenant: TenantId) -> Finding:
    if not seen.is_wrong:
        return Finding(what="Parked messages", word="None", kind="good")
    cause = "They failed each time they were tried. Nothing is lost, but somebody must decide what to do with them."
    cure = f"alongside parked list --tenant {tenant}"
    known = counted(int(seen.value), "message")
    return Finding(what="Parked messages", word="Need a person", kind="bad", known=known, cause=cause, cure=cure)


def _outgoing(seen: Seen) -> Iterator[Finding]:
    what = _ROUTE_WORDS.get(seen.about, f"Route {seen.about}")
    if not seen.depth:
        if seen.about == LOCAL:
            yield Finding(what=what, word="All sent", kind="good")
        return
    known = f"{seen.depth:,} waiting, the oldest for {age_words(seen.value)}"
    if not seen.is_wrong:
        yield Finding(what=what, word="Being sent", kind="wait", known=known)
        return
    cause = "The relay or the courier has stopped, or the server it sends to does not answer. Nothing is lost."
    yield Finding(what=what, word="Held up", kind="bad", known=known, cause=cause, cure="alongside doctor")


def _retried(number: int) -> Finding:
    if not number:
        return Finding(what="Tried again", word="None", kind="good")
    cause = "They failed once and will be tried again; nobody has to do anything. After the last try they are parked."
    return Finding(what="Tried again", word="Waiting", kind="wait", known=counted(number, "message"), cause=cause)


def _mark(seen: Seen) -> Iterator[Finding]:
    what = f"Heard from {seen.about}"
    known = f"everything up to {age_words(seen.value)} ago"
    if not seen.is_wrong:
        yield Finding(what=what, word="Up to date", kind="good", known=known)
        return
    cause = (
        f"{seen.about} reports each minute what it has sent, and no mark that counts has come for two minutes: its "
        "relay or our worker has stopped, or something that it sent is missing here."
    )
    yield Finding(what=what, word="Behind", kind="bad", known=known, cause=cause, cure="alongside doctor")


def _worker(seen: Seen) -> Iterator[Finding]:
    if not seen.is_wrong:
        yield Finding(what="Worker", word="Running", kind="good")
        return
    cause = (
        "A worker notes each half minute that it works, and some kind of work has noted nothing for two minutes. "
        "What people record is kept, and carried on when the worker is back."
    )
    known = f"silent for {age_words(seen.value)}"
    yield Finding(what="Worker", word="Silent", kind="bad", known=known, cause=cause, cure="alongside doctor")


def _parts(seen: Seen) -> Iterator[Finding]:
    if seen.is_wrong:
        cause = "A part of the worker cannot work until somebody mends what its log names. Its neighbours go on."
        yield Finding(
            what="Parts of the worker", word="Down", kind="bad", known=seen.about, cause=cause, cure="alongside doctor"
        )


def _failed(seen: Seen) -> Iterator[Finding]:
    if seen.is_wrong:
        known = f"{int(seen.value):,} failed within the last day"
        cause = "They could not be finished, whatever was tried. Each says on its own page how far it came, and why."
        what = _FAILED_WORDS.get(seen.about, seen.about.capitalize())
        cure = "Ask whoever began it to read the reason, mend what it names and send it again."
        yield Finding(what=what, word="Failed", kind="bad", known=known, cause=cause, cure=cure)


_LOG_WORDS = {"heads": "Not signed in time", "waiting": "Entries wait for their place"}


def _overdue(seen: Seen) -> Iterator[Finding]:
    if seen.is_wrong and seen.about == "witnesses":
        cause = (
            "Board or custodian confirms each day that the audit log goes on from what it saw. One has not, or refuses."
        )
        cure = "Look with: alongside audit witnesses. It says which of them, and what it said."
        yield Finding(what="Witnesses of the audit log", word="Late", kind="bad", cause=cause, cure=cure)
    elif seen.is_wrong and seen.about in _LOG_WORDS:
        cause = "The job that keeps it does not work, or it is not what was signed before; the worker's log says which."
        yield Finding(what="Audit log", word=_LOG_WORDS[seen.about], kind="bad", cause=cause, cure="alongside doctor")
    elif seen.is_wrong:
        known = f"{int(seen.value):,} not read for too long, or only a person can mend them"
        cause = "Each says on its own page when it was read last, and what is wrong."
        cure = "Ask the host's data lead to look at the page Sources, and do what it names."
        yield Finding(what=_FAILED_WORDS[seen.about], word="Overdue", kind="bad", known=known, cause=cause, cure=cure)


def _pending(seen: Seen) -> Iterator[Finding]:
    if seen.is_wrong:
        cause = "The database lacks a step that this version needs next. Everything works until the next upgrade."
        yield Finding(
            what="Upgrade", word="Not finished", kind="bad", known=seen.about, cause=cause, cure="alongside migrate up"
        )


def _certificate(seen: Seen) -> Iterator[Finding]:
    what = f"Certificate: {seen.about}"
    cure = "Replace the file; no restart is needed. See: rotate keys and certificates."
    if seen.value == float("-inf"):
        cause = "The file is missing, or is not a certificate."
        yield Finding(what=what, word="Unreadable", kind="bad", cause=cause, cure=cure)
    elif seen.value <= 0:
        yield Finding(what=what, word="Ended", kind="bad", cause="Connections with it are refused.", cure=cure)
    elif seen.is_wrong:
        known = f"ends in {age_words(seen.value)}"
        cause = "It ends within two weeks."
        yield Finding(what=what, word="Ends soon", kind="bad", known=known, cause=cause, cure=cure)
    else:
        yield Finding(what=what, word="Good", kind="good", known=f"ends in {age_words(seen.value)}")


_WORDS: Mapping[Fact, Callable[[Seen], Iterator[Finding]]] = {
    Fact.DATABASE_AWAY: _database,
    Fact.OUTBOX_OLD: _outgoing,
    Fact.MARK_OLD: _mark,
    Fact.WORKER_SILENT: _worker,
    Fact.PART_DOWN: _parts,
    Fact.FAILED: _failed,
    Fact.OVERDUE: _overdue,
    Fact.UPGRADE_PENDING: _pending,
    Fact.CERTIFICATE_ENDING: _certificate,
}
