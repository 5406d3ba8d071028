"""The feed: events over HTTP, exact by position, with a long poll and a snapshot."""
