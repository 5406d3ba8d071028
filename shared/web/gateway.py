"""Between a route and its handler: rights, idempotency, versions, and an audit intent for each.

Promise: a command's audit intent is in the command's own transaction; a read's is committed before the
answer leaves. A caller without the right gets the 404 of an unknown address, and that is audited too.
Shown by tests/integration/shared/test_web.py.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, NoReturn, TypeVar

from flask import Response, g, jsonify, request

from shared.contracts.fields import CODE_PATTERN
from shared.kernel.errors import NotFoundError
from shared.kernel.standing import Standing
from shared.kernel.tenancy import Principal
from shared.outbox.commands import Answer, Command, DomainCommand
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.bodies import read_arguments
from shared.web.deadlines import waited_s
from shared.web.freezing import Freeze, ProcessingRestrictedError
from shared.web.intents import found_by, intent_of, standing_now
from shared.web.problems import PreconditionFailedError, PreconditionRequiredError
from shared.web.repeats import repeats_of, usable_key

T = TypeVar("T")

WITHIN_S, LEAST_S = 8.0, 1.5
"""Seconds after which a caller is told that the database is away; reads end after 6.5 (``shared.web.deadlines``)."""

_CODE = re.compile(CODE_PATTERN)
_ENTITY_TAG = re.compile(r'"[^"]*"|W/"[^"]*"')
_VERSION = re.compile(r'"?([0-9]{1,15})"?')


class HiddenError(NotFoundError):
    """The caller has no right to this; the answer is that there is nothing here."""


class Gateway:
    """One service's way from HTTP to its committer."""

    def __init__(self, committer: Committer, *, fingerprint_key: bytes, freeze: Freeze | None = None) -> None:
        """Take the committer, the tenant's key for fingerprints of bodies, and what is frozen of the service."""
        self._committer = committer
        self._fingerprint_key = fingerprint_key
        self._freeze = freeze

    @property
    def principal(self) -> Principal:
        """Who is asking, whatever their role; then the body may be read."""
        self._refuse_unread_form()
        read_arguments()
        return _who()

    @property
    def caller(self) -> Principal:
        """Who is asking, whatever their role; nothing of what they sent is read yet."""
        self._refuse_unread_form()
        return _who()

    def admit(self, *roles: str, scope: str | None = None, action: str | None = None) -> Principal:
        """Give the caller if one of these roles, or a machine key's scope, allows it; nothing they sent is read yet.

        Raises:
            HiddenError: Neither does; audited as refused, under ``action`` where it is given.
        """
        self._refuse_unread_form(action=action)
        who = _who()
        if who.role not in roles and (scope is None or scope not in who.scopes):
            self.refuse(action=action)
        return who

    def require(self, *roles: str, scope: str | None = None) -> Principal:
        """Admit the caller, and then read what they sent: who has no right learns nothing of what a body must be.

        Raises:
            HiddenError: They have no right; audited as refused.
        """
        who = self.admit(*roles, scope=scope)
        read_arguments()
        return who

    def refuse(self, object_id: str = "refused", *, action: str | None = None) -> NoReturn:
        """Refuse what the caller may not see or do, such as somebody else's survivor.

        Raises:
            HiddenError: Always; audited as refused, under the address's name where no action is given.
        """
        named = action or (request.endpoint or "unknown").replace(".", ":")
        self._audit_alone(named, _code_or(object_id, "refused"), "REFUSED")
        raise HiddenError

    def carry_out(
        self,
        command: DomainCommand,
        run: Callable[[UnitOfWork], Answer],
        *,
        location: Callable[[Answer], str] | None = None,
        shown_once: Callable[[Answer], Mapping[str, str]] | None = None,
        once: bool = True,
    ) -> Response:
        """Carry out a command that names itself, and give its answer.

        Args:
            command: Says what is done, to what, and what no other command of its transaction may touch.
            run: Whoever carries it out, bound to it; may run more than once.
            location: Reads the address of what was made from the answer.
            shown_once: Chooses, by the answer, secrets that go out with it the first time only.
            once: False of what the same form may do again with other content, as whoever goes back in a browser does;
                it must do no harm twice.

        Raises:
            AlongsideError: What the handler raises, or the idempotency key's errors.
            HiddenError: What it is done to can be the id of nothing.
        """
        who, standing = self.principal, standing_now()
        if not _CODE.fullmatch(command.object_id):
            raise HiddenError

        def audited(work: UnitOfWork) -> Answer:
            answer = run(work) if self._freeze is None else self._freeze.judged(work, command, who, run)
            work.audit(intent_of(who, command.action, command.object_id, "ALLOWED", work, standing=standing))
            return answer

        repeats = repeats_of(who, self._fingerprint_key) if once and request.method == "POST" else None
        asked = Command(run=audited, aggregates=command.aggregates, idempotency=repeats)
        with self._noted_if_restricted(command.action, command.object_id):
            answer = self._committer.execute(asked, within_s=_left_s())
        return _respond(answer, location, shown_once)

    def read(self, action: str, object_id: str, load: Callable[[], T]) -> T:
        """Load something to show, and commit that it was read before it leaves."""
        read_arguments()
        with self._noted_if_restricted(action, object_id):
            # Judged after it was read: what was restricted meanwhile is not shown.
            shown = load() if self._freeze is None else self._freeze.shown(action, object_id, load(), _who())
        self._audit_alone(
            action, _code_or(object_id, "unknown"), "ALLOWED", standing=standing_now(), found=found_by(action, shown)
        )
        return shown

    def stands(self, standing: Standing | None) -> None:
        """Note how the caller stands to the person of this request; None where nothing says so."""
        g.standing = standing

    def recorded_from_now(self) -> datetime:
        """Give a time that nothing bears less than which begins from now on (``Committer.recorded_from_now``)."""
        return self._committer.recorded_from_now()

    def search(self, action: str, object_id: str, load: Callable[[], T]) -> T:
        """Load what a POST looks for; it needs an Idempotency-Key as every POST does, so that clients know one rule.

        Raises:
            IdempotencyKeyMissingError: There is no usable one.
        """
        usable_key()
        return self.read(action, object_id, load)

    def if_match(self) -> int:
        """Give the version that the caller read.

        Raises:
            PreconditionRequiredError: There is no If-Match, or it names more than one version.
            PreconditionFailedError: It names what is no version of ours, so none can match.
        """
        text = request.headers.get("If-Match", "").strip()
        version = _VERSION.fullmatch(text)
        if version is not None:
            return int(version.group(1))
        if _ENTITY_TAG.fullmatch(text):
            raise PreconditionFailedError
        raise PreconditionRequiredError("Send If-Match with the ETag of the version that you read.")

    def _refuse_unread_form(self, *, action: str | None = None) -> None:
        """Refuse whom the site took for a stranger to this page, whose form it did not look at (``Site.admit``)."""
        if g.get("form_unread"):
            self.refuse(action=action)

    @contextmanager
    def _noted_if_restricted(self, action: str, object_id: str) -> Iterator[None]:
        try:
            yield
        except ProcessingRestrictedError:
            self._audit_alone(action, _code_or(object_id, "unknown"), "REFUSED")
            raise

    def _audit_alone(
        self,
        action: str,
        object_id: str,
        outcome: str,
        *,
        standing: Standing | None = None,
        found: int | None = None,
    ) -> None:
        who = _who()

        def note(work: UnitOfWork) -> Answer:
            work.audit(intent_of(who, action, object_id, outcome, work, standing=standing, found=found))
            return Answer(status=200)

        self._committer.execute(Command(run=note, only_notes=True), within_s=_left_s())


def _left_s() -> float:
    """Give the seconds that the caller still waits; a little remains for a command also after slow reads."""
    return max(LEAST_S, WITHIN_S - waited_s())


def _who() -> Principal:
    who: Principal = g.principal
    return who


def etagged(body: Any, version: int) -> Response:
    """Give a JSON answer with its version as ETag."""
    response: Response = jsonify(body)
    response.headers["ETag"] = f'"{version}"'
    return response


def _respond(
    answer: Answer,
    location: Callable[[Answer], str] | None,
    shown_once: Callable[[Answer], Mapping[str, str]] | None,
) -> Response:
    shown = dict(answer.ids)
    if shown_once is not None and not answer.replayed:
        shown |= shown_once(answer)
    response = jsonify(shown)
    response.status_code = answer.status
    if "version" in answer.ids:
        response.headers["ETag"] = f'"{answer.ids["version"]}"'
    if location is not None:
        response.headers["Location"] = location(answer)
    if answer.replayed:
        response.headers["Idempotent-Replayed"] = "true"
    return response


def _code_or(object_id: str, otherwise: str) -> str:
    """Give the id if audit can hold it; an address may hold anything."""
    return object_id if _CODE.fullmatch(object_id) else otherwise
