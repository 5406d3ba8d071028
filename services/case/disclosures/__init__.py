"""Disclosures: what of a person was given to a recipient, under which permission, and what was refused."""
