"""Concerns: a survivor complains or asks for another advocate, to somebody other than their own advocate."""
