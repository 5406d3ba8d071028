"""Several commands in one request, each with an answer of its own.

Promise: each item is a request of its own, as the same caller: right, owner, body, idempotency, audit and metrics are
those of its address, and what becomes of one changes nothing for its neighbours. They are carried out in order, one
after the other. Items whose turn does not come in time are not begun, and say so; the whole sent again with the same
key does what is left. Shown by tests/integration/shared/test_batch.py.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import Context
from functools import partial
from http import HTTPStatus
from typing import Any

import pymongo
from flask import Flask, Response, current_app, g, jsonify, request
from marshmallow import Schema, fields, validate
from werkzeug.datastructures import Headers
from werkzeug.exceptions import HTTPException
from werkzeug.test import EnvironBuilder

from shared.kernel.errors import AlongsideError, InvalidInputError, TemporarilyUnavailableError
from shared.outbox.commands import KeyInFlightError
from shared.web.bodies import Blueprint, read_arguments
from shared.web.deadlines import WAITING_SINCE, waited_s
from shared.web.problems import RETRY_AFTER_S, problem_document
from shared.web.repeats import usable_key
from shared.web.schemas import StrictSchema

PATH = "/v1/batch"
MOST_ITEMS = 100
BEGUN_WITHIN_S, WITHIN_S = 5.0, 9.0
"""Seconds in which an item is begun, and in which all ends: no caller waits for more than ten."""

_MARK = "alongside_in_batch"
_NOT_NOW = (HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE)
_PATH = r"^/v1/[A-Za-z0-9_.\-]+(?:/[A-Za-z0-9_.\-]+){0,6}$(?!\n)"
_KEY = r"^[!-~]{1,255}$(?!\n)"


class NotBegunError(TemporarilyUnavailableError):
    """The turn of a batch's item did not come in time; nothing of it was done."""

    code = "not-begun"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("Its turn did not come in time. Send the same batch again with the same Idempotency-Key.")


class NotInBatchError(InvalidInputError):
    """No address of this API that a batch may name."""

    code = "not-in-batch"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("A batch takes commands whose address says x-in-batch in /openapi.json. Send this one alone.")


class BatchItemSchema(StrictSchema):
    """One command."""

    path = fields.String(
        required=True,
        validate=[validate.Length(max=300), validate.Regexp(_PATH, error="This is no address of this API.")],
        metadata={
            "description": "Address of a POST that says x-in-batch in this document",
            "example": "/v1/survivors/by-reference",
        },
    )
    body = fields.Dict(keys=fields.String(), load_default=dict, metadata={"description": "As that address takes it"})
    key = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(_KEY, error="1 to 255 visible ASCII characters."),
        metadata={"description": "Its Idempotency-Key; by default made of the batch's own and the item's place"},
    )
    version = fields.Integer(
        load_default=None,
        allow_none=True,
        strict=True,
        validate=validate.Range(min=1, max=2**53),
        metadata={"description": "Which version is meant, where the address wants If-Match"},
    )


class BatchSchema(StrictSchema):
    """Commands that are carried out one after the other."""

    items = fields.List(fields.Nested(BatchItemSchema), required=True, validate=validate.Length(min=1, max=MOST_ITEMS))


class BatchAnswerSchema(Schema):
    """What became of one command, as its address answers."""

    status = fields.Integer(required=True, metadata={"description": "HTTP status"})
    body = fields.Dict(keys=fields.String(), required=True, metadata={"description": "Its answer, or its problem"})
    replayed = fields.Boolean(metadata={"description": "An earlier request with the same key had this answer"})


class BatchResultSchema(Schema):
    """What became of each command, in the order in which they were sent."""

    items = fields.List(fields.Nested(BatchAnswerSchema), required=True)
    failed = fields.Integer(required=True, metadata={"description": "How many have a status of 400 or more"})
    again = fields.Boolean(
        required=True,
        metadata={
            "description": "Whether some may pass if the same batch is sent again with the same Idempotency-Key, after "
            "as long as Retry-After says; what was done is not done twice"
        },
    )


