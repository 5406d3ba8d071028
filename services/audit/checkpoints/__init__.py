"""Checkpoints: what the log says of itself from time to time, signed, so that it can never say otherwise."""
