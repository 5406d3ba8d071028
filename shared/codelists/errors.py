"""What code lists and the nation policy refuse."""

from shared.kernel.errors import InvalidInputError, NotFoundError


class UnknownCodeError(InvalidInputError):
    """A word or code is not in its list, or not on that day; the message never repeats it.

    Attributes:
        list_name: The code list.
    """

    code = "unknown-code"

    def __init__(self, list_name: str) -> None:
        """Name the list and the mend."""
        super().__init__(
            f"This is not in the code list {list_name}. Use one of its codes or words, "
            "or ask for the word to be added to the list."
        )
        self.list_name = list_name


class NoPolicyError(NotFoundError):
    """The policy table says nothing for this nation on this day.

    Attributes:
        key: The rule that was asked for.
        nation: A code of the list nation.
    """

    code = "no-policy"

    def __init__(self, key: str, nation: str) -> None:
        """Name the rule and the nation."""
        super().__init__(f"There is no rule {key} for {nation} on that day; add it to the nation policy.")
        self.key = key
        self.nation = nation
