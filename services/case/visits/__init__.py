"""Visits on which somebody goes alone: when they say that they are safe, and the alarm where they do not."""
