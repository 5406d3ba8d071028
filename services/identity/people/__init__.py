"""People: who may act, in which roles, as two administrators decide; and how they come to their first password."""
