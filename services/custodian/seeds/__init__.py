"""Seeds: the halves that hosts send here, proven when they come."""
