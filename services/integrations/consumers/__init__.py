"""Named consumers: a stored cursor for each of the host's systems, and how far behind it is."""
