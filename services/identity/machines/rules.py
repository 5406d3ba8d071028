"""Machines that may act: what with, from where, until when; pure.

Shown by tests/unit/identity/test_machine_rules.py.
"""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from shared.kernel.errors import RuleViolationError

MACHINE_ROLE = "INTEGRATOR"

SCOPES: Mapping[str, str] = {
    "events:read": "Read the feed of events and its snapshot, and keep event consumers of its own.",
    "webhooks:manage": "See webhooks and what became of their deliveries; test, rotate, disable one, and send again.",
    "imports:write": "Upload an export, or tell of one record by its own reference, and read what became of it.",
    "episodes:read": "List episodes by what changed: ids and codes, neither days nor nationalities.",
}
"""Every scope that a key may have, and what it opens."""

USUAL_LIFE = timedelta(days=365)
LONGEST_LIFE = timedelta(days=731)
LONGEST_OVERLAP_H = 168
SHOWN_LETTERS = 14
"""So many letters of a secret are kept to tell one from another: its mark and four that say nothing of the rest."""


class OverlapOpenError(RuleViolationError):
    """Two secrets of a key are valid already."""

    code = "overlap-open"

    def __init__(self) -> None:
        """Say how to go on."""
        super().__init__(
            "The secret before this one is still valid. Wait until its time has passed, or rotate with overlap_hours "
            "0, which ends it at once."
        )


@dataclass(frozen=True, kw_only=True)
class MachineKey:
    """A machine that may act; its secrets are HMACs.

    Attributes:
        scopes: What it may do; of ``SCOPES``.
        secret_prefix: The first letters of its secret, by which people tell keys apart; empty for older keys.
        networks: Addresses it may come from, as CIDR; empty means any.
        expires_at: Real time from which on it is not valid; None for keys made before there was an end.
        former_index: The secret before this one, until ``former_until``.
    """

    id: str
    client_id: str
    secret_index: str = field(repr=False)
    scopes: tuple[str, ...]
    organisation_id: str
    revoked: bool = False
    secret_prefix: str = ""
    networks: tuple[str, ...] = ()
    expires_at: datetime | None = None
    former_index: str | None = field(default=None, repr=False)
    former_until: datetime | None = None
    version: int = 0

    def fits(self, given: str, at: datetime) -> bool:
        """Whether a secret's HMAC is this key's, or the former one's in its overlap; both are always compared."""
        now = hmac.compare_digest(self.secret_index, given)
        before = hmac.compare_digest(self.former_index or "0" * len(given), given)
        return now or (before and self.former_until is not None and at < self.former_until)

    def is_valid(self, at: datetime) -> bool:
        """Whether it may sign in at all at a moment of real time."""
        return not self.revoked and (self.expires_at is None or at < self.expires_at)

    def rotated(self, secret_index: str, secret_prefix: str, *, at: datetime, overlap: timedelta) -> "MachineKey":
        """Give the key with another secret; the present one stays valid for the overlap.

        Raises:
            OverlapOpenError: Another overlap has not ended, and this is not to end it.
        """
        if overlap and self.former_until is not None and at < self.former_until:
            raise OverlapOpenError
        return replace(
            self,
            secret_index=secret_index,
            secret_prefix=secret_prefix,
            former_index=self.secret_index if overlap else None,
            former_until=at + overlap if overlap else None,
        )
