"""An administrator ends somebody's sessions, such as after a lost telephone.

Promise: no session that began by then is renewed, so each ends within a quarter of an hour. Shown by
tests/integration/identity/test_people_pages.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from services.identity.people.administrators import Administrators
from services.identity.people.commands import OfUser
from services.identity.people.documents import answer_for
from services.identity.people.rules import Administrator, RolePolicy
from services.identity.sessions.documents import SignInStore
from shared.outbox.commands import Answer
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class EndSessions(OfUser):
    """A person has to sign in again, wherever they are signed in.

    Attributes:
        at: Real time, as sessions have it.
    """

    action: ClassVar[str] = "identity:session:end"

    user_id: str
    at: datetime
    by: Administrator


def end_sessions(command: EndSessions, work: UnitOfWork, *, policy: RolePolicy) -> Answer:
    """Let no session of a person be renewed; whoever may suspend them may do this.

    Raises:
        OwnAccountError: One signs out of one's own session.
    """
    user = Administrators(work, policy).theirs(command.user_id, command.by, in_part=True)
    SignInStore(work).end(user.id, command.at)
    return answer_for(200, user, user.version)
