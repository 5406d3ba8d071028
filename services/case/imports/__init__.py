"""Imports: a host's CSV exports, from the upload to what becomes of each row."""
