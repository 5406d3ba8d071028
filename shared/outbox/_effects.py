"""The effect of messages: one transaction of inbox rows, handlers, outbox rows and the stream's progress.

Shown by tests/kernel/test_inbox.py.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pymongo import MongoClient

from shared.bus.subscriptions import Subscription
from shared.contracts.marks import Mark
from shared.kernel.clock import Now, real_now
from shared.kernel.messages import AuditIntent, Received
from shared.kernel.streams import from_document, to_document
from shared.kernel.tenancy import TenantId
from shared.outbox._intake import Item
from shared.outbox._measuring import COMMITTED, DUPLICATE
from shared.outbox._server_clock import ServerClock
from shared.outbox._transactions import transaction
from shared.outbox.hearings import Hearing
from shared.outbox.unit_of_work import Document, UnitOfWork
from shared.telemetry.traces import current_traceparent


class Effects:
    """Carries out what one service hears."""

    def __init__(
        self,
        *,
        client: MongoClient[Document],
        database: str,
        tenant_id: TenantId,
        service: str,
        hearings: Sequence[Hearing],
        now: Now,
    ) -> None:
        """Index the hearings by event type."""
        self._client = client
        self._database = client[database]
        self._tenant_id = tenant_id
        self._service = service
        self._hearings = {h.event.event_type: h for h in hearings}
        self._clock = ServerClock(client, now)

    def note_refusal(self, code: str) -> None:
        """Audit a message that was refused for a security reason."""
        with transaction(self._client) as session:
            work = self._work(session, traceparent=None)
            work.audit(self._intent("message", "refuse", code))
            work.flush()

    def forget(self, subscription: Subscription, number: int | None) -> None:
        """Commit and audit that a message which nobody can read was given up, with its number if it has one."""
        with transaction(self._client) as session:
            work = self._work(session, traceparent=current_traceparent())
            if number is not None:
                work.freed_numbers.append(number)
            self._progress(work, subscription, [], [])
            work.audit(self._intent("message", "discard", "DISCARDED"))
            work.flush()

    def commit(self, subscription: Subscription, items: Sequence[Item]) -> Counter[str]:
        """Carry messages out; give how many were committed, and how many were known."""
        marks = [item for item in items if isinstance(item.received.event, Mark)]
        facts = [item for item in items if not isinstance(item.received.event, Mark)]
        with transaction(self._client) as session:
            work = self._work(session, traceparent=current_traceparent())
            fresh = self._unknown(work, facts)
            self._handle(work, fresh)
            # A known message's number was counted when it was first committed.
            self._progress(work, subscription, fresh, marks)
            work.flush()
        return Counter({COMMITTED: len(fresh) + len(marks), DUPLICATE: len(facts) - len(fresh)})

    def _unknown(self, work: UnitOfWork, items: Sequence[Item]) -> list[Item]:
        """Drop what was handled before and what stands twice in the batch."""
        wanted = {item.inbox_id: item for item in items}
        found = self._database["inbox"].find({"_id": {"$in": list(wanted)}}, {"_id": 1}, session=work.session)
        known = {row["_id"] for row in found}
        return [item for key, item in wanted.items() if key not in known]

    def _handle(self, work: UnitOfWork, fresh: Sequence[Item]) -> None:
        self._preload(work, fresh)
        rows: list[Document] = []
        several_causes = len({item.received.traceparent for item in fresh}) > 1
        at = real_now()
        for item in fresh:
            work.caused_by(item.received.traceparent if several_causes else None)
            self._run(work, item)
            rows.append({"_id": item.inbox_id, "at": at})
        work.caused_by(None)
        if rows:
            self._database["inbox"].insert_many(rows, session=work.session)

    def _run(self, work: UnitOfWork, item: Item) -> None:
        if item.discard:
            work.audit(self._intent(item.received.event_id, "discard", "DISCARDED"))
            return
        hearing = self._hearings[item.received.event.event_type]
        if hearing.order == "latest" and not _is_newest(work, hearing, item.received):
            return
        hearing.handle(item.received, work)

    def _preload(self, work: UnitOfWork, fresh: Sequence[Item]) -> None:
        wanted: dict[str, list[str]] = {}
        for item in fresh:
            hearing = self._hearings.get(item.received.event.event_type)
            if hearing is None:
                continue
            if hearing.order == "latest":
                wanted.setdefault("latest", []).append(_latest_id(hearing, item.received))
            if hearing.preload is not None:
                for collection, document_id in hearing.preload(item.received.event):
                    wanted.setdefault(collection, []).append(document_id)
        for collection, ids in wanted.items():
            work.preload(collection, ids)

    def _progress(
        self, work: UnitOfWork, subscription: Subscription, committed: Sequence[Item], marks: Sequence[Item]
    ) -> None:
        if subscription.external:
            return  # Nobody outside the vhost numbers or marks what it sends here.
        numbers = [i.received.stream_n for i in committed if i.received.stream_n is not None]
        numbers += work.freed_numbers
        stored = work.find("streams", subscription.source)
        before = from_document(stored)
        progress = before.with_committed(numbers)
        for item in marks:
            if item.discard:
                work.audit(self._intent(item.received.event_id, "discard", "DISCARDED"))
                continue
            event = item.received.event
            ends = {end.consumer: end.last_stream_n for end in event.ends} if isinstance(event, Mark) else {}
            # A relay that does not know this consumer says nothing about its stream.
            if isinstance(event, Mark) and self._service in ends:
                progress = progress.with_mark(
                    event.through, ends[self._service], {a.source: a.through for a in event.applied}
                )
        if progress != before:
            work.save("streams", to_document(subscription.source, progress))

    def _work(self, session: Any, *, traceparent: str | None) -> UnitOfWork:
        return UnitOfWork(
            database=self._database,
            session=session,
            tenant_id=self._tenant_id,
            service=self._service,
            now=self._clock.now(),
            traceparent=traceparent,
        )

    def _intent(self, object_id: str, verb: str, outcome: str) -> AuditIntent:
        return AuditIntent(
            action=f"{self._service}:message:{verb}",
            actor_id="system",
            role="SYSTEM",
            object_id=object_id,
            outcome=outcome,
            at=self._clock.now(),
        )


def _latest_id(hearing: Hearing, received: Received[Any]) -> str:
    return f"{hearing.event.event_type}:{received.event.subject}"


def _is_newest(work: UnitOfWork, hearing: Hearing, received: Received[Any]) -> bool:
    key = _latest_id(hearing, received)
    stored = work.find("latest", key)
    if stored is not None and stored["sequence"] >= received.sequence:
        return False
    work.save("latest", {"_id": key, "sequence": received.sequence})
    return True
