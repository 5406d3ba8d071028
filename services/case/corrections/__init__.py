"""Corrections of what is kept of a survivor, each with what stood there before."""
