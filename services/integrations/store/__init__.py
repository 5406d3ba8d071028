"""The event store: every public fact once, at a gapless position that its commit gave it."""
