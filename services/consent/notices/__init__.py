"""Notices: what people are told before they decide, in versions, with translations, their review, and easy words."""
