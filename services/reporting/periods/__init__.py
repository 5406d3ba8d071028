"""Periods: the board's tasks, whom each counts, the data lead's signature, and the one report that leaves."""
