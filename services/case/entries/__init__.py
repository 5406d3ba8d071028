"""Entries of an episode: outcomes, and what stood here before contacts and goals had rooms of their own."""
