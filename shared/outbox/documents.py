"""One declared list of fields a collection: from it come the stored document, what is read back, and the API's row.

It also says what each field holds of a person, so that nothing that names or describes somebody is ever declared
without a seal: ``DocumentType`` refuses it when the process starts. Shown by tests/unit/shared/test_documents.py.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, TypeVar

from pymongo import IndexModel

from shared.outbox._failing import Failing
from shared.outbox.unit_of_work import UnitOfWork

__all__ = ["REQUIRED", "TURN", "Document", "DocumentType", "Failing", "Field", "FieldMisdeclaredError", "Holds"]
__all__ += ["SEALED_ONLY", "Open", "Seal", "Store", "take_turn"]

T = TypeVar("T")
Document = dict[str, Any]
Seal = Callable[[Mapping[str, str | None]], Mapping[str, Any]]
Open = Callable[[Mapping[str, Any]], Mapping[str, str | None]]


class Holds(StrEnum):
    """What a field holds; the first of these say nothing of a person, the last may only be kept sealed."""

    ID = "a random id"
    CODE = "a value of a closed list, a flag or a version"
    COUNT = "a count"
    INSTANT = "when something was recorded or said"
    HASH = "a digest, a key or a signature"
    CIPHERTEXT = "what a key outside the database opens, such as a name of staff"
    TEXT = "words about no survivor, such as a wording or a learning"
    IDENTITY = "a name, a contact, an own reference, or an exact day of a survivor's life"
    STORY = "free words about a survivor"


SEALED_ONLY = frozenset({Holds.IDENTITY, Holds.STORY})


class _Required:
    """Marks a field that every document has."""


REQUIRED = _Required()


class FieldMisdeclaredError(ValueError):
    """A field holds what may only be kept sealed; found when the process starts."""


def _same(value: Any) -> Any:
    return value


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of a document.

    Attributes:
        name: In the document, of the domain object's attribute, and in the row.
        holds: What it holds of a person.
        sealed: Kept under ``sealed``, closed with the survivor's own key.
        shown: Stands in the API's row.
        write: Makes the stored value; of a sealed field a text or None.
        read: Makes the attribute of it.
        missing: What it was before the field was kept, for documents of that time; by default none lacks it.
        sparse: Not stored while it is ``missing``, which then by default is None: nothing was said of it yet.
    """

    name: str
    holds: Holds
    sealed: bool = False
    shown: bool = True
    write: Callable[[Any], Any] = _same
    read: Callable[[Any], Any] = _same
    missing: Any = REQUIRED
    sparse: bool = False


