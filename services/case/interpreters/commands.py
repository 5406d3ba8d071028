"""What may be asked of the register of interpreters; ids are made by the caller, so that a repeat is the same command.

Shown by tests/integration/case/test_interpreting.py.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from services.case.interpreters.documents import ClosedWords, InterpreterStore
from services.case.interpreters.rules import Interpreter, Tie, Words
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OnInterpreter(DomainCommand):
    """Base of what is done to an interpreter of the register."""

    interpreter_id: str
    who: Principal

    @property
    def object_id(self) -> str:
        """The interpreter."""
        return self.interpreter_id


@dataclass(frozen=True, kw_only=True)
class AddInterpreter(OnInterpreter):
    """Somebody interprets for the host from now on.

    Attributes:
        said: What is said of them, by field.
    """

    action: ClassVar[str] = "case:interpreter:add"
    said: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class ChangeInterpreter(OnInterpreter):
    """Something of an interpreter is otherwise.

    Attributes:
        said: What is right, by field; what is missing or blank stays as it is.
        cleared: Fields whose content is taken away.
    """

    action: ClassVar[str] = "case:interpreter:change"
    said: Mapping[str, Any]
    cleared: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class NoteTie(OnInterpreter):
    """An interpreter is tied to somebody."""

    action: ClassVar[str] = "case:interpreter:tie"
    tie_id: str
    kind: str
    name: str


@dataclass(frozen=True, kw_only=True)
class EndTie(OnInterpreter):
    """They are not any more, or never were."""

    action: ClassVar[str] = "case:interpreter:untie"
    tie_id: str


def add_interpreter(command: AddInterpreter, work: UnitOfWork, *, closed: ClosedWords) -> Answer:
    """Add somebody to the register.

    Raises:
        InterpreterMisstatedError, TooManyInterpretersError: Nobody is added.
    """
    said = command.said
    words = Words(
        name=said["name"], dialects=said["dialects"], agency=said["agency"] or None, communities=said["communities"]
    )
    one = Interpreter(
        id=command.interpreter_id,
        languages=said["languages"],
        gender=said["gender"],
        modes=said["modes"],
        from_on=said["from_on"],
        until_on=said["until_on"],
        words=words,
        stated_by=command.who.actor_id,
        updated_at=work.now,
    )
    InterpreterStore(work, closed).add(one.checked())
    return Answer(status=201, ids={"id": one.id, "version": 1})


def change_interpreter(command: ChangeInterpreter, work: UnitOfWork, *, closed: ClosedWords) -> Answer:
    """Write what is new of somebody.

    Raises:
        DocumentMissingError, InterpreterMisstatedError: Nothing changes.
    """
    return _changed(
        command, work, closed, lambda one: one.changed(command.said, command.cleared, command.who, work.now)
    )


def note_tie(command: NoteTie, work: UnitOfWork, *, closed: ClosedWords) -> Answer:
    """Note to whom somebody is tied.

    Raises:
        DocumentMissingError, InterpreterMisstatedError, TooManyTiesError: Nothing changes.
    """
    tie = Tie(id=command.tie_id, kind=command.kind, who=command.name, by=command.who.actor_id, at=work.now)
    return _changed(command, work, closed, lambda one: one.tied(tie))


def end_tie(command: EndTie, work: UnitOfWork, *, closed: ClosedWords) -> Answer:
    """Let a tie hold no more.

    Raises:
        DocumentMissingError, InterpreterMisstatedError, NoSuchTieError: Nothing changes.
    """
    return _changed(command, work, closed, lambda one: one.untied(command.tie_id, command.who, work.now))


def _changed(
    command: OnInterpreter, work: UnitOfWork, closed: ClosedWords, change: Callable[[Interpreter], Interpreter]
) -> Answer:
    store = InterpreterStore(work, closed)
    version = store.save(change(store.get(command.interpreter_id)))
    return Answer(status=200, ids={"id": command.interpreter_id, "version": version})
