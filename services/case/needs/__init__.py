"""Needs and risks of a survivor, as the advocate weighs them beside the survivor's own view, with their history."""
