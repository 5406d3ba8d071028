"""The page of whoever runs a host's services, or the board's: what stands still, why, and what mends it."""
