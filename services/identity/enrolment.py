"""Makes of what was typed what may be kept: hashes the password, seals login and name."""

from collections.abc import Iterable

from services.identity.commands import AddUser
from services.identity.domain import Membership
from services.identity.names import StaffNames, check_login
from services.identity.passwords import Passwords
from shared.kernel.ids import new_id


class Enrolment:
    """Prepares users of one tenant; writes nothing."""

    def __init__(self, names: StaffNames, passwords: Passwords) -> None:
        """Take what seals and what hashes."""
        self.names = names
        self._passwords = passwords

    def user(
        self, *, login: str, display_name: str | None, password: str, memberships: Iterable[Membership]
    ) -> AddUser:
        """Prepare a new user.

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

    def password_hash(self, password: str, *, login: str) -> str:
        """Hash a password; ``WeakPasswordError`` if it may not be one."""
        return self._passwords.hash(password, login=login)
