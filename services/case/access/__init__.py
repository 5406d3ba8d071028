"""Copies for people who ask what is kept about them: collected of every service, read through, and given safely."""
