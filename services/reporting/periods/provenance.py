"""Who was counted under which consent: the ledger stays in the host, a salted commitment goes out.

With ledger and salt an auditor inside the host can show that a sealed report counted exactly these people, each
under a consent that stood at the seal; without them the commitment says nothing, not even how many.
"""

import hashlib
import hmac
from collections.abc import Iterable

SALT_BYTES = 32


def commitment(salt: bytes, counted: Iterable[tuple[str, str]]) -> str:
    """HMAC-SHA256 under the salt over the sorted (contribution id, consent event id) pairs, hexadecimal."""
    lines = "\n".join(sorted(f"{contribution}|{event}" for contribution, event in counted))
    return hmac.digest(salt, lines.encode(), hashlib.sha256).hex()
