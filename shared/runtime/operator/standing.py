"""How the services of one process stand, each finding with its cause and its cure.

The rules are those of ``alongside doctor`` and of the alerts (deploy/observability/alerts.yaml), so that page,
command and alert agree. Limit: of other tenants, and of other processes' pids, nothing is known here.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import amqp
from pymongo.errors import PyMongoError

from shared.bus.connection import CONNECTION_ERRORS
from shared.bus.topology import Topology
from shared.contracts.registry import LOCAL
from shared.kernel.tenancy import TenantId
from shared.runtime import measures
from shared.runtime.context import ServiceContext
from shared.runtime.silence import OLD_ROW_S, SILENT_S
from shared.web.pages.words import age_words, counted

Kind = Literal["good", "wait", "bad"]
Checks = Mapping[str, Callable[[], bool]]

CERTIFICATE_SOON_S = 14 * 86_400.0

_ROUTE_WORDS: Mapping[str, str] = {
    LOCAL: "Facts for its own services",
    "board": "Messages to the project board",
    "custodian": "Messages to the custodian",
    "hosts": "Notices to all hosts",
    "host": "Answers to single hosts",
}


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

    def __init__(
        self, tenant: TenantId, contexts: Mapping[str, ServiceContext], topology: Topology, ready: Checks
    ) -> None:
        """Take the services' contexts and the checks of /readyz."""
        self._tenant = tenant
        self._contexts = contexts
        self._topology = topology
        self._ready = ready
        self._began = time.monotonic()

    def look(self) -> list[ServiceStanding]:
        """Look at everything once; what cannot be asked is a finding, never an error."""
        broker, depths = self._ask_broker()
        standings = [ServiceStanding(service="message broker", findings=(broker,))]
        for service, context in self._contexts.items():
            findings = [self._database(service)]
            if findings[0].kind == "good":
                try:
                    findings += self._of_database(context)
                except PyMongoError:
                    findings = [self._away(service)]
            if depths is not None and service in depths.parked:
                findings += [self._parked(depths.parked[service]), _retried(depths.retry[service])]
            findings += [_certificate(name, left_s) for name, left_s in measures.certificates(context).items()]
            standings.append(ServiceStanding(service=service, findings=tuple(findings)))
        return standings

    def _ask_broker(self) -> tuple[Finding, measures.QueueDepths | None]:
        uri = next(iter(self._contexts.values())).settings.amqp_uri
        what = "Messages without a queue"
        try:
            depths = measures.queue_depths(uri, self._topology, self._contexts)
        except amqp.exceptions.NotFound:
            cause = "A queue that this version needs is missing."
            return Finding(what="Queues", word="Missing", kind="bad", cause=cause, cure="alongside up"), None
        except CONNECTION_ERRORS:
            cause = "The broker does not answer. People can go on working: what they record is kept and sent later."
            return Finding(what="Connection", word="No answer", kind="bad", cause=cause, cure="alongside doctor"), None
        if depths.unrouted:
            known = counted(depths.unrouted, "message")
            cause = "No service of this version reads messages of this kind. They are kept."
            return Finding(what=what, word="Waiting", kind="bad", known=known, cause=cause, cure="alongside up"), depths
        return Finding(what=what, word="None", kind="good"), depths

    def _database(self, service: str) -> Finding:
        if self._ready[f"database-{service}"]():
            return Finding(what="Database", word="Ready", kind="good")
        return self._away(service)

    def _away(self, service: str) -> Finding:
        cause = (
            f"The database of {service} does not answer, or belongs to another tenant. Until it does, requests are "
            "refused."
        )
        return Finding(what="Database", word="No answer", kind="bad", cause=cause, cure="alongside doctor")

    def _of_database(self, context: ServiceContext) -> Iterator[Finding]:
        for found in measures.outgoing(context):
            if found.depth or found.route == LOCAL:
                yield _outgoing(found)
        up_s = time.monotonic() - self._began
        for source, age_s in measures.mark_ages(context, self._topology, up_s=up_s).items():
            yield _mark(source, age_s)

    def _parked(self, number: int) -> Finding:
        if not number:
            return Finding(what="Parked messages", word="None", kind="good")
        cause = "They failed each time they were tried. Nothing is lost, but somebody must decide what to do with them."
        cure = f"alongside parked list --tenant {self._tenant}"
        known = counted(number, "message")
        return Finding(what="Parked messages", word="Need a person", kind="bad", known=known, cause=cause, cure=cure)


def troubled(standings: list[ServiceStanding]) -> int:
    """Count the findings that somebody must mend."""
    return sum(finding.kind == "bad" for standing in standings for finding in standing.findings)


def _outgoing(found: measures.Outgoing) -> Finding:
    what = _ROUTE_WORDS.get(found.route, f"Route {found.route}")
    if not found.depth:
        return Finding(what=what, word="All sent", kind="good")
    known = f"{found.depth:,} waiting, the oldest for {age_words(found.age_s)}"
    if found.age_s <= OLD_ROW_S:
        return Finding(what=what, word="Being sent", kind="wait", known=known)
    cause = "The relay or the courier has stopped, or the server it sends to does not answer. Nothing is lost."
    return Finding(what=what, word="Held up", kind="bad", known=known, cause=cause, cure="alongside doctor")


def _retried(number: int) -> Finding:
    if not number:
        return Finding(what="Tried again", word="None", kind="good")
    cause = "They failed once and will be tried again; nobody has to do anything. After the last try they are parked."
    return Finding(what="Tried again", word="Waiting", kind="wait", known=counted(number, "message"), cause=cause)


def _mark(source: str, age_s: float) -> Finding:
    what = f"Heard from {source}"
    known = f"everything up to {age_words(age_s)} ago"
    if age_s <= SILENT_S:
        return Finding(what=what, word="Up to date", kind="good", known=known)
    cause = (
        f"{source} reports each minute what it has sent, and no mark that counts has come for two minutes: its relay "
        "or our worker has stopped, or something that it sent is missing here."
    )
    return Finding(what=what, word="Behind", kind="bad", known=known, cause=cause, cure="alongside doctor")


def _certificate(name: str, left_s: float | None) -> Finding:
    what = f"Certificate: {name}"
    cure = "Replace the file; no restart is needed. See: rotate keys and certificates."
    if left_s is None:
        return Finding(
            what=what, word="Unreadable", kind="bad", cause="The file is missing, or is not a certificate.", cure=cure
        )
    if left_s <= 0:
        return Finding(what=what, word="Ended", kind="bad", cause="Connections with it are refused.", cure=cure)
    known = f"ends in {age_words(left_s)}"
    if left_s < CERTIFICATE_SOON_S:
        return Finding(
            what=what, word="Ends soon", kind="bad", known=known, cause="It ends within two weeks.", cure=cure
        )
    return Finding(what=what, word="Good", kind="good", known=known)
