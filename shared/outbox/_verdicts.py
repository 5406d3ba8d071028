"""What an error of a transaction means: for its commands, which are tried again or not, and for who waits."""

from collections.abc import Sequence

from shared.kernel.errors import AlongsideError
from shared.outbox._overload import DatabaseAwayError, OutcomeUnknownError
from shared.outbox._transactions import WriteConflictError, is_away, is_conflict, is_unknown
from shared.outbox.commands import Command, KeyInFlightError
from shared.outbox.unit_of_work import DuplicateIdError


def worth_repeating(error: Exception, commands: Sequence[Command]) -> bool:
    """Whether the same commands may fare better a moment later, and none can be done twice."""
    if is_unknown(error):
        # Only a command that recognises itself may be run a second time.
        return all(command.idempotency is not None for command in commands)
    if isinstance(error, DuplicateIdError):
        # The same request may have come twice at once; then its stored answer is found the next time.
        return error.collection == "idempotency" or any(command.idempotency is not None for command in commands)
    return is_conflict(error) or is_away(error)


def for_caller(error: Exception) -> Exception:
    """Give what a caller is told."""
    if isinstance(error, DuplicateIdError | WriteConflictError) and error.collection == "idempotency":
        return KeyInFlightError()
    if is_unknown(error):
        return OutcomeUnknownError()
    if is_away(error):
        return DatabaseAwayError()
    if not isinstance(error, AlongsideError) and is_conflict(error):
        return WriteConflictError()
    return error
