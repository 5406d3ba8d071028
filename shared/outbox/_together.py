"""Several commands in one transaction, each with its own version check, idempotency row and answer.

Shown by tests/kernel/test_committer.py.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from pymongo import MongoClient
from pymongo.errors import PyMongoError

from shared.kernel.clock import Now, real_now
from shared.kernel.tenancy import TenantId
from shared.outbox._groups import key_of, keys_of
from shared.outbox._server_clock import ServerClock
from shared.outbox._transactions import WriteConflictError, transaction
from shared.outbox.commands import Answer, Command, KeyReusedError
from shared.outbox.unit_of_work import Document, DuplicateIdError, UnitOfWork
from shared.telemetry.traces import start_batch_span

IDEMPOTENCY_LIFETIME = timedelta(hours=24)


class SomeRefusedError(Exception):
    """Some commands of a group raised; the others may be committed without them."""

    def __init__(self, refused: Mapping[int, Exception]) -> None:
        """Keep each error by its command's place in the group."""
        super().__init__()
        self.refused = refused


class Together:
    """Commits commands of one service of one tenant."""

    def __init__(
        self, *, client: MongoClient[Document], database: str, tenant_id: TenantId, service: str, now: Now
    ) -> None:
        """Take the database, and whose it is."""
        self._client = client
        self._database = client[database]
        self._tenant_id = tenant_id
        self._service = service
        self._clock = ServerClock(client, now)

    def clock_is_wrong(self) -> bool:
        """Whether this machine's clock is known to be wrong."""
        return self._clock.is_wrong()

    def recorded_from_now(self) -> datetime:
        """Give a time that nothing bears less than which begins from now on, but for a tenth of a second."""
        return min(self._clock.now(), self._clock.real())

    def commit(self, commands: Sequence[Command]) -> list[Answer]:
        """Commit commands together; give their answers.

        Raises:
            SomeRefusedError: Some of several raised.
            Exception: What one alone raised, or the database.
        """
        causes = [command.traceparent for command in commands]
        together = len(set(causes)) > 1
        with (
            start_batch_span(f"{self._service} commit", causes) as span,
            transaction(self._client) as session,
        ):
            span.set(service=self._service, count=len(commands))
            work = UnitOfWork(
                database=self._database,
                session=session,
                tenant_id=self._tenant_id,
                service=self._service,
                now=self._clock.now(),
                traceparent=span.traceparent,
            )
            keys = [key for c in commands if c.idempotency for key in keys_of(c.idempotency)]
            work.preload("idempotency", keys)
            answers = self._run_each(commands, work, together=together)
            work.flush()
        return answers

    def _run_each(self, commands: Sequence[Command], work: UnitOfWork, *, together: bool) -> list[Answer]:
        if len(commands) == 1:
            return [self._run_one(commands[0], work, together=together)]
        answers: list[Answer] = []
        refused: dict[int, Exception] = {}
        for number, command in enumerate(commands):
            try:
                answers.append(self._run_one(command, work, together=together))
            except (PyMongoError, WriteConflictError):
                raise
            except Exception as error:  # noqa: BLE001  It is told to its own caller, after it was judged alone.
                # The transaction is lost, but not the round: whoever else is refused is found in it too.
                refused[number] = error
                if isinstance(error, DuplicateIdError):
                    break  # MongoDB has ended the transaction.
        if refused:
            raise SomeRefusedError(refused)
        return answers

    def _run_one(self, command: Command, work: UnitOfWork, *, together: bool) -> Answer:
        work.caused_by(command.traceparent if together else None)
        if command.idempotency is None:
            return command.run(work)
        key = key_of(command.idempotency)
        stored = next((row for k in keys_of(command.idempotency) if (row := work.find("idempotency", k))), None)
        if stored is not None:
            if stored["fingerprint"] != command.idempotency.fingerprint:
                raise KeyReusedError
            return Answer(status=stored["status"], ids=stored["ids"], replayed=True)
        answer = command.run(work)
        work.insert(
            "idempotency",
            {
                "_id": key,
                "fingerprint": command.idempotency.fingerprint,
                "status": answer.status,
                "ids": answer.ids,
                # Real time, since MongoDB's own clock deletes it; one reading a transaction.
                "expires_at": work.memo("idempotency-expiry", lambda: real_now() + IDEMPOTENCY_LIFETIME),
            },
        )
        return answer
