"""Withdrawals: who held something under a permission that ended, and what each of them answered."""
