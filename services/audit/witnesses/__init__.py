"""Witnesses: others who keep what the log said of itself each day, so that it can never say otherwise to anybody."""
