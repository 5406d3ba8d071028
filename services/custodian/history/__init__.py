"""The history: what was ever sent to be shown, and the public tables that attackers know."""
