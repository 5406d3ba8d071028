"""Entries of an episode: goals, contacts and outcomes."""
