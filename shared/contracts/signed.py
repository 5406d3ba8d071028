"""Messages that leave the vhost they were stated in: each is signed whole, every value of it.

Promise: a value that was changed on the way, left out, put in or moved from another message makes the signature false;
``tests/attacks/test_attacks_on_messages.py`` changes each value of each such message. Limit: a field that a newer
version adds is covered by the newer version's signature, which an older one refuses; so a new field is set only in
tasks whose policy version both sides know.
"""

import json
from dataclasses import dataclass

import msgspec

from shared.contracts.fields import Signature
from shared.kernel.messages import Event

_OWN = "message_signature"


@dataclass(frozen=True, kw_only=True)
class SignedMessage(Event):
    """An event for another owner's servers.

    Attributes:
        message_signature: The stating party's signature over ``signed_bytes``; absent only in tasks of a policy
            version before 2026-12.
    """

    message_signature: Signature | None = None


def signed_bytes(message: SignedMessage) -> bytes:
    """Give what is signed: the event's type and all its values but the signature itself, in one form.

    A value that is None is left out, as by a version that does not know its field.
    """
    # There and back first, so that the reader, who has only what it decoded, has the same text.
    body = msgspec.json.encode(msgspec.json.decode(msgspec.json.encode(message), type=type(message)))
    content = json.loads(body)
    content.pop(_OWN, None)
    text = json.dumps(_set(content), sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return f"alongside|v1|message|{message.event_type}|{text}".encode()


def _set(content: object) -> object:
    if isinstance(content, dict):
        return {name: _set(value) for name, value in content.items() if value is not None}
    return [_set(value) for value in content] if isinstance(content, list) else content
