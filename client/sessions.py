"""Who is signed in where: one session for each API, in the system's keyring or in a file that only its owner reads.

Promise: no password is kept; what is kept ends with its token, 15 minutes after the last command, and at the latest
eight hours after the sign-in; a file that others may read or write is refused, not used. Shown by
tests/unit/client/test_kept_sessions.py.
Limit: whoever may act as this user on this machine may use the session until it ends.
"""

import contextlib
import hashlib
import importlib
import json
import os
import secrets
import stat
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from client.alongside_client import Token
from shared.kernel.errors import RuleViolationError

LONGEST_S = 8 * 3600
"""Seconds after a sign-in for which the API renews a session; it has the last word."""

_SERVICE = "alongside"
_LARGEST = 16_384


class SessionsOpenError(RuleViolationError):
    """Others may read or write what is kept of a sign-in."""

    code = "sessions-open"

    def __init__(self, place: Path) -> None:
        """Name the place and what mends it."""
        super().__init__(
            f"{place} belongs to somebody else, or others may read it. It was not used. Delete it, and sign in again."
        )


@dataclass(frozen=True, kw_only=True)
class Session:
    """One person, signed in at one API.

    Attributes:
        place: What names the API: its address, or this machine's stack and the tenant.
        tenant: Whose API it is.
        token_url: Where tokens are renewed, if not by this API itself.
        audience: For whom they are, when the central register gives them.
        began: Real time of the sign-in, in seconds since the epoch.
    """

    place: str
    tenant: str
    login: str = field(repr=False)
    token_url: str | None = None
    audience: str | None = None
    began: float
    token: Token = field(repr=False)

    def ends_at(self) -> float:
        """Give when it ends if no command is run."""
        return min(self.token.ends_at, self.began + LONGEST_S)

    def with_token(self, token: Token) -> "Session":
        """Give the session with its next token."""
        return replace(self, token=token)


def keep(session: Session) -> None:
    """Keep a session in place of the one before it at the same API."""
    text = json.dumps(asdict(session))
    ring = _keyring()
    if ring is not None:
        ring.set_password(_SERVICE, _name(session.place), text)
        return
    folder = _folder()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _require_ours(folder)
    file = folder / _name(session.place)
    beside = folder / f".{secrets.token_hex(8)}"
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as written:
            written.write(text)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def find(place: str) -> Session | None:
    """Give the session at an API, if it has not ended; one that has is deleted.

    Raises:
        SessionsOpenError: Others may read or write the file.
    """
    ring = _keyring()
    text = ring.get_password(_SERVICE, _name(place)) if ring is not None else _read(_folder() / _name(place))
    session = _parsed(text, place) if text else None
    if text and (session is None or time.time() >= session.ends_at()):
        forget(place)
        return None
    return session


def forget(place: str) -> bool:
    """Delete the session at an API; gives whether there was one."""
    ring = _keyring()
    if ring is not None:
        known = ring.get_password(_SERVICE, _name(place)) is not None
        if known:
            ring.delete_password(_SERVICE, _name(place))
        return known
    file = _folder() / _name(place)
    try:
        file.unlink()
    except FileNotFoundError:
        return False
    return True


def _read(file: Path) -> str | None:
    try:
        descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    with os.fdopen(descriptor, encoding="utf-8", errors="replace") as opened:
        _require_ours(file.parent)
        _require_ours(file, os.fstat(opened.fileno()))
        return opened.read(_LARGEST)


def _require_ours(place: Path, found: os.stat_result | None = None) -> None:
    found = found or place.stat()
    if found.st_uid != os.getuid() or stat.S_IMODE(found.st_mode) & 0o077:
        raise SessionsOpenError(place)


def _parsed(text: str, place: str) -> Session | None:
    """Read a session; what cannot be read is as if nobody had signed in."""
    try:
        content = json.loads(text)
        token = Token(**{**content["token"], "scopes": tuple(content["token"]["scopes"])})
        session = Session(**{**content, "token": token})
        times = (session.began, token.ends_at, token.lifetime_s)
        whole = isinstance(token.access_token, str) and all(type(at) in {int, float} for at in times)
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return session if whole and session.place == place else None


def _name(place: str) -> str:
    """Give a name that tells nobody which organisation's API it is."""
    return hashlib.sha256(place.encode()).hexdigest()[:32]


def _folder() -> Path:
    given = os.environ.get("ALONGSIDE_SESSIONS")
    if given:
        return Path(given)
    state = os.environ.get("XDG_STATE_HOME")
    return (Path(state) if state else Path.home() / ".local" / "state") / "alongside" / "sessions"


def _keyring() -> Any | None:
    """Give the system's keyring, if the package ``keyring`` is installed, finds one, and no folder was named."""
    if os.environ.get("ALONGSIDE_SESSIONS"):
        return None
    with contextlib.suppress(Exception):  # A desktop's services fail in many ways, and the file is there.
        ring = importlib.import_module("keyring")
        if ring.get_keyring().priority >= 1:
            return ring
    return None
