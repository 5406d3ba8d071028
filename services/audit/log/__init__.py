"""The log: entries that are only ever added."""
