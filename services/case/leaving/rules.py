"""That a host leaves: one asks and names the key, another agrees to exactly that key, and either takes it back; pure.

Promise: nothing may be written out before two different people stated it, nor to another key than the one that both
saw, nor once it was taken back or thirty days are over. Shown by tests/unit/case/test_leaving_rules.py.
Source: decisions 1 and 3; ADR 0071.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from services.case.leaving.errors import LeavingStateError, NotAgreedError, NotARecipientError, SecondOfTheHostError

HOLDS = timedelta(days=30)
"""So long after it was asked for, and again after it was agreed to, it holds."""
FRESH = timedelta(days=1)
"""An older package lacks what was written since."""
NOT_ASKED, ASKED, AGREED, TAKEN_BACK, LAPSED = "NOT_ASKED", "ASKED", "AGREED", "TAKEN_BACK", "LAPSED"

# The letters of bech32 have no b, i, o and 1, so that nobody misreads one.
_RECIPIENT = re.compile(r"age1[023456789ac-hj-np-z]{58}")
_WAITS = "It is asked for already. Take it back first, if another key is to be used."
_NOT_ASKED = "Nothing waits to be agreed to. A data protection officer asks for it first."
_NOTHING = "Nothing is asked for, so there is nothing to take back."
_UNAGREED = (
    "Two people of this host have to state it first: a data protection officer asks on the page “Leaving the pilot”, "
    "and an administrator agrees. Nothing was written."
)
_OTHER_KEY = (
    "This is not the key that the two people of the host agreed to. Nothing was written. Ask them on a way that you "
    "trust, and give the key that stands on their page “Leaving the pilot”."
)
_NO_DELETION = (
    "Two people of this host have to state it first: a data protection officer asks on the page “Leaving the pilot” "
    "that everything is deleted afterwards, and an administrator agrees. Nothing was deleted."
)
_NO_PACKAGE = (
    "Nothing was written out for this host since it was stated, so all of it would be lost. Nothing was deleted. Run "
    "`alongside tenant export` first, or, where the host told you that it wants no package, add --without-package."
)
_OLD_PACKAGE = (
    "The package is more than a day old, so what was written since would be lost. Nothing was deleted. Run "
    "`alongside tenant export` once more, or, where the host told you that it wants no package, add --without-package."
)


@dataclass(frozen=True, kw_only=True)
class Leaving:
    """What two people of a host state.

    Attributes:
        recipient: The public key to which everything is written; the host alone has the other half.
        deletes: Whether they state too that afterwards everything here is deleted for good.
        holds_until: From then on it counts no more, whether or not anybody took it back.
        exported_at: When everything was last written out to this key.
        manifest: SHA-256 of the manifest of that.
    """

    id: str
    recipient: str
    state: str
    asked_by: str
    asked_at: datetime
    holds_until: datetime
    deletes: bool = False
    agreed_by: str | None = None
    agreed_at: datetime | None = None
    taken_back_by: str | None = None
    taken_back_at: datetime | None = None
    exported_at: datetime | None = None
    manifest: str | None = None
    updated_at: datetime
    version: int = 0

    def state_at(self, now: datetime) -> str:
        """Say where it stands."""
        return LAPSED if self.state in (ASKED, AGREED) and now >= self.holds_until else self.state

    def check_may_be_asked_anew(self, now: datetime) -> None:
        """Check that none waits or holds.

        Raises:
            LeavingStateError: One does.
        """
        if self.state_at(now) in (ASKED, AGREED):
            raise LeavingStateError(_WAITS)

    def agreed(self, by: str, now: datetime) -> "Leaving":
        """Let a second person agree.

        Raises:
            LeavingStateError, SecondOfTheHostError: Nothing changes.
        """
        if self.state_at(now) != ASKED:
            raise LeavingStateError(_NOT_ASKED)
        if by == self.asked_by:
            raise SecondOfTheHostError
        return replace(self, state=AGREED, agreed_by=by, agreed_at=now, holds_until=now + HOLDS)

    def taken_back(self, by: str, now: datetime) -> "Leaving":
        """Take it back; what was written out before is with the host already.

        Raises:
            LeavingStateError: Nothing changes.
        """
        if self.state_at(now) not in (ASKED, AGREED):
            raise LeavingStateError(_NOTHING)
        return replace(self, state=TAKEN_BACK, taken_back_by=by, taken_back_at=now)

    def check_may_export(self, recipient: str, now: datetime) -> None:
        """Check that two people stated exactly this, and that it holds.

        Raises:
            NotAgreedError: They did not, or it holds no more, or they named another key.
        """
        if self.state_at(now) != AGREED:
            raise NotAgreedError(_UNAGREED)
        if recipient != self.recipient:
            raise NotAgreedError(_OTHER_KEY)

    def check_may_delete(self, now: datetime, *, without_package: bool) -> None:
        """Check that two people stated that everything is deleted, and that it was written out within the last day.

        Args:
            now: The time.
            without_package: Whether the operator was told that nothing has to be written out.

        Raises:
            NotAgreedError: They did not, or it holds no more, or nobody has a package of what stands here now.
        """
        if self.state_at(now) != AGREED or not self.deletes:
            raise NotAgreedError(_NO_DELETION)
        if without_package:
            return
        if self.exported_at is None:
            raise NotAgreedError(_NO_PACKAGE)
        if now - self.exported_at > FRESH:
            raise NotAgreedError(_OLD_PACKAGE)

    def exported(self, manifest: str, now: datetime) -> "Leaving":
        """Note that everything was written out."""
        return replace(self, exported_at=now, manifest=manifest)


def refuse_unasked() -> NotAgreedError:
    """Give what to say of a host where nobody asked."""
    return NotAgreedError(_UNAGREED)


def check_recipient(text: str) -> str:
    """Give a recipient as it is kept.

    Raises:
        NotARecipientError: It is none.
    """
    if not _RECIPIENT.fullmatch(text):
        raise NotARecipientError
    return text
