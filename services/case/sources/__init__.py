"""Sources: a host's own system is read on schedule, whole and read-only, and what it says becomes a plan."""
