"""What can be wrong with a notice; each says how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class PlaceholderUnknownError(InvalidInputError):
    """A text holds a placeholder that nothing fills."""

    code = "placeholder-unknown"

    def __init__(self, known: tuple[str, ...]) -> None:
        """Name those that are filled."""
        names = ", ".join(f"{{{one}}}" for one in known)
        use = f"Use {names}, or leave" if names else "Leave"
        super().__init__(f"The text holds braces that nothing fills. {use} the braces out.")


class PlaceholdersDifferError(InvalidInputError):
    """A translation says less, or other things, than the English words."""

    code = "placeholders-differ"

    def __init__(self, wanted: tuple[str, ...]) -> None:
        """Name what it must hold."""
        names = ", ".join(f"{{{one}}}" for one in wanted) or "no placeholder"
        super().__init__(f"The English words hold {names}; the translation must hold the same. Correct it.")


class NotATranslationError(InvalidInputError):
    """English is the notice itself, and sign language has no written words."""

    code = "not-a-translation"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__(
            "English is the notice itself: publish a new version. Sign language has no written words: an interpreter "
            "signs the English ones. Choose another language."
        )


class NoticeReplacedError(RuleViolationError):
    """A newer version of the notice is in use."""

    code = "notice-replaced"

    def __init__(self) -> None:
        """Say which one to use."""
        super().__init__("A newer version of this notice is in use. Add translations and reviews to that one.")


class TranslationReviewedError(RuleViolationError):
    """A reviewed translation is never changed: people may have decided by it."""

    code = "translation-reviewed"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("This translation is reviewed and stays. For other words, publish its next version.")


class OtherWordsReviewedError(RuleViolationError):
    """What was reviewed is not what stands there."""

    code = "other-words-reviewed"

    def __init__(self) -> None:
        """Say what to do."""
        super().__init__(
            "These are not the words that stand there now, or there are none in this language. Read them again, and "
            "review those."
        )


class WordingOfNoticeError(RuleViolationError):
    """A code belongs to a notice, which registers its own words."""

    code = "wording-of-notice"

    def __init__(self) -> None:
        """Say what to do instead."""
        super().__init__("This code is a notice's. Choose another code, or publish a new version of the notice.")
