"""The job that reads the log from where it stopped and raises what is unusual.

Promise: each place of the log is judged once by each pass, whoever is killed and however many look at once: findings
and the place from which to read on are written in one transaction. What cannot be understood is counted and stops
nobody else's. Shown by tests/integration/audit/test_unusual.py.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial

from pymongo.errors import PyMongoError

from services.audit.unusual.documents import PASS, PASSES, FindingStore
from services.audit.unusual.finding import OFFICER, Finding
from services.audit.unusual.reading import LogReader, Stretch
from services.audit.unusual.rules import (
    AFTER_THE_END,
    AT_ONCE,
    DAY,
    WORK_AFTER,
    Seen,
    fresh,
    is_after_the_end,
    is_not_known,
    may_be_after_the_end,
)
from shared.kernel.ids import new_id
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger

log = get_logger(__name__)

NOW, LATER = "now", "later"
"""The two passes: what needs nothing of what is done later, and what does."""
PASS_NAMES = (NOW, LATER)
MOST_STRETCHES = 20
"""Of one run of one pass; the next goes on. A stretch has 2,000 entries at most, or one batch."""
SHOWN_EVERY = timedelta(minutes=10)
"""How often a pass that finds nothing new to read says that it looked."""

Raised = dict[tuple[str, str], list[Seen]]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """What a pass found in one stretch; of a look at the log's end nothing.

    Attributes:
        end: The place from which the pass reads on.
        raised: What fits which rule, by person and rule.
        missed: How many entries could not be judged.
    """

    end: int
    entries: tuple[Seen, ...] = ()
    raised: Raised = field(default_factory=dict)
    missed: int = 0


class Looking:
    """Both passes over one tenant's log."""

    def __init__(self, context: ServiceContext) -> None:
        """Take audit's context."""
        self._context = context
        self._reader = LogReader(context.client[context.database_name])

    def run(self) -> int:
        """Read on with both passes; give how many entries were judged."""
        return sum(self._read_on(name) for name in PASS_NAMES)

    def _read_on(self, name: str) -> int:
        judged = 0
        for _ in range(MOST_STRETCHES):
            begun = self._reader.place_of_pass(name)
            stretch = self._reader.stretch(begun)
            if stretch is None or (name == LATER and not self._is_old(stretch)):
                self._note_look(name, begun)
                return judged
            if not self._kept(name, begun, self._judge(name, stretch)):
                # Another process was faster; it reads on.
                return judged
            judged += len(stretch.entries)
        return judged

    def _is_old(self, stretch: Stretch) -> bool:
        """Whether what might explain a look in it has been heard."""
        return stretch.newest is None or stretch.newest <= self._context.clock.now() - WORK_AFTER - DAY

    def _note_look(self, name: str, begun: int) -> None:
        now, said = self._context.clock.now(), self._reader.pass_of(name)
        # Also a clock that was put back: what it said last lies ahead then.
        if said["looked_at"] is None or abs(now - said["looked_at"]) >= SHOWN_EVERY:
            self._kept(name, begun, Judged(end=begun))

    def _kept(self, name: str, begun: int, judged: Judged) -> bool:
        run = partial(_keep, name, begun, judged)
        answer = self._context.committer.execute(Command(run=run, aggregates=frozenset({name})))
        return bool(answer.ids["kept"])

    def _judge(self, name: str, stretch: Stretch) -> Judged:
        raised: Raised = {}
        missed = stretch.not_understood
        for actor_id, entries in stretch.by_actor().items():
            try:
                found = self._at_once(actor_id, entries) if name == NOW else self._later(entries)
            except PyMongoError:
                # Of the database, which passes: what was skipped now would never be judged.
                raise
            except Exception as error:  # noqa: BLE001  Whatever is wrong with one person's, everybody else's is judged.
                missed += len(entries)
                log.error("entries cannot be judged", step=name, error_class=type(error).__name__)  # noqa: TRY400
                continue
            raised.update({(actor_id, rule): fits for rule, fits in found.items() if fits})
        return Judged(end=stretch.end, entries=stretch.entries, raised=raised, missed=missed)

    def _at_once(self, actor_id: str, entries: Sequence[Seen]) -> Mapping[str, list[Seen]]:
        if not any(one.by_a_person for one in entries):
            return {}
        around = self._reader.around(actor_id, entries)
        new, bounds = frozenset(one.id for one in entries), self._reader.bounds()
        return {rule: fresh(rule, around, new, bounds) for rule in AT_ONCE}

    def _later(self, entries: Sequence[Seen]) -> Mapping[str, list[Seen]]:
        fits = [
            one for one in entries if may_be_after_the_end(one) and is_after_the_end(one, self._reader.worked_at(one))
        ]
        return {AFTER_THE_END: sorted(fits, key=lambda one: one.at)}


def _keep(name: str, begun: int, judged: Judged, work: UnitOfWork) -> Answer:
    known = work.find(PASSES, name) or {"_id": name}
    said = PASS.values(known)
    if said["next"] != begun:
        return Answer(status=200, ids={"kept": False})
    _raise(work, judged.raised)
    FindingStore(work).note_officers({one.actor_id for one in judged.entries if one.role == OFFICER})
    counted = {
        "not_known": said["not_known"] + sum(map(is_not_known, judged.entries)),
        "not_understood": said["not_understood"] + judged.missed,
    }
    work.save(PASSES, PASS.changed(known, next=judged.end, looked_at=work.now, **counted))
    return Answer(status=200, ids={"kept": True})


def _raise(work: UnitOfWork, raised: Mapping[tuple[str, str], list[Seen]]) -> None:
    store = FindingStore(work)
    for (actor_id, rule), entries in raised.items():
        known = store.of(actor_id, rule)
        if known is None:
            store.add(Finding.raised(new_id(), rule, entries, work.now))
        else:
            store.save(known.grown(entries, work.now))
