"""Unusual access: uses of records that the data protection officer should look at, by rules that everybody knows."""
