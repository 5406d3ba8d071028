"""Sign-in: a password or a machine's secret for one session in one organisation and one role.

Promise: an unknown login costs the same work and gets the same answer as a wrong password or a suspended
user. Ten failures close a login for the rest of a quarter of an hour, whether somebody has it or not. A flood of
sign-ins is refused with 429 once eight are being checked or wait. Shown by
tests/integration/identity/test_identity_sign_in.py.
Limit: so whoever knows a login can close it for that time; the gate in front may slow such a caller down.
"""

import hmac
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import partial
from http import HTTPStatus
from typing import Any

from pymongo.database import Database

from services.identity.machines.documents import MACHINES, MachineStore, machine_from
from services.identity.machines.rules import MACHINE_ROLE
from services.identity.people.documents import USERS, user_from
from services.identity.people.names import StaffNames
from services.identity.people.rules import ACTIVE, User
from services.identity.sessions.attempts import COMMIT_WITHIN_S, note_failure, note_refusal, note_sign_in
from services.identity.sessions.documents import FAILURES, SIGN_INS
from services.identity.sessions.errors import BusyError, GrantRefusedError, WrongPasswordError
from services.identity.sessions.passwords import Passwords
from shared.kernel.clock import Now
from shared.kernel.tenancy import Principal, TenantId
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.tokens import may_come_from

FAILURE_LIMIT = 10
WINDOW = timedelta(minutes=15)

_WRONG = "Login or password is not right."
_WRONG_CLIENT = "client_id or client_secret is not right."


