"""One data key for each survivor; without it, nothing that was sealed for the person opens again.

Make keys *before* the business transaction (``session=None``): each row stands at once, two processes
that make the same key agree on one, and a transaction that fails leaves only an unused key. Inside the
caller's transaction is safe too, but two first writers of one survivor conflict there and run again,
and such keys are not cached, since the transaction may yet abort. Neither way writes a document that
two survivors share: a switch of the tenant key meanwhile is noticed by reading after the insert.

Limit: a transaction that makes a key at the very moment of the person's erasure does not see it; such a
key opens for some 20 s more, until the erasure deletes it with its re-wrapping. A key stays usable in a
process for at most ``cache_s`` after it was read; Python cannot wipe it.
"""

import secrets
from collections.abc import Callable, Collection, Iterable

from shared.kernel.clock import boot_seconds
from shared.kernel.errors import NotFoundError, TemporarilyUnavailableError
from shared.keys.escrow import FileEscrowSlot, generation_of
from shared.keys.key_cache import KeyCache
from shared.keys.key_file import KEY_BYTES
from shared.keys.key_table import ErasureStep, KeysDatabase, KeysSession, KeyTable
from shared.keys.tenant_key import KeyWrapper, UnknownGenerationError, WrappedKey

CACHED_KEY_LIFE_S = 5.0


class KeyDestroyedError(NotFoundError):
    """These survivors have no key: it was destroyed by an erasure, or never made."""

    code = "key-destroyed"

    def __init__(self, survivor_ids: Iterable[str]) -> None:
        """Keep the random ids."""
        self.survivor_ids = tuple(sorted(survivor_ids))
        super().__init__(
            f"No data key for {', '.join(self.survivor_ids)}: erased, or never registered. What the key "
            "closed cannot be read again; skip and count these records."
        )


class KeyTableOutdatedError(TemporarilyUnavailableError):
    """Key table and tenant key are not of the same time; one was restored alone."""

    code = "key-table-outdated"

    def __init__(self, *, table: int, key: int, escrow: int = 0) -> None:
        """Keep the generations; a table that was never prepared has 0, and so has an empty escrow slot."""
        if escrow > max(table, key):
            what = f"the escrow slot holds generation {escrow}: key table and key file are old copies. Restore both"
        else:
            older = "table" if table < key else "file"
            what = f"the key {older} is an old copy. Restore the newest key {older}"
        super().__init__(
            f"The key table stands at generation {table}, the tenant key at {key}; {what}, and start again. "
            "An older one would bring erased people's keys back. See docs/runbooks/keys-outdated.md."
        )
        self.table = table
        self.key = key


def verify_key_table(database: KeysDatabase, wrapper: KeyWrapper, *, escrow: FileEscrowSlot | None = None) -> None:
    """Refuse to work with a key table or key file restored from before an erasure; run at start.

    Args:
        database: ``as_<tenant>_keys``.
        wrapper: The tenant key.
        escrow: Where it can be asked, the slot that knows how far erasures have gone.

    Raises:
        KeyTableOutdatedError: Their generations differ and no running erasure explains it.
    """
    state = KeyTable(database).state()
    if state is None:
        raise KeyTableOutdatedError(table=0, key=wrapper.generation)
    between = state.step is ErasureStep.NEXT_PREPARED and wrapper.generation == state.target
    if wrapper.generation != state.generation and not between:
        raise KeyTableOutdatedError(table=state.generation, key=wrapper.generation)
    held = generation_of(escrow.version()) if escrow is not None else 0
    # An erasure sends the next generation to escrow before it notes that it did; target is that generation.
    if held > state.target:
        raise KeyTableOutdatedError(table=state.generation, key=wrapper.generation, escrow=held)


