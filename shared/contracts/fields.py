"""The kinds of field that an event may have; there is no kind for text, names, dates of birth or places.

Each kind is a type that msgspec checks when a message is decoded and from which the marshmallow schema
and the JSON Schema are made. A value outside its kind never reaches a handler.
"""

from datetime import datetime
from typing import Annotated

import msgspec

VERY_END = r"$(?!\n)"
"""How each pattern ends: in Python, ``$`` alone lets one line break through."""

ID_PATTERN = r"^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$(?!\n)"
CODE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_.:-]{0,79}$(?!\n)"
PERIOD_PATTERN = r"^[0-9]{4}(-Q[1-4])?$(?!\n)"
MONTH_PATTERN = r"^[0-9]{4}-(0[1-9]|1[0-2])$(?!\n)"
HASH_PATTERN = r"^[0-9a-f]{64}$(?!\n)"
SIGNATURE_PATTERN = r"^[0-9a-f]{128}$(?!\n)"
LATER_KEY_PATTERN = r"^[0-9a-f]{2624}$(?!\n)"
LATER_SIGNATURE_PATTERN = r"^[0-9a-f]{4840}$(?!\n)"
SEALED_PATTERN = r"^[A-Za-z0-9+/]{1,400000}={0,2}$(?!\n)"
MAX_COUNT = 2**32 - 1

Id = Annotated[str, msgspec.Meta(pattern=ID_PATTERN, extra={"kind": "id"})]
"""A random or time-ordered UUID."""

Code = Annotated[str, msgspec.Meta(pattern=CODE_PATTERN, extra={"kind": "code"})]
"""A value of a closed list: a code, a tenant id, a plan id, a wording's code."""

Period = Annotated[str, msgspec.Meta(pattern=PERIOD_PATTERN, extra={"kind": "code"})]
"""A quarter such as ``2026-Q3`` or a year such as ``2026``."""

Month = Annotated[str, msgspec.Meta(pattern=MONTH_PATTERN, extra={"kind": "code"})]
"""A calendar month such as ``2026-09``; never a day."""

Count = Annotated[int, msgspec.Meta(ge=0, le=MAX_COUNT, extra={"kind": "count"})]
"""A whole number from 0 to 2**32 - 1."""

Flag = Annotated[bool, msgspec.Meta(extra={"kind": "code"})]
"""Yes or no."""

Instant = Annotated[datetime, msgspec.Meta(tz=True, extra={"kind": "instant"})]
"""A moment in UTC: when something was recorded, or when a consent was said."""

Hash = Annotated[str, msgspec.Meta(pattern=HASH_PATTERN, extra={"kind": "hash"})]
"""32 bytes as lower-case hexadecimal: a digest, a commitment or a public key."""

Signature = Annotated[str, msgspec.Meta(pattern=SIGNATURE_PATTERN, extra={"kind": "hash"})]
"""An Ed25519 signature, 64 bytes as lower-case hexadecimal."""

LaterKey = Annotated[str, msgspec.Meta(pattern=LATER_KEY_PATTERN, extra={"kind": "hash"})]
"""A public key of ML-DSA-44, 1,312 bytes as lower-case hexadecimal."""

LaterSignature = Annotated[str, msgspec.Meta(pattern=LATER_SIGNATURE_PATTERN, extra={"kind": "hash"})]
"""An ML-DSA-44 signature, 2,420 bytes as lower-case hexadecimal."""

Sealed = Annotated[str, msgspec.Meta(pattern=SEALED_PATTERN, extra={"kind": "sealed"})]
"""Bytes sealed to one reader and padded to a fixed size, in base64; only listed event types have one."""
