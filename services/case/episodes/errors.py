"""What is refused about episodes, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


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


class EpisodeClosedError(RuleViolationError):
    """A closed episode takes no further entries."""

    code = "episode-closed"

    def __init__(self, episode_id: str) -> None:
        """Name the episode."""
        super().__init__(f"Episode {episode_id} is closed. Reopen it, or open a new one, if support begins again.")
        self.episode_id = episode_id


class RecordedInErrorError(RuleViolationError):
    """What was recorded in error, or never began, is not taken up again."""

    code = "recorded-in-error"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This was recorded in error, or support never began. Open a new episode instead.")
