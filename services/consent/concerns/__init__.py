"""Concerns: a survivor complains or asks for another advocate, to somebody else than their own advocate."""
