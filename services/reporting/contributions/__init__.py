"""Contributions: what consent stated of each episode, under a random id, for as long as a seal may need it."""
