"""Entries of an episode: goals and outcomes."""
