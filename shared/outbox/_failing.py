"""Which documents tell of something that failed for good."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Failing:
    """Documents that tell of a failure that no retry mends.

    Attributes:
        where: Finds them.
        at: Name of the field that holds the instant of the failure.
    """

    where: Mapping[str, Any] = field(hash=False)
    at: str
