"""Erasures of people: asked for on a rights case, confirmed by a second person, carried out, and proven."""
