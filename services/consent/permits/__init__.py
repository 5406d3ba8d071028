"""Permits: whether something of one person may be given to a recipient now, as their ledger says."""
