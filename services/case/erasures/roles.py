"""Who asks for an erasure, and who is the second person."""

ASKS = "HOST_DPO"
CONFIRMS = (ASKS, "SUPERVISOR")
"""The second person; never the one who asked."""
