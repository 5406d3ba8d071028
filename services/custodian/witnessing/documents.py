"""What this witness saw of each host's audit log, and what it refused."""

from shared.runtime.witnessing import TYPES

__all__ = ["TYPES"]
