"""Outcomes by the survivor's own view with their paired change, and rights and entitlements that were gained."""
