"""Safeguarding tasks: what imports leave for the safeguarding lead."""
