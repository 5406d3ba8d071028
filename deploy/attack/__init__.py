"""``make attack``: plays the gate's attackers on published tables taken as years, and prints what they know."""
