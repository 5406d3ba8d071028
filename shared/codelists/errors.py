"""What code lists refuse."""

from shared.kernel.errors import InvalidInputError


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
