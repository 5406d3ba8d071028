"""The connection: what a host can know of what reaches it and what leaves it, each with cause and cure."""
