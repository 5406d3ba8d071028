"""Steps in the words that pages use."""

from collections.abc import Mapping

WHY: Mapping[str, str] = {
    "SURVIVOR_DECIDED": "They decided so",
    "NO_LONGER_NEEDED": "It is not needed any more",
    "SOMEBODY_ELSE_DID_IT": "Somebody else did it",
    "ADDED_IN_ERROR": "It was added in error",
}
"""Why a step is dropped."""