def mark_for_batch(view: Callable[..., Any]) -> None:
    """Note on a view that a batch may name its route."""
    setattr(view, _MARK, True)


def build_batch_blueprint() -> Blueprint:
    """Build the address."""
    blueprint = Blueprint("batch", __name__, description="Several commands at once")

    def batch(body: Mapping[str, Any]) -> Response:
        """Carry out up to 100 commands in order, each under the caller's own rights and with its own answer."""
        key = usable_key()
        read_arguments()
        answers = list(_answers(body["items"], key))
        statuses = [answer["status"] for answer in answers]
        again = any(_may_pass(answer) for answer in answers)
        failed = sum(status >= HTTPStatus.BAD_REQUEST for status in statuses)
        response = jsonify({"items": answers, "failed": failed, "again": again})
        response.status_code = HTTPStatus.MULTI_STATUS
        if again:
            response.headers["Retry-After"] = str(RETRY_AFTER_S)
        return response

    taken = blueprint.arguments(BatchSchema)(blueprint.response(HTTPStatus.MULTI_STATUS, BatchResultSchema)(batch))
    blueprint.post(PATH)(taken)
    return blueprint


def serves_some(app: Flask) -> bool:
    """Whether any of an application's routes may stand in a batch."""
    return any(_is_marked(view) for view in app.view_functions.values())


def _may_pass(answer: Mapping[str, Any]) -> bool:
    return answer["status"] in _NOT_NOW or answer["body"].get("code") == KeyInFlightError.code


def _is_marked(view: Any) -> bool:
    return bool(getattr(view, _MARK, False))


def _answers(items: list[Mapping[str, Any]], key: str) -> Iterator[dict[str, Any]]:
    for place, item in enumerate(items):
        if waited_s() > BEGUN_WITHIN_S:
            yield _refused(HTTPStatus.SERVICE_UNAVAILABLE, NotBegunError())
        elif not _may_stand_here(item["path"]):
            yield _refused(HTTPStatus.UNPROCESSABLE_ENTITY, NotInBatchError())
        else:
            yield _carry_out(item, item["key"] or _key_of(key, place))


def _refused(status: int, error: AlongsideError) -> dict[str, Any]:
    return {"status": int(status), "body": problem_document(status, code=error.code, detail=str(error))}


def _may_stand_here(path: str) -> bool:
    try:
        endpoint, _ = current_app.url_map.bind("").match(path, method="POST")
    except HTTPException:
        return False
    return _is_marked(current_app.view_functions.get(endpoint))


def _key_of(key: str, place: int) -> str:
    return f"batch-{hashlib.sha256(key.encode()).hexdigest()[:40]}-{place}"


def _carry_out(item: Mapping[str, Any], key: str) -> dict[str, Any]:
    headers = Headers({"Authorization": request.headers.get("Authorization", ""), "Idempotency-Key": key})
    if item["version"] is not None:
        headers["If-Match"] = f'"{item["version"]}"'
    if "traceparent" in g:
        headers["traceparent"] = g.traceparent
    builder = EnvironBuilder(
        path=item["path"],
        method="POST",
        data=current_app.json.dumps(item["body"]).encode(),
        content_type="application/json",
        headers=headers,
        environ_overrides={WAITING_SINCE: g.waiting_since, "REMOTE_ADDR": request.remote_addr or ""},
    )
    call = partial(Response.from_app, current_app.wsgi_app, builder.get_environ(), buffered=True)
    try:
        # In a context of its own: within this one Flask would let both requests share one ``g``.
        answer = Context().run(_bounded, call, max(0.5, WITHIN_S - waited_s()))
    finally:
        builder.close()
    said = answer.get_json(silent=True)
    told: dict[str, Any] = {"status": answer.status_code, "body": said if isinstance(said, dict) else {}}
    if "Idempotent-Replayed" in answer.headers:
        told["replayed"] = True
    return told


def _bounded(call: Any, within_s: float) -> Any:
    with pymongo.timeout(within_s):
        return call()
