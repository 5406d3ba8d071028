"""What a consumer of the feed must do, seen from outside: its program runs against a stand-in of a host.

Promise: every rule is tried, with the program started again where it has ended; each waits a bounded time; when the
check ends, the program is ended. Shown by tests/unit/client/test_feed_conformance.py.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

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
from client.conformance.serving import serving
from client.conformance.stand_in import Seen, StandIn

PATIENCE_S = 30.0


@dataclass(frozen=True, kw_only=True)
class FeedRule:
    """One rule: what comes or goes wrong; the consumer passes if it has then taken everything.

    Attributes:
        comes: Events that come.
        fault: What its next reading meets, before they come.
        also: What must be so besides, of what was seen before and after.
    """

    says: str
    mend: str
    comes: Callable[[], list[dict[str, Any]]] = lambda: [invent()]
    fault: str | None = None
    kills: bool = False
    also: Callable[[Seen, Seen], bool] = lambda _before, _after: True


def check_feed(command: str, *, patience_s: float = PATIENCE_S) -> Iterator[Finding]:
    """Run a consumer against a stand-in and try every rule."""
    feed = StandIn()
    with serving(feed) as url:
        by = {
            "ALONGSIDE_URL": url,
            "ALONGSIDE_CLIENT_ID": feed.client_id,
            "ALONGSIDE_CLIENT_SECRET": feed.client_secret,
        }
        program = Program(command, by)
        try:
            program.start()
            came = feed.until(lambda seen: seen.reads > 0, patience_s, program.runs)
            yield _finding(_FIRST, program, passed=came, taken=False)
            for rule in FEED_RULES if came else ():
                yield _judge(rule, feed, program, patience_s)
            if came:
                yield _finding(_NEVER_TOO_FAR, program, passed=not feed.seen.too_far, taken=True)
        finally:
            program.kill()


def _judge(rule: FeedRule, feed: StandIn, program: Program, patience_s: float) -> Finding:
    program.start()
    before = Seen(**{**vars(feed.seen), "read_after": list(feed.seen.read_after)})
    if rule.kills:
        program.kill()
    if rule.fault is not None:
        feed.plant(rule.fault)
    feed.add(rule.comes())
    program.start()
    target = feed.head
    taken = feed.until(lambda seen: seen.reached >= target, patience_s, program.runs)
    finding = _finding(rule, program, passed=taken and rule.also(before, feed.seen), taken=taken)
    feed.clear()
    if not taken:
        # So that the rules after it are tried for themselves.
        feed.replace(feed.seen.reached, invent())
        program.start()
        feed.until(lambda seen: seen.reached >= target, patience_s, program.runs)
    return finding


def _finding(rule: FeedRule, program: Program, *, passed: bool, taken: bool) -> Finding:
    if passed:
        return Finding(rule=rule.says, passed=True)
    stood = "it did otherwise" if taken else "it stood still for too long"
    return Finding(rule=rule.says, passed=False, met=stood if program.runs() else "your program ended", mend=rule.mend)


_FIRST = FeedRule(
    says="Signs in with its key and reads",
    mend="POST /v1/token with ALONGSIDE_CLIENT_ID and ALONGSIDE_CLIENT_SECRET, then GET ALONGSIDE_URL/v1/events.",
)
_NEVER_TOO_FAR = FeedRule(
    says="Acknowledges nothing that it was not given",
    mend="Acknowledge next of the page that you have taken, and no later position.",
)
FEED_RULES: tuple[FeedRule, ...] = (
    FeedRule(
        says=f"Takes {BATCH} events of every type and reads on after them",
        mend="Read on with after=next of the page, when all of it is taken.",
        comes=lambda: [invent(ALL_TYPES[n % len(ALL_TYPES)]) for n in range(BATCH)],
    ),
    FeedRule(
        says="Reads on after an event that it has already",
        mend="Drop what has a source and id that you have.",
        comes=repeated,
    ),
    FeedRule(
        says="Reads on after older news",
        mend="Of one subject the greater sequence is the newer; keep what you have.",
        comes=older_news,
    ),
    FeedRule(
        says="Reads on after a type that it does not know",
        mend="Pass over it: new types come without a warning.",
        comes=lambda: [of_unknown_type()],
    ),
    FeedRule(
        says="Reads on after a version that it does not know",
        mend="Pass over it; the version that you know goes on beside it for a year.",
        comes=lambda: [of_unknown_version()],
    ),
    FeedRule(
        says="Reads on after fields that it does not know",
        mend="Ignore fields that you do not know.",
        comes=lambda: [with_unknown_fields()],
    ),
    FeedRule(
        says="Reads on after an event that may not be told any more",
        mend="alongside.integrations.left_out.v1 has neither subject nor sequence. Pass over it.",
        comes=lambda: [invent(left_out=True)],
    ),
    FeedRule(
        says="Comes again after 503",
        mend="Wait and ask again; never end at an answer of 500 or more.",
        fault="503",
    ),
    FeedRule(
        says="Comes again after a lost connection",
        mend="Wait and ask again after the same position.",
        fault="LOST",
    ),
    FeedRule(
        says="Signs in again when its token has ended",
        mend="At 401 get a new token and ask again.",
        fault="401",
        also=lambda before, after: after.sign_ins > before.sign_ins,
    ),
    FeedRule(
        says="Takes a snapshot when it is too far behind",
        mend="At 410 take GET /v1/events/snapshot and read on after its position.",
        fault="410",
        also=lambda before, after: after.snapshots > before.snapshots,
    ),
    FeedRule(
        says="Waits as it is told where no place is free",
        mend="Where waited is false, come again after Retry-After seconds.",
        fault="BUSY",
        also=lambda before, after: after.pauses > before.pauses and not after.rushed,
    ),
    FeedRule(
        says="Reads on where it was after it was killed",
        mend="Keep the position with what it led to, in one transaction, and begin there.",
        kills=True,
        also=lambda before, after: min(after.read_after[len(before.read_after) :], default=0) >= before.reached,
    ),
)
