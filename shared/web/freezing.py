"""Whose use is restricted (UK GDPR Art 18): one place through which every reading and every command of a service goes.

Promise: while somebody's use is restricted, whoever is not the data protection officer reads nothing of them and
changes nothing, by whatever address or page: they get one and the same answer. It is judged by what a command wrote and
by what a reading gave, so a route that is added later is frozen too. A command is judged in its own transaction, which
writes the person's document as the restriction does; so of the two one comes after the other. What passes is listed,
each with its reason, and a no always does. Shown by tests/integration/case/test_restrictions.py and
tests/integration/case/test_restriction_races.py. Source: ADR 0067.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from pymongo.database import Database

from shared.contracts.fields import ID_PATTERN
from shared.kernel.errors import RuleViolationError
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.documents import DocumentType
from shared.outbox.unit_of_work import Document, UnitOfWork

OFFICER = "HOST_DPO"
MOST_HELD = 10_000
"""People whose use is restricted at one host; beyond it every reading is refused, as nobody can say whom it names."""
RESTRICTED = "Restricted: ask your data protection officer"
"""What stands in a list in place of whoever is looked for."""

_EPISODES, _SURVIVOR, _EPISODE = "episodes", "survivor_id", "episode_id"
_NAMES = ("id", _SURVIVOR, _EPISODE)
_ID = re.compile(ID_PATTERN)
Mask = Callable[[Any], Any]


class ProcessingRestrictedError(RuleViolationError):
    """The use of what is kept about this person is restricted."""

    code = "processing-restricted"

    def __init__(self) -> None:
        """Say what it means, and whom to ask; the same of everybody and everywhere."""
        super().__init__(
            "The use of this record is restricted, as the person has a right to: it is kept, and nobody but the data "
            "protection officer reads or changes it. Ask your data protection officer. If somebody's life or safety "
            "depends on it, say so under Restrictions, and you see at once how to reach them safely. A no of theirs is "
            "always taken."
        )


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """What is frozen of one service.

    Attributes:
        database: The service's own.
        people: Collection of the document that says of each person whether their use is restricted; its id is theirs.
        flag: The field of it that stands there while it is.
        kinds: Every collection of the service.
        passes: Actions that go on all the same, each with the reason.
        says_no: Whether a command is a no of the person's, which is always taken.
        joint: Actions by which several people are judged together, such as whether they are one.
        masks: By action: what is shown of somebody in place of what is kept; in other lists they do not stand.
        told: Notes in the transaction that something passed for the sake of a life, so that the officer is told.
    """

    database: Database[Document]
    people: str
    flag: str
    kinds: Sequence[DocumentType]
    passes: Mapping[str, str]
    says_no: Callable[[DomainCommand], bool] = lambda _command: False
    joint: Collection[str] = ()
    masks: Mapping[str, Mask]
    told: Callable[[UnitOfWork, str, str, Principal], None] | None = None

    def judged(
        self, work: UnitOfWork, command: DomainCommand, who: Principal, run: Callable[[UnitOfWork], Answer]
    ) -> Answer:
        """Carry a command out, and judge it by what it wrote, in its own transaction.

        Raises:
            ProcessingRestrictedError: It concerns somebody whose use is restricted.
        """
        written = len(work.touched)
        answer = run(work)
        if who.role != OFFICER:
            self._check(work, command, who, written)
        return answer

    def _check(self, work: UnitOfWork, command: DomainCommand, who: Principal, written: int) -> None:
        passes = command.action in self.passes or self.says_no(command)
        touched = list(dict.fromkeys(work.touched[written:]))
        for person_id in dict.fromkeys(self._concerned(work, command, touched)):
            known = work.find(self.people, person_id)
            if known is None:
                continue
            restricted = known.get(self.flag) is not None
            if restricted and not passes:
                raise ProcessingRestrictedError
            if restricted and self.told is not None:
                self.told(work, person_id, command.action, who)
            elif not passes and (self.people, person_id) not in touched:
                # Whoever restricts writes it too: of the two one comes after the other.
                work.replace(self.people, known)

    def shown(self, action: str, object_id: str, shown: Any, who: Principal) -> Any:
        """Give what may be shown of what was read, without those whose use is restricted.

        Raises:
            ProcessingRestrictedError: It is about one of them.
        """
        if who.role == OFFICER or action in self.passes:
            return shown
        held = [one["_id"] for one in self.database[self.people].find(self._held, {"_id": 1}).limit(MOST_HELD + 1)]
        if not held:
            return shown
        if len(held) > MOST_HELD:
            raise ProcessingRestrictedError
        theirs = self.database[_EPISODES].find({_SURVIVOR: {"$in": held}}, {"_id": 1})
        ids = frozenset((*held, *(one["_id"] for one in theirs)))
        if object_id in ids or _is_about(shown, ids) or self._is_of(object_id, ids):
            raise ProcessingRestrictedError
        return _without(shown, ids, self.masks.get(action))

    @property
    def _held(self) -> Mapping[str, Any]:
        return {self.flag: {"$exists": True, "$ne": None}}

    def _concerned(self, work: UnitOfWork, command: DomainCommand, touched: Iterable[tuple[str, str]]) -> Iterator[str]:
        named = getattr(command, _SURVIVOR, None)
        if isinstance(named, str):
            yield named
        for collection, key in touched:
            document = work.find(collection, key)
            if collection == self.people:
                yield key
            elif document is not None:
                yield from self._people_in(work, document, joint=command.action in self.joint)

    def _people_in(self, work: UnitOfWork, document: Mapping[str, Any], *, joint: bool) -> Iterator[str]:
        if isinstance(document.get(_SURVIVOR), str):
            yield document[_SURVIVOR]
        elif isinstance(document.get(_EPISODE), str):
            yield (work.find(_EPISODES, document[_EPISODE]) or {}).get(_SURVIVOR, "")
        if joint:
            yield from document.get("survivor_ids", ())

    def _is_of(self, object_id: str, ids: Collection[str]) -> bool:
        """Whether something of this id belongs to one of them, whatever it is."""
        if not _ID.fullmatch(object_id):
            return False
        for kind in self.kinds:
            names = [one.name for one in kind.fields if one.name in (_SURVIVOR, _EPISODE, "survivor_ids")]
            stored = self.database[kind.collection]
            found = stored.find_one({"_id": object_id}, dict.fromkeys(names, 1)) if names else None
            if found is not None:
                named = [found.get(_SURVIVOR), found.get(_EPISODE), *found.get("survivor_ids", ())]
                return any(one in ids for one in named)
        return False


def _is_about(value: Any, ids: Collection[str]) -> bool:
    named = value.get if isinstance(value, Mapping) else lambda name: getattr(value, name, None)
    return any(isinstance(one, str) and one in ids for one in map(named, _NAMES))


def _without(value: Any, ids: Collection[str], mask: Mask | None) -> Any:
    """Give a value without what is about any of them: rows of lists, and what is kept by their ids."""
    if isinstance(value, Mapping):
        return {name: _without(one, ids, mask) for name, one in value.items() if name not in ids}
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(_kept(value, ids, mask))
    if is_dataclass(value) and not isinstance(value, type):
        before = {one.name: getattr(value, one.name) for one in fields(value)}
        after = {name: _without(one, ids, mask) for name, one in before.items()}
        changed = {name: one for name, one in after.items() if one is not before[name] and one != before[name]}
        return replace(value, **changed) if changed else value
    return value


def _kept(values: Iterable[Any], ids: Collection[str], mask: Mask | None) -> Iterator[Any]:
    for one in values:
        if isinstance(one, str) and one in ids:
            continue
        if not _is_about(one, ids):
            yield _without(one, ids, mask)
        elif mask is not None:
            yield mask(one)
