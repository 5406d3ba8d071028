"""Restrictions: somebody's record is frozen for all but the data protection officer, until it is lifted (Art 18)."""
