"""Restrictions, as case tells of them: what they freeze of consent, and what the gate withholds meanwhile."""
