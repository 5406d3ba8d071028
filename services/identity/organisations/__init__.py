"""Organisations: for whom people act here besides the tenant itself."""
