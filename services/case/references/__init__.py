"""The host's own references: one record made or corrected by the reference it has in its system, and found by it."""
