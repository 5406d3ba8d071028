"""What case refuses, and how to mend it."""

from collections.abc import Iterable

from shared.kernel.errors import InvalidInputError, NotFoundError, RuleViolationError, TemporarilyUnavailableError


class UnderEighteenError(RuleViolationError):
    """The pilot is for adults; a possible child goes to the nation's own service."""

    code = "under-eighteen"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "This person may be under 18 at referral. Speak with your safeguarding lead now; the pilot is for adults."
        )


class ReferralInFutureError(InvalidInputError):
    """Support cannot have begun after today."""

    code = "referral-in-future"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "The day of referral has not come yet. Correct referral_date."
        super().__init__(sentence, ({"pointer": "#/referral_date", "code": self.code, "detail": sentence},))


class ImportTakenError(TemporarilyUnavailableError):
    """Another process is carrying out this import; it goes on from where the file stands now."""

    code = "import-taken"

    def __init__(self) -> None:
        """Say what happens next."""
        super().__init__("Another process is carrying out this import. Look at its state again in a minute.")


class EpisodeClosedError(RuleViolationError):
    """A closed episode takes no further entries."""

    code = "episode-closed"

    def __init__(self, episode_id: str) -> None:
        """Name the episode."""
        super().__init__(f"Episode {episode_id} is closed. Open a new one if support begins again.")
        self.episode_id = episode_id


class NotTheirAdvocateError(NotFoundError):
    """The caller is an advocate, and not this survivor's; the answer is that there is nothing here."""


class SupervisorAssignsError(RuleViolationError):
    """An advocate cannot hand a survivor to another advocate."""

    code = "supervisor-assigns"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__("Only a supervisor decides which other advocate may act on a survivor. Ask your supervisor.")


class NotAnAdvocateError(RuleViolationError):
    """Nobody of this id is an active advocate here."""

    code = "not-an-advocate"

    def __init__(self) -> None:
        """Say how to mend it."""
        super().__init__(
            "This id is not that of an active advocate of this organisation. Choose one of its advocates, or ask an "
            "administrator to give that person the role first."
        )


class SourceNeededError(InvalidInputError):
    """A host with several systems has to say whose references a file has: the same one is another person there."""

    code = "source-needed"

    def __init__(self, known: Iterable[str]) -> None:
        """Name the systems."""
        sentence = (
            "Files of several systems were imported here, and a reference belongs to its system. Name the system that "
            f"this file comes from: {', '.join(sorted(known))}, or a new name."
        )
        super().__init__(sentence, ({"pointer": "#/source", "code": self.code, "detail": sentence},))
