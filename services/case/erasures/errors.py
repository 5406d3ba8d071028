"""What is refused about erasures, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class NoErasureAskedError(RuleViolationError):
    """This rights case asks for something else, or its clock stands, or it has ended."""

    code = "erasure-not-asked"

    def __init__(self) -> None:
        """Say what there has to be."""
        super().__init__(
            "An erasure begins on an open rights case in which the person asks to be erased, while its clock goes. "
            "Take their request down first, or let the clock go on."
        )


class HeldBackError(InvalidInputError):
    """Something holds the erasure back."""

    code = "erasure-held-back"

    def __init__(self) -> None:
        """Say what to do instead."""
        sentence = (
            "Something holds this erasure back, so it does not begin. Tell them, and end the case with the reason, or "
            "wait until nothing holds it back."
        )
        super().__init__(sentence, ({"pointer": "#/holds", "code": self.code, "detail": sentence},))


class NotLookedForError(InvalidInputError):
    """Nobody said that they looked for what holds an erasure back; unknown is no leave."""

    code = "erasure-holds-unknown"

    def __init__(self) -> None:
        """Say what to look for."""
        sentence = "Look first whether a claim, a court, a law or a duty needs this file. Then say that you did."
        super().__init__(sentence, ({"pointer": "#/looked_for_holds", "code": self.code, "detail": sentence},))


class OtherRightsOpenError(RuleViolationError):
    """The same person waits for an answer in another rights case."""

    code = "erasure-other-rights-open"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            "This person waits for an answer in another rights case, and what they ask for there would be gone. End "
            "that one first."
        )


class AskedForError(RuleViolationError):
    """A request for this person's information waits for its answer: it may hold the file back."""

    code = "erasure-information-asked-for"

    def __init__(self) -> None:
        """Say what comes first."""
        super().__init__(
            "Somebody outside asks for this person's information, and that is not answered. Answer it first: a court "
            "may need the file, and to erase it now could be an offence."
        )


class ErasureStateError(RuleViolationError):
    """It is not at the point at which this can be done."""

    code = "erasure-state"

    def __init__(self) -> None:
        """Say to look."""
        super().__init__("This erasure is not at that point, or not any more. Look at it again.")


class SecondPersonError(RuleViolationError):
    """Whoever asked for it cannot confirm it."""

    code = "erasure-second-person"

    def __init__(self) -> None:
        """Say who can."""
        super().__init__(
            "You asked for this erasure, so somebody else has to confirm it: another data protection officer, or a "
            "supervisor. What is erased never comes back."
        )
