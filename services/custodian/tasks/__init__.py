"""Tasks: what this server serves, from the signed terms to the receipt for the destroyed keys."""
