"""A sealed, short-lived proof that somebody searched, and for what: without it no page opens a referral.

Promise: a proof of somebody else, of another role, or of another host opens nothing; neither does an old one, nor one
that was altered. What was searched for stands in it, so that nobody is written down under a name that was not looked
for. Shown by tests/unit/case/test_search_proofs.py. Source: ADR 0054.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from shared.kernel.ids import new_id
from shared.kernel.tenancy import Principal
from shared.keys.fields import CiphertextMovedError, decrypt_field, encrypt_field

PURPOSE = "search-proof"
LIFE_S = 1800.0
"""Long enough for a conversation in which a form is filled in; after it somebody else may have written them down."""
LONGEST = 8_000


@dataclass(frozen=True, kw_only=True)
class Proof:
    """What was searched for, and whom a referral would make.

    Attributes:
        survivor_id, episode_id: Drawn at the search: a form that is sent twice, or again after going back, makes one
            person.
        at: When the search was made, in seconds of real time.
    """

    name: str | None
    telephone: str | None
    reference: str | None
    survivor_id: str
    episode_id: str
    at: float


class Proofs:
    """Seals and opens the proofs of one host."""

    def __init__(self, key: bytes, *, tenant: str, now: Callable[[], float] = time.time) -> None:
        """Take the key of this purpose alone."""
        self._key, self._tenant, self._now = key, tenant, now

    def of_search(self, who: Principal, searched: Mapping[str, str | None]) -> str:
        """Give the proof of a search that somebody made now."""
        proof = Proof(
            name=searched["name"],
            telephone=searched["telephone"],
            reference=searched["reference"],
            survivor_id=new_id(),
            episode_id=new_id(),
            at=self._now(),
        )
        content = json.dumps(asdict(proof))
        sealed = encrypt_field(self._key, content, tenant=self._tenant, survivor_id=_whose(who), field=PURPOSE)
        return base64.urlsafe_b64encode(sealed).decode()

    def open(self, text: str, who: Principal) -> Proof | None:
        """Give what a proof says; None of one that proves nothing, or nothing any more, of this person."""
        if len(text) > LONGEST or not text.isascii():
            return None
        try:
            sealed = base64.b64decode(text, altchars=b"-_", validate=True)
            content = decrypt_field(self._key, sealed, tenant=self._tenant, survivor_id=_whose(who), field=PURPOSE)
        except (ValueError, CiphertextMovedError):
            return None
        said: dict[str, Any] = json.loads(content)
        proof = Proof(**said)
        return proof if 0 <= self._now() - proof.at < LIFE_S else None


def _whose(who: Principal) -> str:
    return f"{who.role}:{who.actor_id}"
