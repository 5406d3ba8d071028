"""Migrations of reporting's database, in order; the rules stand in ``services.migrations``."""
