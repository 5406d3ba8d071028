"""Shared: a small stack of named parts that every service stands on; it knows no service."""
