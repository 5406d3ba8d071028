"""What may be asked of reporting."""

import secrets
from dataclasses import dataclass
from typing import Self

from services.reporting.provenance import SALT_BYTES
from shared.kernel.ids import new_id
from shared.keys.sharing import new_seed


@dataclass(frozen=True, kw_only=True)
class SignOff:
    """A named data lead agrees that these figures may leave, in halves, at the seal.

    Attributes:
        digest: The preview's digest; it must still be the preview's when the command runs.
    """

    period: str
    digest: str
    actor_id: str


@dataclass(frozen=True, kw_only=True)
class SealPeriod:
    """Carry out the seal of a period now, if everything that it needs is there.

    Attributes:
        report_id: Random id of the report, made by the caller so that a repeat is the same report.
        seed: 32 random bytes, made by the caller likewise.
        blind: Seed of the commitments' blindings; 32 random bytes, made by the caller likewise.
        salt: Of the provenance commitment; 32 random bytes, made by the caller likewise.
    """

    period: str
    report_id: str
    seed: bytes
    blind: bytes
    salt: bytes

    @classmethod
    def draw(cls, period: str) -> Self:
        """Draw id, seeds and salt of a new report."""
        salt = secrets.token_bytes(SALT_BYTES)
        return cls(period=period, report_id=new_id(), seed=new_seed(), blind=new_seed(), salt=salt)