class SignIn:
    """Checks credentials of one tenant."""

    def __init__(
        self,
        database: Database[dict[str, Any]],
        committer: Committer,
        *,
        tenant: TenantId,
        names: StaffNames,
        passwords: Passwords,
        real_time: Now,
    ) -> None:
        """Take identity's database, and real time for the window of failures."""
        self._database = database
        self._committer = committer
        self._tenant = tenant
        self._names = names
        self._passwords = passwords
        self._real_time = real_time

    def person(self, login: str, password: str, *, role: str | None, organisation_id: str | None) -> Principal:
        """Give the principal of a login.

        Args:
            login: As typed.
            password: As typed.
            role: Which of the user's roles; may be left out where there is one.
            organisation_id: For which organisation; may be left out where the role names one membership.

        Raises:
            GrantRefusedError: No session.
        """
        index = self._names.login_index(login)
        document = self._database[USERS].find_one({"login": index})
        user = user_from(document) if document is not None else None
        right = self._right(index, user, password)
        if user is None or not right:
            raise GrantRefusedError("invalid_grant", _WRONG)
        return self._session(user, role, organisation_id)

    def still(self, who: Principal, *, began: float) -> Principal:
        """Give the same principal again, if the person is active and still holds that role there.

        Args:
            who: Whom the session names.
            began: Seconds since the epoch at which the session began; one that an administrator ended is not renewed.

        Raises:
            GrantRefusedError: They do not; the session ends with the token that is out.
        """
        document = self._database[USERS].find_one({"_id": who.actor_id})
        user = user_from(document) if document is not None else None
        if (
            user is None
            or self._was_ended(user.id, began)
            or user.status != ACTIVE
            or not user.matching(role=who.role, organisation_id=who.organisation_id)
        ):
            raise GrantRefusedError("invalid_grant", "The session has ended. Sign in again.")
        return Principal(actor_id=user.id, tenant_id=self._tenant, organisation_id=who.organisation_id, role=who.role)

    def _was_ended(self, user_id: str, began: float) -> bool:
        noted = self._database[SIGN_INS].find_one({"_id": user_id})
        ended_at = noted["ended_at"] if noted is not None else None
        return ended_at is not None and began <= ended_at.timestamp()

    def check_password(self, user_id: str, password: str, *, or_next: str) -> None:
        """Check the present password of somebody who is signed in; failures count as sign-in's do.

        Args:
            user_id: Who is signed in.
            password: What they say is the present one.
            or_next: The next one, which fits already when the request is a repeat.

        Raises:
            WrongPasswordError: It does not fit, or too many were tried.
        """
        document = self._database[USERS].find_one({"_id": user_id})
        if document is None:
            raise WrongPasswordError
        user = user_from(document)
        try:
            right = self._right(user.login_index, user, password, or_next)
        except GrantRefusedError as error:
            raise WrongPasswordError from error
        if not right:
            raise WrongPasswordError

    def machine(self, client_id: str, secret: str, *, scope: str | None, address: str | None = None) -> Principal:
        """Give the principal of a machine key, with the scopes asked for or all of its own.

        Args:
            client_id: As given.
            secret: As given.
            scope: Scopes with spaces between; None for all of the key's.
            address: From where it comes; a key with networks takes no other.

        Raises:
            GrantRefusedError: No session.
        """
        document = self._database[MACHINES].find_one({"client_id": client_id})
        machine = machine_from(document) if document is not None else None
        given, now = self._names.secret_index(secret), self._real_time()
        right = machine.fits(given, now) if machine is not None else hmac.compare_digest("0" * len(given), given)
        if machine is None or not (right and machine.is_valid(now) and may_come_from(machine.networks, address)):
            known_as = machine.id if machine is not None else None
            self._execute(partial(note_refusal, known_as))
            raise GrantRefusedError("invalid_client", _WRONG_CLIENT, status=HTTPStatus.UNAUTHORIZED)
        wanted = frozenset((scope or "").split()) or frozenset(machine.scopes)
        if not wanted <= set(machine.scopes):
            raise GrantRefusedError("invalid_scope", "This key does not have every scope that was asked for.")
        self._execute(partial(_note_machine, machine.id, at=now), machine.id)
        return Principal(
            actor_id=machine.id,
            tenant_id=self._tenant,
            organisation_id=machine.organisation_id,
            role=MACHINE_ROLE,
            scopes=wanted,
            networks=frozenset(machine.networks),
        )

    def _session(self, user: User, role: str | None, organisation_id: str | None) -> Principal:
        fitting = user.matching(role=role, organisation_id=organisation_id)
        if not fitting:
            raise GrantRefusedError(
                "invalid_request", "This login does not have that role there. Choose one of its own roles."
            )
        if len(fitting) > 1:
            held = ", ".join(sorted({m.role for m in fitting}))
            raise GrantRefusedError("invalid_request", f"Say which role, and where needed which organisation: {held}.")
        (membership,) = fitting
        self._execute(
            partial(
                note_sign_in,
                user.id,
                role=membership.role,
                login_index=user.login_index,
                real_time=self._real_time(),
            ),
            user.login_index,
        )
        return Principal(
            actor_id=user.id,
            tenant_id=self._tenant,
            organisation_id=membership.organisation_id,
            role=membership.role,
        )

    def _right(self, index: str, user: User | None, *passwords: str) -> bool:
        """Whether one of the passwords is right; a wrong one is counted before the next may be tried."""
        with self._turn():
            now = self._real_time()
            self._refuse_closed(index, now)
            stored = user.password_hash if user is not None else None
            # An invited person has no password yet, which fits as nobody's does.
            right = any(self._passwords.fits(password, stored or None) for password in passwords)
            if right and user is not None and user.status == ACTIVE:
                return True
            known_as = user.id if user is not None else None
            self._execute(partial(note_failure, index, known_as=known_as, real_time=now, window=WINDOW), index)
            return False

    @contextmanager
    def _turn(self) -> Iterator[None]:
        try:
            with self._passwords.turn():
                yield
        except BusyError as error:
            raise GrantRefusedError(
                "temporarily_unavailable",
                str(error),
                status=HTTPStatus.TOO_MANY_REQUESTS,
                retry_after_s=error.retry_after_s,
            ) from error

    def _refuse_closed(self, index: str, now: datetime) -> None:
        failures = self._database[FAILURES].find_one({"_id": index, "expires_at": {"$gt": now}})
        if failures is not None and failures["count"] >= FAILURE_LIMIT:
            wait_s = int((failures["expires_at"] - now).total_seconds()) + 1
            raise GrantRefusedError(
                "invalid_grant",
                "Too many attempts. Wait a quarter of an hour.",
                status=HTTPStatus.TOO_MANY_REQUESTS,
                retry_after_s=wait_s,
            )

    def _execute(self, note: Callable[[UnitOfWork], Answer], *aggregates: str) -> None:
        command = Command(run=note, aggregates=frozenset(aggregates))
        self._committer.execute(command, within_s=COMMIT_WITHIN_S)


def _note_machine(machine_id: str, work: UnitOfWork, *, at: datetime) -> Answer:
    MachineStore(work).note_use(machine_id, at)
    return note_sign_in(machine_id, work, role=MACHINE_ROLE, login_index=None, real_time=at)
