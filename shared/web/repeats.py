"""How a request that comes twice is known again: by its caller's key, and by all that it asks for.

Shown by tests/integration/shared/test_web.py.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator

from flask import g, request

from shared.kernel.tenancy import Principal
from shared.keys.spool import SealedSpool, chunks
from shared.outbox.commands import IdempotencyKey
from shared.web.problems import IdempotencyKeyMissingError

_KEY = re.compile(r"[!-~]{1,255}")


def usable_key() -> str:
    """Give the request's key.

    Raises:
        IdempotencyKeyMissingError: There is no usable one.
    """
    # A page's form carries its number in a field, since a browser sends no headers of ours.
    key: str = g.get("idempotency_key") or request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(key):
        raise IdempotencyKeyMissingError
    return key


def repeats_of(who: Principal, fingerprint_key: bytes) -> IdempotencyKey:
    """Give the key of a request with the fingerprint of what it asks for, both under the tenant's key.

    Raises:
        IdempotencyKeyMissingError: There is no usable one.
    """
    key = usable_key()
    # The query belongs to what is asked, as the profile of an import does.
    fingerprint = hmac.new(fingerprint_key, digestmod=hashlib.sha256)
    for part in (request.method.encode(), request.path.encode(), request.query_string):
        fingerprint.update(len(part).to_bytes(8) + part)
    for part in _sized_body():
        fingerprint.update(part)
    # A key is the caller's own text, which may hold anything: only its HMAC is kept.
    closed = hmac.new(fingerprint_key, b"key:" + key.encode(), hashlib.sha256).hexdigest()
    return IdempotencyKey(actor_id=who.actor_id, key=closed, fingerprint=fingerprint.hexdigest(), formerly=key)


def _sized_body() -> Iterator[bytes]:
    """Give the body's length and then the body; of a file that was taken as a stream, chunk by chunk."""
    taken: SealedSpool | None = g.get("taken_file")
    if taken is None:
        body = _body()
        yield len(body).to_bytes(8) + body
        return
    yield taken.size.to_bytes(8)
    yield from chunks(taken)


def _body() -> bytes:
    """Give the body as it came; of a form that was parsed already, its parts and the files' hashes."""
    if request.mimetype not in ("multipart/form-data", "application/x-www-form-urlencoded"):
        return request.get_data(cache=True)
    digest = hashlib.sha256()
    for name, value in sorted(request.form.items(multi=True)):
        digest.update(f"{len(name)}:{name}{len(value)}:{value}".encode())
    for name, file in sorted(request.files.items(multi=True), key=lambda item: item[0]):
        digest.update(f"{len(name)}:{name}".encode() + hashlib.sha256(file.stream.read()).digest())
        file.stream.seek(0)
    return digest.digest()
