"""Tells once what stood at the host before its integrators were served."""
