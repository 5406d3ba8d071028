"""Entries of an episode: what stood here before contacts, goals and outcomes had rooms of their own."""
