"""Transparency: a log that only grows, and what lets an outsider see that it did (RFC 9162, C2SP); pure."""
