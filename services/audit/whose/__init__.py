"""Whose record an id is part of, and who supports whom: what lets audit tell a person who saw their record."""
