"""A person sets their password with an enrolment link: the one way for the API and for the page.

Promise: the password is known to nobody else; a wrong code is counted before the next may be tried.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pymongo.database import Database

from services.identity import handlers
from services.identity.domain import SUSPENDED
from services.identity.enrolment import Enrolment
from services.identity.errors import LinkNotConfirmedError, LinkRefusedError, WrongCodeError
from services.identity.sign_in import COMMIT_WITHIN_S
from services.identity.store import ENROLMENTS, USERS, user_from
from shared.kernel.clock import Now
from shared.outbox.committer import Answer, Command, Committer


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
        login = self._enrolment.names.open_sealed(bytes(person["login_sealed"]), user_id=person["_id"], field="login")
        return OpenLink(
            login=login, needs_code=kept["needs_code"], confirmed=not kept["needs_code"] or kept["code"] is not None
        )

    def enrol(self, *, link: str, code: str | None, password: str) -> Answer:
        """Set the password; the link is used up.

        Raises:
            LinkRefusedError, LinkNotConfirmedError, WrongCodeError, WeakPasswordError, BusyError: Nothing is set.
        """
        opened = self.look(link)
        if not opened.confirmed:
            raise LinkNotConfirmedError
        kept, person = self._find(link)
        if kept["needs_code"] and (code is None or self._enrolment.code_index(code) != kept["code"]):
            self._committer.execute(
                Command(run=lambda work: handlers.note_wrong_code(kept["_id"], work=work), aggregates=_ids(person)),
                within_s=COMMIT_WITHIN_S,
            )
            raise WrongCodeError
        command = self._enrolment.enrol(link=link, code=code, password=password, login=opened.login)
        return self._committer.execute(
            Command(run=lambda work: handlers.enrol(command, work=work), aggregates=_ids(person)),
            within_s=COMMIT_WITHIN_S,
        )

    def _find(self, link: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
        kept = self._database[ENROLMENTS].find_one({"_id": self._enrolment.names.link_index(link)})
        if kept is None or kept["expires_at"] <= self._real_time():
            raise LinkRefusedError
        person = self._database[USERS].find_one({"_id": kept["user_id"]})
        if person is None or user_from(person).status == SUSPENDED:
            raise LinkRefusedError
        return kept, person


def _ids(person: Mapping[str, Any]) -> frozenset[str]:
    return frozenset({str(person["_id"])})
