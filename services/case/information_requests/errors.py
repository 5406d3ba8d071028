"""What is refused about requests for information, and how to mend it."""

from shared.kernel.errors import InvalidInputError, RuleViolationError


class InformationRequestClosedError(RuleViolationError):
    """It is answered."""

    code = "information-request-closed"

    def __init__(self) -> None:
        """Say what to do with a new one."""
        super().__init__("This request is answered. If they ask again, or for more, take it down as a new one.")


class NobodyToTellError(InvalidInputError):
    """Whether somebody was told fits only a request that is about somebody."""

    code = "information-request-notice"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = "Choose whether the person was told; if the request names nobody, say that it is about nobody."
        super().__init__(sentence, ({"pointer": "#/notice", "code": self.code, "detail": sentence},))


class NoWordsError(InvalidInputError):
    """Words can be kept of somebody alone, under their key."""

    code = "information-request-words"

    def __init__(self) -> None:
        """Point at the field."""
        sentence = (
            "A request that names no survivor keeps no words, since nobody's key could close them. Leave them out."
        )
        super().__init__(sentence, ({"pointer": "#/words", "code": self.code, "detail": sentence},))


class AnswerNotAllowedError(InvalidInputError):
    """Nothing leaves before everything is judged; a refusal needs its reason."""

    code = "information-request-answer"

    def __init__(self, pointer: str, sentence: str) -> None:
        """Point at what is missing."""
        super().__init__(sentence, ({"pointer": pointer, "code": self.code, "detail": sentence},))
