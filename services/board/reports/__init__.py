"""Reports: the halves that hosts send, and what becomes of each."""
