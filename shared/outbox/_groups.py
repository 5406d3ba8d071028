"""Which commands may share a transaction: no two of one aggregate, and no two with one idempotency key."""

from concurrent.futures import Future, InvalidStateError
from contextlib import suppress

from shared.outbox.commands import Answer, Command, IdempotencyKey

Waiting = tuple[Command, "Future[Answer]"]
"""A command, and what tells its caller."""


def split(waiting: list[Waiting], limit: int) -> tuple[list[Waiting], list[Waiting]]:
    """Take a group in which no aggregate and no idempotency key stands twice; keep the rest in order."""
    taken: set[str] = set()
    group: list[Waiting] = []
    rest: list[Waiting] = []
    for command, future in waiting:
        keys = set(command.aggregates)
        if command.idempotency is not None:
            keys.add("key:" + key_of(command.idempotency))
        if len(group) < limit and not (keys & taken):
            group.append((command, future))
        else:
            rest.append((command, future))
        # A later command on the same aggregate waits behind this one, also when this one had to wait.
        taken |= keys
    return group, rest


def key_of(idempotency: IdempotencyKey) -> str:
    """Give the id under which an answer is kept."""
    return f"{idempotency.actor_id}:{idempotency.key}"


def keys_of(idempotency: IdempotencyKey) -> list[str]:
    """Give the ids under which an earlier answer may stand."""
    formerly = [f"{idempotency.actor_id}:{idempotency.formerly}"] if idempotency.formerly is not None else []
    return [key_of(idempotency), *formerly]


def settle(future: "Future[Answer]", result: Answer | Exception) -> None:
    """Tell the caller, unless they gave up meanwhile."""
    with suppress(InvalidStateError):
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
