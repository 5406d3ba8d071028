"""What may be asked of reporting."""

from dataclasses import dataclass


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
    """

    period: str
    report_id: str
    seed: bytes
