"""Who administers here, and for whom; all of it inside one transaction.

Promise: whoever asks still administers at that moment, and only for people whose every membership is theirs to give;
to them, there is nobody else. Shown by tests/integration/identity/test_identity_administration.py.
Why: docs/decisions/0024-who-administers-whom.md.
"""

from services.identity.organisations.documents import OrganisationStore
from services.identity.people.documents import ADMINISTRATION, TURN, USERS, UserStore
from services.identity.people.errors import OwnAccountError, UnknownOrganisationError
from services.identity.people.rules import ACTIVE, INVITED, Administrator, Membership, RolePolicy, User
from shared.outbox.unit_of_work import DocumentMissingError, UnitOfWork


class Administrators:
    """Who administers here, as their own documents say now; a token alone proves nothing."""

    def __init__(self, work: UnitOfWork, policy: RolePolicy) -> None:
        """Work inside one transaction."""
        self._work = work
        self._policy = policy

    def take_turn(self, who: Administrator) -> None:
        """Check that somebody still administers; one such command of a tenant at a time.

        All write one document, since each reads what another may be changing: two administrators who suspend each
        other at one moment must not both succeed.

        Raises:
            DocumentMissingError: They do not, or no longer; HTTP 404.
        """
        user = UserStore(self._work).find(who.actor_id)
        held = Membership(organisation_id=who.organisation_id, role=self._policy.administrator)
        if user is None or user.status != ACTIVE or held not in user.memberships:
            raise DocumentMissingError(USERS)
        self._work.save(ADMINISTRATION, TURN.changed({"_id": "turn"}, taken_by=who.actor_id))

    def theirs(self, user_id: str, by: Administrator, *, in_part: bool = False) -> User:
        """Give a person for whom this administrator answers, at least in part or for all that they are.

        Raises:
            OwnAccountError: It is the administrator.
            DocumentMissingError: To this administrator there is no such person.
        """
        self.take_turn(by)
        if user_id == by.actor_id:
            raise OwnAccountError
        user = UserStore(self._work).get(user_id)
        covers = self._policy.covers
        theirs = any(covers(by, [m]) for m in user.everything) if in_part else covers(by, user.everything)
        if not theirs and not self._is_founder(user, by):
            raise DocumentMissingError(USERS)
        return user

    def check_given(self, memberships: tuple[Membership, ...], by: Administrator | None) -> None:
        """Refuse what is not this administrator's to give; an unknown and a foreign organisation look alike.

        Raises:
            UnknownOrganisationError: One of the organisations is not theirs.
        """
        if by is not None:
            self.take_turn(by)
        organisations = OrganisationStore(self._work)
        for membership in memberships:
            known = organisations.has(membership.organisation_id)
            if not known or (by is not None and not self._may_give(membership, by)):
                raise UnknownOrganisationError

    def _may_give(self, membership: Membership, by: Administrator) -> bool:
        return self._policy.covers(by, [membership]) or self._founds(membership, by)

    def _founds(self, membership: Membership, by: Administrator) -> bool:
        """Whether this is a new organisation's first administrator, whom the tenant's own administrators invite."""
        first = membership.role == self._policy.administrator and by.organisation_id == self._work.tenant_id
        return first and not UserStore(self._work).has_member(membership)

    def _is_founder(self, user: User, by: Administrator) -> bool:
        """Whether this is an invited first administrator; the tenant's own see the invitation through."""
        return user.status == INVITED and not user.memberships and by.organisation_id == self._work.tenant_id
