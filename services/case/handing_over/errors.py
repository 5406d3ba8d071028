"""What is refused about hand-overs, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NothingToReadError(RuleViolationError):
    """This hand-over does not wait to be read."""

    code = "nothing-to-read"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__("This hand-over does not wait to be read. Load it again: it may be read already, or over.")


class NoteChangedError(RuleViolationError):
    """Another note stands meanwhile than the one that was to be replaced."""

    code = "handover-note-changed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "Another note stands here than the one that you saw. Load it again, and say in replaces which one you mean."
        )


class TooManyNotesError(RuleViolationError):
    """Nobody would read so many."""

    code = "too-many-handover-notes"

    def __init__(self, most: int) -> None:
        """Say the bound."""
        super().__init__(
            f"About this person {most} notes were written for a hand-over. Write a contact or add a step instead; "
            "a note can still be taken back."
        )


class NothingSaidError(InvalidInputError):
    """There are no words, and no note that they would take back."""

    code = "nothing-said"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Say it in a few words. To take a note back, leave the words out and name the note in replaces."
        super().__init__(sentence, ({"pointer": "#/words", "code": self.code, "detail": sentence},))
