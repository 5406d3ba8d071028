"""What a receiver of webhooks must do, one rule after the other, each with the sentence that says what to mend.

Promise: every rule is tried, whatever became of those before it; nothing is sent but invented events. Shown by
tests/unit/client/test_conformance.py, with receivers that break one rule each.
"""

from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from client.conformance.inventing import (
    ALL_TYPES,
    invent,
    of_unknown_type,
    of_unknown_version,
    with_unknown_fields,
)
from client.conformance.posting import Met, Receiver
from services.integrations.webhooks.signing import draw_key, signed_headers
from shared.kernel.ids import new_id
from shared.web.outbound.connecting import WHOLE_S

BATCH = 50
LONG_AGO = timedelta(minutes=10)
"""Twice what Standard Webhooks takes."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What became of one rule.

    Attributes:
        met: What was met instead, where it failed.
        mend: What to do then.
    """

    rule: str
    passed: bool
    met: str = ""
    mend: str = ""

    def row(self) -> dict[str, Any]:
        """Give it for programs."""
        return asdict(self)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One rule: what is sent, and whether it is to be taken (2xx) or refused (4xx)."""

    says: str
    mend: str
    sends: Callable[[Receiver], Iterator[Met]]
    refuse: bool = False

    def judge(self, receiver: Receiver, seen: list[Met]) -> Finding:
        """Try it; what was met is added to ``seen``."""
        for met in self.sends(receiver):
            seen.append(met)
            if not (met.refused if self.refuse else met.taken):
                return Finding(rule=self.says, passed=False, met=met.words, mend=self.mend)
        return Finding(rule=self.says, passed=True)


def check(receiver: Receiver) -> Iterator[Finding]:
    """Try every rule."""
    seen: list[Met] = []
    for rule in RULES:
        yield rule.judge(receiver, seen)
    slowest = max(met.took_s for met in seen)
    late = slowest >= WHOLE_S or any(met.status is None and "within" in met.why for met in seen)
    yield Finding(
        rule=_SOON,
        passed=not late,
        met=f"the slowest answer took {slowest:.1f} seconds" if late else "",
        mend="Keep the event, answer, and work afterwards." if late else "",
    )


_SOON = f"Answers within {WHOLE_S:g} seconds"


def _signed(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(invent())


def _rotated(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(invent(), keys=[draw_key(receiver.key.kind), receiver.key])


def _unsigned(receiver: Receiver) -> Iterator[Met]:
    yield receiver.post(_text(), {})


def _forged(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(invent(), keys=[draw_key(receiver.key.kind)])


def _altered(receiver: Receiver) -> Iterator[Met]:
    # Signed rightly, and then one byte more, which changes no JSON.
    body = _text()
    yield receiver.post(f"{body} ", signed_headers([receiver.key], new_id(), datetime.now(UTC), body))


def _expired(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(invent(), at=datetime.now(UTC) - LONG_AGO)


def _repeated(receiver: Receiver) -> Iterator[Met]:
    event = invent()
    for _ in range(3):
        yield receiver.send(event)


def _out_of_order(receiver: Receiver) -> Iterator[Met]:
    subject = new_id()
    for sequence in (3, 1, 2):
        yield receiver.send(invent(subject=subject, sequence=sequence, position=sequence))


def _unknown_type(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(of_unknown_type())


def _unknown_version(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(of_unknown_version())


def _unknown_fields(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(with_unknown_fields())


def _left_out(receiver: Receiver) -> Iterator[Met]:
    yield receiver.send(invent(left_out=True))


def _batch(receiver: Receiver) -> Iterator[Met]:
    for n in range(BATCH):
        yield receiver.send(invent(ALL_TYPES[n % len(ALL_TYPES)], position=n + 1))


def _text() -> str:
    return '{"specversion":"1.0","id":"invented","type":"alongside.case.invented_for_a_check.v1","data":{}}'


RULES: tuple[Rule, ...] = (
    Rule(
        says="Takes an event that is rightly signed",
        mend="Verify with the secret of this check (WEBHOOK_SECRET), over the bytes as they came; answer 2xx.",
        sends=_signed,
    ),
    Rule(
        says="Takes an event that bears a second signature",
        mend="While a key is changed there are two signatures, with a space between. One that fits is enough.",
        sends=_rotated,
    ),
    Rule(
        says="Refuses an event without a signature",
        mend="Verify the signature before anything else, and answer 400 where it is missing.",
        sends=_unsigned,
        refuse=True,
    ),
    Rule(
        says="Refuses an event that somebody else signed",
        mend="Compare the signature, and answer 400 where none fits. Anybody can send you anything.",
        sends=_forged,
        refuse=True,
    ),
    Rule(
        says="Refuses an event that was altered on its way",
        mend="Verify the bytes as they came, not what a JSON reader makes of them.",
        sends=_altered,
        refuse=True,
    ),
    Rule(
        says="Refuses an event that was signed ten minutes ago",
        mend="Answer 400 where webhook-timestamp is more than five minutes away from your clock.",
        sends=_expired,
        refuse=True,
    ),
    Rule(
        says="Answers 2xx to an event that it has already",
        mend="Answer 2xx to a webhook-id that you have, and give it no second effect.",
        sends=_repeated,
    ),
    Rule(
        says="Answers 2xx to older news after newer",
        mend="Take it and keep what you have: of one subject the greater sequence is the newer.",
        sends=_out_of_order,
    ),
    Rule(
        says="Answers 2xx to a type that it does not know",
        mend="Take it and ignore it: new types come without a warning.",
        sends=_unknown_type,
    ),
    Rule(
        says="Answers 2xx to a version that it does not know",
        mend="Take it and ignore it; the version that you know goes on beside it for a year.",
        sends=_unknown_version,
    ),
    Rule(
        says="Answers 2xx to fields that it does not know",
        mend="Ignore fields that you do not know: they are added without a new version.",
        sends=_unknown_fields,
    ),
    Rule(
        says="Answers 2xx to an event that may not be told any more",
        mend="alongside.integrations.left_out.v1 has neither subject nor sequence. Take it, do nothing.",
        sends=_left_out,
    ),
    Rule(
        says=f"Takes {BATCH} events one after the other, of every type",
        mend="Answer 2xx to each: keep it first, then answer, then work.",
        sends=_batch,
    ),
)
