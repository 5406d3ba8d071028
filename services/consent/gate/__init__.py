"""The gate: the latest facts of each episode, and what of them may be counted."""
