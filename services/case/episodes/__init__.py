"""Support episodes: one person at one host, from referral to the end of support."""
