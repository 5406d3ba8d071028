"""Parts of what is kept of one person, on their way from the service that keeps them to case.

Promise: a part is sealed to the key of one collection, one question and one service, and opens for nothing else; who
leaves it here can read neither it nor any other; within a day the database deletes it, whether or not somebody came for
it. No key opens it once the person is erased: the one that does lies sealed under their own.
Shown by tests/integration/case/test_access_parts.py.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bson import Binary

from shared.kernel.clock import real_now
from shared.kernel.ids import new_id
from shared.kernel.tenancy import database_name
from shared.keys.sealing import SealedForAnotherError, ServerKey, seal
from shared.runtime.context import ServiceContext

PARTS, LEFT_AT = "access_parts", "left_at"
LEFT_FOR_S = 24 * 3600
"""Real seconds after which a part that waits here is deleted; whoever was too late is asked again."""
MOST_BYTES = 8_000_000
"""Of one part; far more than anybody's record, and well below what one document of the database holds."""

_ALIKE = ("what", "when")


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that is kept about somebody.

    Attributes:
        what: What it is, in words.
        when: When it was, in words.
        lines: What it says: names and words.
        by: Who wrote it, by random ids; never shown.
    """

    what: str
    when: str | None
    lines: tuple[tuple[str, str], ...]
    by: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one service keeps about somebody.

    Attributes:
        question_id: The question that it answers.
        about: Whom it is about; None of the statistics, which know nobody.
        items: Nothing where nothing is held.
    """

    question_id: str
    about: str | None
    items: tuple[Item, ...]


def leave(context: ServiceContext, part: Part, reader_key: str) -> dict[str, str]:
    """Seal a part and leave it in the strongroom; give where it lies, as the answer says it.

    Raises:
        WrongPublicKeyError: The reader's key cannot be used.
    """
    place = _place(part.question_id, context.service)
    sealed = seal(bytes.fromhex(reader_key), to_text(part).encode(), place)
    part_id = new_id()
    # Real time: how long it may wait has nothing to do with the business clock.
    context.client[database_name(context.tenant_id, "strongroom")][PARTS].insert_one(
        {"_id": part_id, "sealed": Binary(sealed), LEFT_AT: real_now()}
    )
    return {"question_id": part.question_id, "part_id": part_id, "part_hash": hashlib.sha256(sealed).hexdigest()}


def fetch(context: ServiceContext, *, question_id: str, source: str, part: Mapping[str, str], key: str) -> Part | None:
    """Open a part that a service left; None where it is gone, is another one, or does not open with this key.

    Args:
        context: Of the one service that may read the strongroom.
        question_id: The question that was put to ``source``.
        source: The service that answers.
        part: Its ``part_id`` and ``part_hash``, as the answer says.
        key: The secret half of the reader's key, as hexadecimal.
    """
    strongroom = context.client[database_name(context.tenant_id, "strongroom")]
    found = strongroom[PARTS].find_one({"_id": part["part_id"]})
    if found is None or hashlib.sha256(bytes(found["sealed"])).hexdigest() != part["part_hash"]:
        return None
    try:
        opened = ServerKey(secret=bytes.fromhex(key)).open_sealed(bytes(found["sealed"]), _place(question_id, source))
        read = from_text(opened.decode())
    except (SealedForAnotherError, ValueError, KeyError, TypeError):
        return None
    return read if read.question_id == question_id else None


def to_text(part: Part) -> str:
    """Write a part down; what would make it too large is left out, and that it is so is said."""
    room = MOST_BYTES
    kept: list[dict[str, Any]] = []
    for item in part.items:
        written = _written(item)
        room -= len(json.dumps(written).encode())
        if room < 0:
            more = f"{len(part.items) - len(kept)} more things are kept than fit here. Ask the organisation for them."
            kept.append(_written(Item(what="More", when=None, lines=(("Kept", more),))))
            break
        kept.append(written)
    return json.dumps({"question_id": part.question_id, "about": part.about, "items": kept})


def from_text(text: str) -> Part:
    """Read a part; ``ValueError``, ``KeyError`` or ``TypeError`` where it is none."""
    said = json.loads(text)
    return Part(question_id=said["question_id"], about=said["about"], items=tuple(_items(said["items"])))


def _items(written: Iterable[Mapping[str, Any]]) -> Iterable[Item]:
    for one in written:
        lines = tuple((str(name), str(words)) for name, words in one["lines"])
        yield Item(**{name: one[name] for name in _ALIKE}, lines=lines, by=tuple(str(who) for who in one["by"]))


def _written(item: Item) -> dict[str, Any]:
    lines = [list(line) for line in item.lines]
    return {**{name: getattr(item, name) for name in _ALIKE}, "lines": lines, "by": list(item.by)}


def _place(question_id: str, service: str) -> bytes:
    return f"alongside/access-part/{question_id}/{service}".encode()
