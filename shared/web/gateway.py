"""Between a route and its handler: rights, idempotency, versions, and an audit intent for each.

Promise: a command's audit intent is in the command's own transaction; a read's is committed before the
answer leaves. A caller without the right gets the 404 of an unknown address, and that is audited too.
"""

import hashlib
import hmac
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from flask import Response, g, jsonify, request

from shared.kernel.errors import NotFoundError
from shared.kernel.messages import AuditIntent
from shared.kernel.tenancy import Principal
from shared.outbox.committer import Answer, Command, Committer, IdempotencyKey
from shared.outbox.unit_of_work import UnitOfWork
from shared.web.problems import IdempotencyKeyMissingError, PreconditionRequiredError

T = TypeVar("T")
_KEY_LIMIT = 255


class HiddenError(NotFoundError):
    """The caller has no right to this; the answer is that there is nothing here."""


class Gateway:
    """One service's way from HTTP to its committer."""

    def __init__(self, committer: Committer, *, fingerprint_key: bytes) -> None:
        """Take the committer and the tenant's key for fingerprints of bodies."""
        self._committer = committer
        self._fingerprint_key = fingerprint_key

    @property
    def principal(self) -> Principal:
        """Who is asking; set before the route ran."""
        who: Principal = g.principal
        return who

    def require(self, *roles: str, scope: str | None = None) -> Principal:
        """Give the caller if one of these roles, or a machine key's scope, allows it.

        Raises:
            HiddenError: Neither does; audited as refused.
        """
        who = self.principal
        if who.role in roles or (scope is not None and scope in who.scopes):
            return who
        self._audit_alone(f"{request.endpoint or 'unknown'}", "refused", "REFUSED")
        raise HiddenError

    def command(
        self,
        action: str,
        run: Callable[[UnitOfWork], Answer],
        *,
        object_id: str,
        aggregates: Iterable[str] = (),
    ) -> Response:
        """Carry out a command and give its answer.

        Raises:
            AlongsideError: What the handler raises, or the idempotency key's errors.
        """
        who = self.principal

        def audited(work: UnitOfWork) -> Answer:
            answer = run(work)
            work.audit(_intent(who, action, object_id, "ALLOWED", work))
            return answer

        answer = self._committer.execute(
            Command(
                run=audited,
                aggregates=frozenset(aggregates),
                idempotency=self._idempotency(who) if request.method == "POST" else None,
                traceparent=getattr(g, "traceparent", None),
            )
        )
        response = jsonify(answer.ids)
        response.status_code = answer.status
        if "version" in answer.ids:
            response.headers["ETag"] = f'"{answer.ids["version"]}"'
        if answer.replayed:
            response.headers["Idempotent-Replayed"] = "true"
        return response

    def read(self, action: str, object_id: str, load: Callable[[], T]) -> T:
        """Load something to show, and commit that it was read before it leaves."""
        shown = load()
        self._audit_alone(action, object_id, "ALLOWED")
        return shown

    def if_match(self) -> int:
        """Give the version that the caller read.

        Raises:
            PreconditionRequiredError: There is no usable If-Match.
        """
        text = request.headers.get("If-Match", "").strip('"')
        if not (text.isascii() and text.isdigit()):
            raise PreconditionRequiredError("Send If-Match with the ETag of the version that you read.")
        return int(text)

    def _audit_alone(self, action: str, object_id: str, outcome: str) -> None:
        who = self.principal

        def note(work: UnitOfWork) -> Answer:
            work.audit(_intent(who, action.replace(".", ":"), object_id, outcome, work))
            return Answer(status=200)

        self._committer.execute(Command(run=note, traceparent=getattr(g, "traceparent", None)))

    def _idempotency(self, who: Principal) -> IdempotencyKey:
        key = request.headers.get("Idempotency-Key", "")
        if not (0 < len(key) <= _KEY_LIMIT and key.isascii() and key.isprintable() and " " not in key):
            raise IdempotencyKeyMissingError
        content = b"\n".join([request.method.encode(), request.path.encode(), request.get_data(cache=True)])
        fingerprint = hmac.new(self._fingerprint_key, content, hashlib.sha256).hexdigest()
        return IdempotencyKey(actor_id=who.actor_id, key=key, fingerprint=fingerprint)


def _intent(who: Principal, action: str, object_id: str, outcome: str, work: UnitOfWork) -> AuditIntent:
    return AuditIntent(
        action=action, actor_id=who.actor_id, role=who.role, object_id=object_id, outcome=outcome, at=work.now
    )


def etagged(body: Any, version: int) -> Response:
    """Give a JSON answer with its version as ETag."""
    response: Response = jsonify(body)
    response.headers["ETag"] = f'"{version}"'
    return response
