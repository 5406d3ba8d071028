"""As whom one signs in: a machine with its key, a person with a password, or a person's session that goes on.

Promise: no secret stands in a representation (tests/unit/client/test_client_sessions.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Token:
    """What the token endpoint gave.

    Attributes:
        ends_at: Real time at which it ends, in seconds since the epoch, by this machine's clock.
        lifetime_s: Seconds for which it was given.
    """

    access_token: str = field(repr=False)
    ends_at: float
    lifetime_s: float
    role: str | None = None
    organisation_id: str | None = None
    scopes: tuple[str, ...] = ()

    def has_ended(self, now: float) -> bool:
        """Whether it is of no use any more."""
        return now >= self.ends_at

    def is_due(self, now: float) -> bool:
        """Whether half of its time is over, so that a new one is fetched before this one fails."""
        return now >= self.ends_at - self.lifetime_s / 2


class Grant(Protocol):
    """Gives the form that the token endpoint takes."""

    def form(self, held: Token | None) -> Mapping[str, str] | None:
        """Give the form, or None if a new token cannot be had; ``held`` is the token so far."""


@dataclass(frozen=True, kw_only=True)
class MachineKey:
    """A machine's key (client credentials, RFC 6749, 4.4).

    Attributes:
        scope: Fewer scopes than the key has, divided by spaces; all of them if left out.
    """

    client_id: str
    client_secret: str = field(repr=False)
    scope: str | None = None

    def form(self, held: Token | None) -> Mapping[str, str]:
        """Give the form."""
        del held
        given = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "scope": self.scope,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Password:
    """A person's login and password (RFC 6749, 4.3).

    Attributes:
        role: Which of the person's roles, where they have several.
        audience: At the central register, whose API will take the token.
        renewable: Whether the tokens may be renewed without the password, by ``Renewal``.
    """

    login: str = field(repr=False)
    password: str = field(repr=False)
    role: str | None = None
    organisation_id: str | None = None
    audience: str | None = None
    renewable: bool = False

    def form(self, held: Token | None) -> Mapping[str, str]:
        """Give the form."""
        del held
        given = {
            "grant_type": "password",
            "username": self.login,
            "password": self.password,
            "role": self.role,
            "organisation": self.organisation_id,
            "audience": self.audience,
            "session": "browser" if self.renewable else None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True, kw_only=True)
class Renewal:
    """A session that a person began before: each token is had for the one before it, while that one is valid."""

    audience: str | None = None

    def form(self, held: Token | None) -> Mapping[str, str] | None:
        """Give the form; None without a token."""
        if held is None:
            return None
        given = {"grant_type": "refresh_token", "refresh_token": held.access_token, "audience": self.audience}
        return {name: value for name, value in given.items() if value is not None}
