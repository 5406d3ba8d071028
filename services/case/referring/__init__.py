"""Somebody new: first a search, then the question whether it is one of these, and only then a referral."""
