"""Migrations of board's database, in order; the rules stand in ``shared.runtime.migrations``."""
