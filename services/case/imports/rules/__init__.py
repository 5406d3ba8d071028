"""A host's CSV export, read without trust: pure functions from bytes to a verdict for each row."""
