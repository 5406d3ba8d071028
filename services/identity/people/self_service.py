"""A person sets their password with an enrolment link: the one way for the API and for the page.

Promise: the password is known to nobody else; a wrong code is counted before the next may be tried. Shown by
tests/integration/identity/test_identity_administration.py.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from pymongo.database import Database

from services.identity.people.documents import USERS, user_from
from services.identity.people.enrolling import enrol, note_wrong_code
from services.identity.people.enrolment import Enrolment
from services.identity.people.errors import LinkNotConfirmedError, LinkRefusedError, WrongCodeError
from services.identity.people.links import ENROLMENTS, Link, link_from
from services.identity.people.rules import SUSPENDED, User
from services.identity.sessions.attempts import COMMIT_WITHIN_S
from shared.kernel.clock import Now
from shared.outbox.commands import Answer, Command
from shared.outbox.committer import Committer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class OpenLink:
    """A link that works now.

    Attributes:
        login: Whose it is.
        needs_code: A second administrator stands behind it.
        confirmed: They have confirmed; always true where none is needed.
    """

    login: str
    needs_code: bool
    confirmed: bool


class SelfService:
    """Reads links and carries out enrolments of one tenant."""

    def __init__(
        self, database: Database[dict[str, Any]], committer: Committer, enrolment: Enrolment, real_time: Now
    ) -> None:
        """Take identity's database, and real time for a link's end."""
        self._database = database
        self._committer = committer
        self._enrolment = enrolment
        self._real_time = real_time

    def look(self, link: str) -> OpenLink:
        """Give what a link is for.

        Raises:
            LinkRefusedError: It does not work, for whatever reason.
        """
        kept, person = self._find(link)
        login = self._enrolment.names.open_sealed(person.login_sealed, user_id=person.id, field="login")
        return OpenLink(login=login, needs_code=kept.needs_code, confirmed=not kept.waits)

    def enrol(self, *, link: str, code: str | None, password: str) -> Answer:
        """Set the password; the link is used up.

        Raises:
            LinkRefusedError, LinkNotConfirmedError, WrongCodeError, WeakPasswordError, BusyError: Nothing is set.
        """
        opened = self.look(link)
        if not opened.confirmed:
            raise LinkNotConfirmedError
        kept, person = self._find(link)
        if kept.needs_code and (code is None or self._enrolment.code_index(code) != kept.code):
            self._execute(partial(note_wrong_code, kept.id), person.id)
            raise WrongCodeError
        command = self._enrolment.enrol(user_id=person.id, link=link, code=code, password=password, login=opened.login)
        return self._execute(partial(enrol, command), *command.aggregates)

    def _execute(self, run: Callable[[UnitOfWork], Answer], *aggregates: str) -> Answer:
        return self._committer.execute(Command(run=run, aggregates=frozenset(aggregates)), within_s=COMMIT_WITHIN_S)

    def _find(self, link: str) -> tuple[Link, User]:
        document = self._database[ENROLMENTS].find_one({"_id": self._enrolment.names.link_index(link)})
        kept = link_from(document) if document is not None else None
        if kept is None or kept.expires_at <= self._real_time():
            raise LinkRefusedError
        found = self._database[USERS].find_one({"_id": kept.user_id})
        person = user_from(found) if found is not None else None
        if person is None or person.status == SUSPENDED:
            raise LinkRefusedError
        return kept, person
