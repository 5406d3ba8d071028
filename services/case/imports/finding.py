"""Finds whom a row may be about: by its own key, and by references that only look like its own.

Promise: nothing is read under a key that does not stand for the row's source, so that two systems' references are
never one person's. Shown by ``tests/integration/case/test_import_identity.py``.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from services.case.episodes.documents import EPISODES
from services.case.imports.documents import ROWS, RowStore
from services.case.imports.rules.references import plain_form, short_forms
from services.case.imports.rules.settling import KnownRow, Row
from services.case.imports.rules.verdicts import Verdict
from shared.kernel.ids import new_id
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(kw_only=True)
class Found:
    """Who is known of some rows, before anything of them is carried out.

    Attributes:
        survivors: Of known rows, by the row's key.
        twins: Rows of others who may be the same person, by the form of their reference.
    """

    survivors: dict[str, str] = field(default_factory=dict)
    twins: dict[str, list[KnownRow]] = field(default_factory=dict)

    @property
    def people(self) -> set[str]:
        """Every known person whom one of the rows may have to take out of the statistics."""
        beside = {one.survivor_id for found in self.twins.values() for one in found if one.survivor_id}
        return set(self.survivors.values()) | beside


@dataclass(frozen=True, kw_only=True)
class Finder:
    """Finds the people of rows of one source.

    Attributes:
        row_key: Gives the key of a row of this source from its reference.
        exact: Whether references that only look different are different people.
    """

    row_key: Callable[[str], str]
    hash_key: bytes
    exact: bool = False

    @classmethod
    def of(cls, source: str, *, hash_key: bytes, exact: bool) -> "Finder":
        """Give what finds the people of a system's references."""
        return cls(row_key=partial(row_key, hash_key, source), hash_key=hash_key, exact=exact)

    def row(self, verdict: Verdict) -> Row:
        """Give a verdict the keys under which it is known again."""
        looks: Collection[str] = () if verdict.shortened is None else (verdict.shortened,)
        twins: Collection[str] = ()
        if verdict.reference:
            looks = (plain_form(verdict.reference),)
            twins = (*looks, *short_forms(verdict.reference))
        hashed = {form: self._hash(form) for form in dict.fromkeys((*looks, *twins))}
        return Row(
            key=self.row_key(verdict.reference or f"\x00loose:{verdict.loose_key}"),
            content=verdict.content_hash(self.hash_key),
            verdict=verdict,
            survivor_id=new_id(),
            episode_id=new_id(),
            twins=tuple(hashed[form] for form in twins),
            looks=tuple(hashed[form] for form in looks),
        )

    def _hash(self, form: str) -> str:
        # Under the row's own source: other systems' references are other people's.
        return hmac.digest(self.hash_key, f"form:{self.row_key(form)}".encode(), "sha256").hex()

    def known(self, rows: Sequence[Row], work: UnitOfWork) -> Found:
        """Read who is known of these rows, and of the others who may be the same person under another reference."""
        found, store = Found(), RowStore(work)
        store.preload([row.key for row in rows])
        unknown = []
        for row in rows:
            stored = store.find(row.key)
            if stored is not None and stored.survivor_id:
                found.survivors[row.key] = stored.survivor_id
            else:
                unknown.append(row)
        forms = [] if self.exact else [form for row in unknown for form in row.looks]
        for twin in store.sharing(forms) if forms else ():
            for form in twin.twins or ():
                found.twins.setdefault(form, []).append(twin)
        return found

    def twins_of(self, row: Row, found: Found, made: Mapping[str, Sequence[str]], work: UnitOfWork) -> list[KnownRow]:
        """Give the rows of others who may be the same person, of earlier files and of this one."""
        if self.exact:
            return []
        store = RowStore(work)
        known = {twin.id: twin for form in row.looks for twin in found.twins.get(form, ())}
        for key in (key for form in row.looks for key in made.get(form, ())):
            new = store.find(key)
            if new is not None:
                known[key] = new
        return [one for key, one in known.items() if key != row.key and one.survivor_id]


def row_key(hash_key: bytes, source: str, reference: str) -> str:
    """Give the key of a system's reference, whichever way it comes: one reference is one person."""
    return hmac.digest(hash_key, f"{len(source)}:{source}{reference}".encode(), "sha256").hex()


def basis_of(row: Row, work: UnitOfWork, twins: Iterable[KnownRow], *, gone: bool) -> str:
    """Give a digest of what a row is judged against, so that a commit sees whether it changed."""
    stored = work.find(ROWS, row.key)
    episode = work.find(EPISODES, stored["episode_id"]) if stored is not None and stored["episode_id"] else None
    said = [
        None if stored is None else [stored["version"], stored["content"], stored["kind"]],
        None if episode is None else episode["version"],
        sorted([one.id, one.version] for one in twins),
        gone,
    ]
    return hashlib.sha256(json.dumps(said).encode()).hexdigest()[:16]
