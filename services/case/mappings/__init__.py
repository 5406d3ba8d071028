"""Mapping profiles of one host: proposed, approved, and found again by the header of a file."""