class SurvivorKeys:
    """Data keys of one tenant's survivors, 32 bytes each; safe for threads and greenlets."""

    def __init__(
        self,
        database: KeysDatabase,
        wrapper: KeyWrapper,
        *,
        cache_s: float = CACHED_KEY_LIFE_S,
        clock: Callable[[], float] = boot_seconds,
    ) -> None:
        """Take the key database and the tenant key.

        Args:
            database: ``as_<tenant>_keys``, prepared by ``KeyTable.prepare``.
            wrapper: The tenant key.
            cache_s: Seconds a key may be used after it was read, 0 to 5; an erasure counts on it.
            clock: Seconds that only grow.
        """
        self._table = KeyTable(database)
        self._wrapper = wrapper
        self._clock = clock
        self._cache = KeyCache(life_s=min(cache_s, CACHED_KEY_LIFE_S), clock=clock)

    def get(self, survivor_id: str, session: KeysSession | None = None) -> bytes:
        """Give one survivor's key; raises ``KeyDestroyedError`` if there is none."""
        return self.get_many([survivor_id], session)[survivor_id]

    def get_many(self, survivor_ids: Collection[str], session: KeysSession | None = None) -> dict[str, bytes]:
        """Give the keys of all these survivors.

        Raises:
            KeyDestroyedError: One of them has none; it names each.
        """
        keys = self.find_many(survivor_ids, session)
        if missing := set(survivor_ids) - keys.keys():
            raise KeyDestroyedError(missing)
        return keys

    def find_many(self, survivor_ids: Collection[str], session: KeysSession | None = None) -> dict[str, bytes]:
        """Give the keys that exist; a list that holds an erased person is read this way."""
        # Taken before the read: a key's life counts from when it was certainly still in the table.
        read_at = self._clock()
        keys = self._cache.find(survivor_ids)
        if missing := set(survivor_ids) - keys.keys():
            read = self._open(self._table.find(missing, session), session)
            if session is None or not session.in_transaction:
                self._cache.keep(read, read_at=read_at)
            keys.update(read)
        return keys

    def get_or_create_many(self, survivor_ids: Collection[str], session: KeysSession | None = None) -> dict[str, bytes]:
        """Give the keys of these survivors, making those that do not exist yet (bulk: 1,000 and more).

        Raises:
            KeyDestroyedError: Some are erased and may never have a key again; it names each.
        """
        keys = self.find_many(survivor_ids, session)
        if missing := set(survivor_ids) - keys.keys():
            keys.update(self._create(missing, session))
        return keys

    def forget(self, survivor_id: str) -> None:
        """Delete a survivor's key for ever; within ``cache_s`` no process can use it any more.

        May be repeated. Copies in oplog and backups are closed by ``shared.keys.rotation`` afterwards.
        """
        # The note comes first: whoever makes a key at this moment sees the note or has the row deleted.
        self._table.mark_erased(survivor_id)
        self._table.delete([survivor_id])
        self._cache.drop(survivor_id)

    def discard(self, key_id: str) -> None:
        """Delete a key whose use has ended, such as an upload's; nobody's erasure is meant.

        Copies of the row in oplog and backups are closed by the next erasure, which replaces the tenant key.
        """
        self._table.delete([key_id])
        self._cache.drop(key_id)

    def drop_expired(self) -> None:
        """Let go of cached keys past their life; for the timer of a process that may stand idle."""
        self._cache.drop_expired()

    def _create(self, survivor_ids: set[str], session: KeysSession | None) -> dict[str, bytes]:
        self._refuse_erased(survivor_ids, session)
        read_at = self._clock()
        keys = {id_: secrets.token_bytes(KEY_BYTES) for id_ in survivor_ids}
        rows = {id_: self._wrapper.wrap(key) for id_, key in keys.items()}
        lost = self._table.insert(rows, session)
        self._follow_switch({id_: row for id_, row in rows.items() if id_ not in lost}, keys, session)
        try:
            self._refuse_erased(survivor_ids, session)
        except KeyDestroyedError as error:
            # Erased since we looked, perhaps before our insert: then nobody else deletes our row.
            self._table.delete(error.survivor_ids, session)
            raise
        if lost:
            keys.update(self.get_many(lost, session))
        if session is None or not session.in_transaction:
            self._cache.keep(keys, read_at=read_at)
        return keys

    def _follow_switch(self, rows: dict[str, WrappedKey], keys: dict[str, bytes], session: KeysSession | None) -> None:
        # An erasure re-wraps old rows after its switch. If we read the old generation here, the switch
        # comes after our insert and will find our row; if the new one, it may have passed: we re-wrap.
        state = self._table.state(session)
        if state is None:
            raise KeyTableOutdatedError(table=0, key=self._wrapper.generation)
        late = {id_: row for id_, row in rows.items() if row.generation < state.generation}
        self._table.rewrap({id_: (row, self._wrapper.wrap(keys[id_])) for id_, row in late.items()}, session)

    def _refuse_erased(self, survivor_ids: set[str], session: KeysSession | None) -> None:
        if erased := self._table.erased(survivor_ids, session):
            raise KeyDestroyedError(erased)

    def _open(self, rows: dict[str, WrappedKey], session: KeysSession | None) -> dict[str, bytes]:
        try:
            return {id_: self._wrapper.unwrap(row) for id_, row in rows.items()}
        except UnknownGenerationError:
            # Re-wrapped and the old key destroyed between our read and now: the new rows open.
            again = self._table.find(rows.keys(), session)
            return {id_: self._wrapper.unwrap(row) for id_, row in again.items()}
