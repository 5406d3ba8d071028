"""Makes of what was typed what may be kept: hashes passwords, seals login and name, draws links and codes."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from services.identity.people.commands import AddUser, InviteUser
from services.identity.people.enrolling import Enrol
from services.identity.people.links import NewLink
from services.identity.people.names import StaffNames, check_login
from services.identity.people.rules import Administrator, Membership
from services.identity.sessions.passwords import Passwords
from shared.kernel.clock import Now
from shared.kernel.ids import new_id

LINK_LIFE = timedelta(days=7)
"""How long an enrolment link works: a week covers a holiday; a new one costs an administrator a minute."""
PATH = "/enrol"

_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH = 8  # 40 bits; five wrong ones end the link.


@dataclass(frozen=True, kw_only=True)
class DrawnLink:
    """A link, to be shown once.

    Attributes:
        path: Address below the tenant's own, such as ``/enrol/…``.
        kept: What the database holds of it.
    """

    path: str = field(repr=False)
    kept: NewLink


class Enrolment:
    """Prepares users of one tenant; writes nothing."""

    def __init__(self, names: StaffNames, passwords: Passwords, real_time: Now) -> None:
        """Take what seals and what hashes."""
        self.names = names
        self._passwords = passwords
        self._real_time = real_time

    def user(
        self, *, login: str, display_name: str | None, password: str, memberships: Iterable[Membership]
    ) -> AddUser:
        """Prepare a new user with a password: invented people, and tests.

        Args:
            login: In the form of an e-mail address.
            display_name: How colleagues see the person; the login if left out.
            password: As typed.
            memberships: A repetition counts once.

        Raises:
            InvalidLoginError, WeakPasswordError: Nothing can be kept.
        """
        user_id = new_id()
        kept = check_login(login)
        return AddUser(
            user_id=user_id,
            login_index=self.names.login_index(kept),
            login_sealed=self.names.seal(kept, user_id=user_id, field="login"),
            name_sealed=self.names.seal(display_name or kept, user_id=user_id, field="display_name"),
            password_hash=self.password_hash(password, login=kept),
            memberships=tuple(dict.fromkeys(memberships)),
        )

    def invitation(
        self,
        *,
        login: str,
        display_name: str | None,
        memberships: Iterable[Membership],
        link: DrawnLink,
        by: Administrator | None,
    ) -> InviteUser:
        """Prepare a person who will set a password with a link; arguments as in ``user``.

        Raises:
            InvalidLoginError: Nothing can be kept.
        """
        user_id = new_id()
        kept = check_login(login)
        return InviteUser(
            user_id=user_id,
            login_index=self.names.login_index(kept),
            login_sealed=self.names.seal(kept, user_id=user_id, field="login"),
            name_sealed=self.names.seal(display_name or kept, user_id=user_id, field="display_name"),
            memberships=tuple(dict.fromkeys(memberships)),
            link=link.kept,
            by=by,
        )

    def draw_link(self, secret: str | None = None) -> DrawnLink:
        """Draw a link of 256 random bits, or take a secret that the machine's operator drew."""
        secret = secret or secrets.token_urlsafe(32)
        ends = self._real_time() + LINK_LIFE
        return DrawnLink(path=f"{PATH}/{secret}", kept=NewLink(index=self.names.link_index(secret), expires_at=ends))

    @staticmethod
    def draw_code() -> str:
        """Draw a second administrator's code, in letters and digits that are not mistaken for one another."""
        drawn = "".join(secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH))
        return f"{drawn[:4]}-{drawn[4:]}"

    def code_index(self, code: str) -> str:
        """Give the HMAC of a code, however it was typed."""
        return self.names.link_index("".join(c for c in code.upper() if c.isalnum()))

    def enrol(self, *, user_id: str, link: str, code: str | None, password: str, login: str) -> Enrol:
        """Prepare the setting of a password.

        Raises:
            WeakPasswordError: It may not be one.
            BusyError: Too many passwords are being hashed.
        """
        return Enrol(
            user_id=user_id,
            link_index=self.names.link_index(link),
            code_index=self.code_index(code) if code else None,
            password_hash=self.password_hash(password, login=login),
            at=self._real_time(),
        )

    def password_hash(self, password: str, *, login: str) -> str:
        """Hash a password; ``WeakPasswordError`` if it may not be one."""
        return self._passwords.hash(password, login=login)
