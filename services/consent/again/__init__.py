"""Whom to ask again: yeses that do not count, each with the reason and the first day on which one may ask."""
