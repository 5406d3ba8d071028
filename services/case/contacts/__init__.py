"""Contacts with survivors: when, how, how long, about what; corrected in sight, and never written over."""
