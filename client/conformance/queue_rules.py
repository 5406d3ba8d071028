"""What a reader of an event queue must do, seen from the broker: its program reads a queue that is made for the check.

Promise: every rule is tried, with the program started again and the queue emptied where one failed; each waits a
bounded time; when the check ends, program, queue and credential are gone.
Shown by tests/integration/integrations/test_queue_conformance.py.
"""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from typing import Any

from client.conformance.at_broker import SETTLED_S, CheckedQueue, checked_queue
from client.conformance.inventing import (
    ALL_TYPES,
    invent,
    of_unknown_type,
    of_unknown_version,
    older_news,
    repeated,
    with_unknown_fields,
)
from client.conformance.programs import Program
from client.conformance.rules import BATCH, Finding
from deploy.provision.outside import Broker
from deploy.provision.queues import CONNECTIONS

PATIENCE_S = 30.0
MOST_AT_ONCE = 1_000
"""As many as a queue holds; who asks for no number is given all at once."""


@dataclass(frozen=True, kw_only=True)
class QueueRule:
    """One rule: what comes or goes wrong; the reader passes if it has then acknowledged everything.

    Attributes:
        comes: Events that come.
        first: What happens to the program or its connection before they come, or while they do.
        also: What must be so besides, of how the broker sees the reader.
    """

    says: str
    mend: str
    comes: Callable[[], list[dict[str, Any]]] = lambda: [invent()]
    first: str | None = None
    also: Callable[[CheckedQueue], bool] | None = None


class _Check:
    """One check: the queue, the program, and how many events it has acknowledged as far as we know."""

    def __init__(self, queue: CheckedQueue, program: Program, patience_s: float) -> None:
        self._queue, self._program, self._patience_s = queue, program, patience_s
        self._taken = 0

    def begins(self) -> bool:
        """Start the program; whether it reads within our patience."""
        self._program.start()
        return self._until(lambda: bool(self._queue.consumers()))

    def judge(self, rule: QueueRule) -> Finding:
        """Try one rule."""
        if rule.also is not None:
            return self._finding(rule, passed=self._until(lambda: rule.also is not None and rule.also(self._queue)))
        events = rule.comes()
        # Where nothing could be cut, nothing was lost, and whoever then goes on has shown nothing.
        tried = rule.first != CUT or self._queue.cut()
        self._queue.publish(events)
        if rule.first == KILLED:
            self._program.kill()
            self._program.start()
        target = self._taken + len(events)
        passed = tried and self._until(lambda: self._queue.acknowledged() >= target)
        finding = self._finding(rule, passed=passed)
        if passed:
            self._taken = target
        else:
            self._begin_anew()
        return finding

    def _begin_anew(self) -> None:
        """Let the next rule be tried for itself."""
        self._program.kill()
        self._queue.until(lambda: not self._queue.consumers(), self._patience_s, lambda: True)
        self._queue.empty()
        # Whatever was counted late belongs to the rule that failed.
        self._queue.until(lambda: False, SETTLED_S, lambda: True)
        self._taken = self._queue.acknowledged()
        self.begins()

    def _until(self, holds: Callable[[], bool]) -> bool:
        return self._queue.until(holds, self._patience_s, self._program.runs)

    def _finding(self, rule: QueueRule, *, passed: bool) -> Finding:
        if passed:
            return Finding(rule=rule.says, passed=True)
        met = "the broker saw it otherwise" if self._program.runs() else "your program ended"
        return Finding(rule=rule.says, passed=False, met=met, mend=rule.mend)