@dataclass(frozen=True, kw_only=True)
class DocumentType:
    """A collection with its fields, or one of several forms of a collection's documents.

    Attributes:
        collection: Its name.
        fields: All but ``_id``, ``version`` and ``tenant_id``, which the unit of work keeps.
        indexes: Beside the one on ``_id``.
        append_only: The service's own user can neither change nor delete here.
        failing: Which of its documents tell of something that failed for good, for whoever runs the service.
        overdue: Name of the field that says by when good news is expected, likewise; with an index.
    """

    collection: str
    fields: tuple[Field, ...] = ()
    indexes: tuple[IndexModel, ...] = field(default=(), compare=False)
    append_only: bool = False
    failing: Failing | None = None
    overdue: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would keep a person readable.

        Raises:
            FieldMisdeclaredError: A field that names or describes a survivor is not sealed, or a name stands twice.
        """
        if len({one.name for one in self.fields}) != len(self.fields):
            raise FieldMisdeclaredError(f"{self.collection}: a name stands twice")
        for one in self.fields:
            if one.holds in SEALED_ONLY and not one.sealed:
                raise FieldMisdeclaredError(f"{self.collection}.{one.name} holds {one.holds} and must be sealed")

    def document(self, thing: Any, *, seal: Seal | None = None) -> Document:
        """Make the stored document of a domain object, whose ``id`` becomes ``_id``; without its version.

        Args:
            thing: Has an attribute for each field.
            seal: Seals texts of the survivor; needed where a field is sealed.
        """
        document: Document = {"_id": thing.id}
        closed: dict[str, Any] = {}
        for name, is_sealed, write, unsaid in self._written:
            value = getattr(thing, name)
            if unsaid is REQUIRED or value != unsaid:
                (closed if is_sealed else document)[name] = write(value)
        if closed:
            if seal is None:
                raise FieldMisdeclaredError(f"{self.collection}: nothing was given to seal with")
            document["sealed"] = dict(seal(closed))
        return document

    @cached_property
    def _written(self) -> tuple[tuple[str, bool, Callable[[Any], Any], Any], ...]:
        """Of each field: name, whether it is sealed, what writes it, and the value with which it is not stored."""
        return tuple((one.name, one.sealed, one.write, _unsaid(one) if one.sparse else REQUIRED) for one in self.fields)

    def changed(self, document: Mapping[str, Any], **values: Any) -> Document:
        """Write some fields of a document anew, also of one that has only an ``_id`` yet.

        What else it keeps stays, also what a newer version of the service keeps there.

        Raises:
            FieldMisdeclaredError: A name is declared nowhere, or is of what is kept sealed.
        """
        declared = {one.name: one for one in self.fields if not one.sealed}
        unknown = set(values) - set(declared)
        if unknown:
            raise FieldMisdeclaredError(f"{self.collection}: {', '.join(sorted(unknown))} cannot be written so")
        return {**document, **{name: declared[name].write(value) for name, value in values.items()}}

    def values(self, document: Mapping[str, Any], *, opened: Open | None = None) -> dict[str, Any]:
        """Read a document's fields, as keyword arguments of the domain object; with ``id`` and ``version``."""
        values = {one.name: _read(one, document) for one in self.fields if not one.sealed}
        sealed = [one for one in self.fields if one.sealed]
        if sealed:
            if opened is None:
                raise FieldMisdeclaredError(f"{self.collection}: nothing was given to open with")
            content = opened(document["sealed"])
            values |= {one.name: _read(one, content) for one in sealed}
        return {"id": document["_id"], **values, "version": document.get("version", 0)}

    def row(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Give what the API shows: id, the shown fields in their order, and the version."""
        shown = {one.name: values[one.name] for one in self.fields if one.shown}
        return {"id": values["id"], **shown, "version": values["version"]}


def _unsaid(one: Field) -> Any:
    return None if one.missing is REQUIRED else one.missing


def _read(one: Field, content: Mapping[str, Any]) -> Any:
    if one.name not in content and (one.sparse or one.missing is not REQUIRED):
        return _unsaid(one)
    return one.read(content[one.name])


class Store(Generic[T]):
    """The things of one collection, read and written in one transaction by the fields of their type.

    Of types with nothing sealed; a room that seals has a store of its own. Shown by
    tests/kernel/test_stores.py.
    """

    def __init__(self, work: UnitOfWork, kind: DocumentType, make: Callable[..., T]) -> None:
        """Take the transaction, the type, and what makes a thing of a document's values."""
        self._work = work
        self._kind = kind
        self._make = make

    def find(self, thing_id: str) -> T | None:
        """Give a thing, or None."""
        document = self._work.find(self._kind.collection, thing_id)
        return None if document is None else self._made(document)

    def get(self, thing_id: str) -> T:
        """Give a thing.

        Raises:
            DocumentMissingError: There is none.
        """
        return self._made(self._work.get(self._kind.collection, thing_id))

    def where(self, query: Mapping[str, Any], *, sort: Sequence[tuple[str, int]] = (), limit: int = 0) -> list[T]:
        """Give the things that a query finds; see ``UnitOfWork.find_where``."""
        found = self._work.find_where(self._kind.collection, query, sort=sort, limit=limit)
        return [self._made(document) for document in found]

    def add(self, thing: T) -> None:
        """Keep a new thing."""
        self._work.insert(self._kind.collection, self._kind.document(thing))

    def change(self, thing_id: str, **changes: Any) -> None:
        """Change some fields of a thing that this transaction read; whatever else its document holds stays.

        Raises:
            DocumentMissingError: There is none.
            FieldMisdeclaredError: There is no such field.
        """
        current = self._work.get(self._kind.collection, thing_id)
        self._work.replace(self._kind.collection, self._kind.changed(current, **changes))

    def delete(self, thing_id: str) -> None:
        """Remove a thing; removing one that is gone changes nothing."""
        self._work.delete(self._kind.collection, thing_id)

    def _made(self, document: Mapping[str, Any]) -> T:
        return self._make(**self._kind.values(document))


TURN = DocumentType(collection="turns", fields=(Field(name="turn", holds=Holds.COUNT, missing=0),))


def take_turn(work: UnitOfWork, name: str) -> None:
    """Write the common document of that name, once a transaction: of two that both do, one begins again.

    Who takes which is listed in docs/explanation/serialising-statistics.md; never one for all business of a service.
    """
    work.memo(f"turn:{name}", lambda: _write_turn(work, name))


def _write_turn(work: UnitOfWork, name: str) -> bool:
    known = work.find(TURN.collection, name) or {"_id": name}
    work.save(TURN.collection, TURN.changed(known, turn=int(known.get("turn", 0)) + 1))
    return True
