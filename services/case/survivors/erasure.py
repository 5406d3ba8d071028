"""The job that goes on with erasures of survivors' keys where they stand, whoever began them.

An erasure begins with ``SurvivorKeys.forget``: from that moment the key is gone for every process. This job tells the
host's services of it, so that whoever keeps something of that survivor lets it go
(docs/decisions/0038-events-for-integrators.md), and then replaces the tenant key, so that copies of the deleted row in
backups and logs open no more. A kill at any point is resumed here; one step after another is taken, so being told to
stop waits for one step at most.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial

from shared.contracts.case import SurvivorErased
from shared.keys.key_table import ErasureStep, KeyTable
from shared.keys.rotation import SETTLE_S, KeyErasure
from shared.outbox.commands import Answer, Command
from shared.outbox.unit_of_work import UnitOfWork
from shared.runtime.context import ServiceContext
from shared.telemetry.logs import get_logger
from shared.telemetry.metric_names import ERASURE_AGE, ERASURE_STEP
from shared.telemetry.metrics import counter, gauge

_CHUNK = 100

log = get_logger(__name__)


class ErasureJob:
    """Completes one tenant's erasures."""

    def __init__(
        self, context: ServiceContext, *, wait: Callable[[float], None] = time.sleep, settle_s: float = SETTLE_S
    ) -> None:
        """Take the case service's context; ``wait`` and ``settle_s`` as in ``KeyErasure``."""
        self._context = context
        self._table = KeyTable(context.keys_database)
        self._wait = wait
        self._settle_s = settle_s
        self._seen_at: float | None = None

    def run(self) -> None:
        """Take every step that is left; nothing happens while nobody waits to be erased.

        Raises:
            TemporarilyUnavailableError: Escrow or the key does not answer; the next run goes on from here.
            OldRowsRemainError: A process still writes with the old key.
        """
        state = self._table.state()
        if state is None or (state.step is ErasureStep.IDLE and not self._table.open_erasures(1)):
            self._seen_at = None
            gauge(ERASURE_AGE).set(0.0)
            return
        # As long as this process has seen it: the table holds no time, which would say when a person asked.
        self._seen_at = self._seen_at or time.monotonic()
        erasure = KeyErasure(
            self._context.keys_database,
            self._context.tenant_key,
            self._context.escrow,
            wait=self._wait,
            settle_s=self._settle_s,
        )
        while True:
            begun = self._table.state()
            if begun is not None and begun.step is ErasureStep.BEGUN:
                # Now it is known who is among them; whoever was killed here tells of them once more.
                self._tell(begun.survivor_ids)
            gauge(ERASURE_AGE).set(time.monotonic() - self._seen_at)
            after = erasure.step()
            counter(ERASURE_STEP).add(1, step=after.step.value)
            log.info("erasure went on", step=after.step.value, generation=after.generation)
            if after.step is ErasureStep.IDLE:
                return

    def _tell(self, survivor_ids: Sequence[str]) -> None:
        for first in range(0, len(survivor_ids), _CHUNK):
            run = partial(state_erased, survivor_ids[first : first + _CHUNK])
            self._context.committer.execute(Command(run=run))


def state_erased(survivor_ids: Sequence[str], work: UnitOfWork) -> Answer:
    """Tell the host's services who was erased; to hear it twice does no harm."""
    for survivor_id in survivor_ids:
        work.record(SurvivorErased(survivor_id=survivor_id), sequence=1)
    return Answer(status=200)
