"""Machines that may act; pure."""

from dataclasses import dataclass, field

MACHINE_ROLE = "INTEGRATOR"


@dataclass(frozen=True, kw_only=True)
class MachineKey:
    """A machine that may act; the secret is an HMAC.

    Attributes:
        scopes: What it may do, such as ``imports:write``.
    """

    id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str
    revoked: bool = False
    version: int = 0
