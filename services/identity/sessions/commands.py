"""What somebody who is signed in may ask for themself."""

from dataclasses import dataclass, field, replace
from typing import ClassVar

from services.identity.people.documents import UserStore, answer_for
from shared.outbox.commands import Answer, DomainCommand
from shared.outbox.unit_of_work import UnitOfWork


@dataclass(frozen=True, kw_only=True)
class ChangePassword(DomainCommand):
    """A person has another password; the present one was checked."""

    action: ClassVar[str] = "identity:password:change"

    user_id: str
    password_hash: str = field(repr=False)

    @property
    def object_id(self) -> str:
        """The person's id."""
        return self.user_id


def change_password(command: ChangePassword, work: UnitOfWork) -> Answer:
    """Keep another password's hash."""
    store = UserStore(work)
    user = replace(store.get(command.user_id), password_hash=command.password_hash)
    return answer_for(200, user, store.save(user))
