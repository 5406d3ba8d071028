"""Closes a draft under a key of its own, which the newest generation of the tenant key wraps.

Promise: an erasure replaces the tenant key, and then no copy of any older draft opens, neither in a backup nor in a
log: whoever had begun to ask begins again. Shown by tests/integration/consent/test_drafts.py. Source: ADR 0055.
"""

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from shared.keys.fields import CiphertextMovedError, decrypt_field, encrypt_field
from shared.keys.key_file import KEY_BYTES
from shared.keys.tenant_key import KeyWrapper, UnknownGenerationError, WrappedKey, WrongTenantKeyError

_FIELD = "draft"


@dataclass(frozen=True, kw_only=True)
class Closed:
    """A closed draft.

    Attributes:
        generation: Of the tenant key that wraps the draft's own.
    """

    generation: int
    key: bytes
    content: bytes


def close(wrapper: KeyWrapper, said: Mapping[str, str], *, tenant: str, survivor_id: str) -> Closed:
    """Close what was typed, for its tenant and survivor."""
    key = secrets.token_bytes(KEY_BYTES)
    wrapped = wrapper.wrap(key)
    content = encrypt_field(key, json.dumps(dict(said)), tenant=tenant, survivor_id=survivor_id, field=_FIELD)
    return Closed(generation=wrapped.generation, key=wrapped.data, content=content)


def open_closed(wrapper: KeyWrapper, closed: Closed, *, tenant: str, survivor_id: str) -> dict[str, str] | None:
    """Give what was typed; None where an erasure destroyed what opened it, or it lies at another's place."""
    try:
        key = wrapper.unwrap(WrappedKey(generation=closed.generation, data=closed.key))
        text = decrypt_field(key, closed.content, tenant=tenant, survivor_id=survivor_id, field=_FIELD)
    except (UnknownGenerationError, WrongTenantKeyError, CiphertextMovedError):
        return None
    said: dict[str, str] = json.loads(text)
    return said
