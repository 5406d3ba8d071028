"""Hand-overs: what whoever takes over must know of a person, a note for them, and that they have read it."""
