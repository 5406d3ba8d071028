"""Completes erasures: replaces the tenant key, so that copies of deleted key rows open no more.

Each step is recorded when it is done and may be done twice, so a process killed anywhere goes on where
it was. Source: docs on decisions, "Keys": delete the row; write and fsync a new tenant key; switch by
compare-and-set; wait; re-wrap every old row; destroy the old key; replace the escrow copy.

Limit: deleting a key from an SSD is no physical proof; and what was opened before was seen.
"""

from collections.abc import Callable
from dataclasses import replace

from shared.kernel.errors import RuleViolationError
from shared.keys.escrow import EscrowSlot, escrow_version
from shared.keys.key_table import ErasureStep, KeysDatabase, KeyState, KeyTable
from shared.keys.survivor_keys import KeyTableOutdatedError
from shared.keys.tenant_key import RotatingKeyWrapper

SETTLE_S = 20.0
"""Longer than a cached key's life (5 s) plus the longest transaction (10 s)."""

ERASURES_AT_ONCE = 1000
REWRAP_ROWS = 500


class OldRowsRemainError(RuleViolationError):
    """The old tenant key still closes rows and may not be destroyed."""

    code = "old-key-rows-remain"

    def __init__(self, generation: int) -> None:
        """Name the generation that all rows must have."""
        super().__init__(
            f"Some key rows are still of a generation below {generation}; destroying the old tenant key "
            "would lose them. Find the process that still writes them with an old key file and stop it."
        )


class KeyErasure:
    """Runs one tenant's erasures, all that wait together; one process at a time is wanted, two are safe."""

    def __init__(
        self,
        database: KeysDatabase,
        wrapper: RotatingKeyWrapper,
        escrow: EscrowSlot,
        *,
        wait: Callable[[float], None],
        settle_s: float = SETTLE_S,
    ) -> None:
        """Take the tenant's key database, key and escrow slot.

        Args:
            database: ``as_<tenant>_keys``, prepared by ``KeyTable.prepare``.
            wrapper: The tenant key.
            escrow: Keeper of its one copy.
            wait: Waits so many seconds of real time, such as ``time.sleep``.
            settle_s: Seconds between switch and re-wrap; shorter only in tests without load.
        """
        self._table = KeyTable(database)
        self._wrapper = wrapper
        self._escrow = escrow
        self._wait = wait
        self._settle_s = settle_s
        self._after = {
            ErasureStep.IDLE: self._begin,
            ErasureStep.BEGUN: self._delete_rows,
            ErasureStep.ROWS_DELETED: self._prepare_key,
            ErasureStep.NEXT_PREPARED: self._switch,
            ErasureStep.SWITCHED: self._settle,
            ErasureStep.SETTLED: self._rewrap,
            ErasureStep.REWRAPPED: self._destroy,
            ErasureStep.OLD_DESTROYED: self._finish,
        }

    def run(self) -> KeyState:
        """Complete every waiting erasure; give the state, idle again.

        Raises:
            KeyTableOutdatedError: The key database was never prepared.
            TemporarilyUnavailableError: Escrow or the key does not answer; run again later.
            OldRowsRemainError: A process still writes with the old key.
        """
        while True:
            state = self.step()
            if state.step is ErasureStep.IDLE and not self._table.open_erasures(1):
                return state

    def step(self) -> KeyState:
        """Do the one step that is next and give the state after it; only settling takes long."""
        state = self._state()
        after = self._after[state.step](state)
        if after != state:
            self._table.advance(state, after)
        return self._state()

    def _begin(self, state: KeyState) -> KeyState:
        waiting = self._table.open_erasures(ERASURES_AT_ONCE)
        if not waiting:
            return state
        return replace(state, step=ErasureStep.BEGUN, target=state.generation + 1, survivor_ids=waiting)

    def _delete_rows(self, state: KeyState) -> KeyState:
        self._table.delete(state.survivor_ids)
        return replace(state, step=ErasureStep.ROWS_DELETED)

    def _prepare_key(self, state: KeyState) -> KeyState:
        self._wrapper.prepare_next(expected=state.generation)
        # Before anything is wrapped by it, the new key must survive the loss of this machine's disk.
        self._send_to_escrow(state, final=False)
        return replace(state, step=ErasureStep.NEXT_PREPARED)

    def _switch(self, state: KeyState) -> KeyState:
        self._wrapper.switch(expected=state.generation)
        return replace(state, step=ErasureStep.SWITCHED, generation=state.target)

    def _settle(self, state: KeyState) -> KeyState:
        # By this process's own waiting, not by stored times: after a kill it waits the whole time again.
        self._wait(self._settle_s)
        return replace(state, step=ErasureStep.SETTLED)

    def _rewrap(self, state: KeyState) -> KeyState:
        # Again: a transaction begun before the erasure may have made the person a key until now.
        self._table.delete(state.survivor_ids)
        while old := self._table.rows_below(state.target, REWRAP_ROWS):
            self._table.rewrap({id_: (row, self._wrapper.wrap(self._wrapper.unwrap(row))) for id_, row in old.items()})
        return replace(state, step=ErasureStep.REWRAPPED)

    def _destroy(self, state: KeyState) -> KeyState:
        if self._table.rows_below(state.target, 1):
            raise OldRowsRemainError(state.target)
        self._wrapper.destroy_before(state.target)
        return replace(state, step=ErasureStep.OLD_DESTROYED)

    def _finish(self, state: KeyState) -> KeyState:
        self._send_to_escrow(state, final=True)
        self._table.close_erasures(state.survivor_ids, state.target)
        return replace(state, step=ErasureStep.IDLE, survivor_ids=())

    def _send_to_escrow(self, state: KeyState, *, final: bool) -> None:
        version = escrow_version(state.target, final=final)
        self._escrow.replace(version=version, content=self._wrapper.escrow_copy())

    def _state(self) -> KeyState:
        state = self._table.state()
        if state is None:
            raise KeyTableOutdatedError(table=0, key=self._wrapper.generation)
        return state
