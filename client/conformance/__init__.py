"""Tries an integrator's own receiver with invented events: what it must take, and what it must refuse."""