def check_queue(
    command: str, broker: Broker, *, patience_s: float = PATIENCE_S, only: Collection[str] | None = None
) -> Iterator[Finding]:
    """Run a reader at a queue of its own and try every rule.

    Args:
        command: What starts it.
        broker: Of a stack on this machine.
        patience_s: For how long each rule waits.
        only: Rules by their sentence, beside the first; None for all.
    """
    with checked_queue(broker) as (queue, credential):
        program = Program(command, {"QUEUE_URL": credential.url, "QUEUE_NAME": credential.queue})
        check = _Check(queue, program, patience_s)
        try:
            reads = check.begins()
            yield (
                Finding(rule=_FIRST, passed=True)
                if reads
                else Finding(
                    rule=_FIRST,
                    passed=False,
                    met="nobody reads the queue" if program.runs() else "your program ended",
                    mend="Connect by QUEUE_URL and read QUEUE_NAME. Declare nothing: the credential may only read.",
                )
            )
            for rule in QUEUE_RULES if reads else ():
                if only is None or rule.says in only:
                    yield check.judge(rule)
        finally:
            program.kill()


def _acknowledges(queue: CheckedQueue) -> bool:
    return all(one["ack_required"] for one in queue.consumers())


def _asks_for_some(queue: CheckedQueue) -> bool:
    found = queue.consumers()
    return bool(found) and all(0 < int(one["prefetch_count"]) < MOST_AT_ONCE for one in found)


def _has_few_connections(queue: CheckedQueue) -> bool:
    return 0 < len(queue.connections()) < CONNECTIONS


def _asks_the_feed() -> list[dict[str, Any]]:
    left_out = invent(left_out=True)
    return [{**left_out, "data": {**left_out["data"], "reason": "ASK_THE_FEED"}}]


KILLED, CUT = "KILLED", "CUT"
_FIRST = "Connects, and reads without declaring anything"
QUEUE_RULES: tuple[QueueRule, ...] = (
    QueueRule(
        says="Acknowledges by itself what it has kept",
        mend="Read with acknowledgements (no auto-ack, no_ack=False), keep an event, then acknowledge it.",
        also=_acknowledges,
    ),
    QueueRule(
        says="Asks for a bounded number at a time",
        mend="Set a prefetch count, such as 20: without one the broker sends everything at once.",
        also=_asks_for_some,
    ),
    QueueRule(
        says=f"Takes {BATCH} events of every type",
        mend="Acknowledge each, when it is kept.",
        comes=lambda: [invent(ALL_TYPES[n % len(ALL_TYPES)], position=n + 1) for n in range(BATCH)],
    ),
    QueueRule(
        says="Acknowledges an event that it has already",
        mend="Acknowledge a message_id that you have, and give it no second effect.",
        comes=repeated,
    ),
    QueueRule(
        says="Acknowledges older news",
        mend="Of one subject the greater sequence is the newer; acknowledge, and keep what you have.",
        comes=older_news,
    ),
    QueueRule(
        says="Acknowledges a type that it does not know",
        mend="Acknowledge it and ignore it: new types come without a warning.",
        comes=lambda: [of_unknown_type()],
    ),
    QueueRule(
        says="Acknowledges a version that it does not know",
        mend="Acknowledge it and ignore it; the version that you know goes on beside it for a year.",
        comes=lambda: [of_unknown_version()],
    ),
    QueueRule(
        says="Acknowledges fields that it does not know",
        mend="Ignore fields that you do not know: they are added without a new version.",
        comes=lambda: [with_unknown_fields()],
    ),
    QueueRule(
        says="Acknowledges an event that may not be told any more",
        mend="alongside.integrations.left_out.v1 has neither subject nor sequence. Acknowledge it, do nothing.",
        comes=lambda: [invent(left_out=True)],
    ),
    QueueRule(
        says="Acknowledges the place of a yes",
        mend="At ASK_THE_FEED acknowledge, and ask GET /v1/events for that position when you need it.",
        comes=_asks_the_feed,
    ),
    QueueRule(
        says="Takes again what it had not acknowledged when it was killed",
        mend="Acknowledge only what is kept, and begin by reading: what was not acknowledged comes again.",
        comes=lambda: [invent(position=n + 1) for n in range(BATCH)],
        first=KILLED,
    ),
    QueueRule(
        says="Connects again after a lost connection",
        mend="Wait and connect again; never end at a lost connection.",
        first=CUT,
    ),
    QueueRule(
        says=f"Keeps within {CONNECTIONS} connections",
        mend="Open one connection, and close it before you open another.",
        also=_has_few_connections,
    ),
)
