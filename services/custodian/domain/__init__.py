"""The custodian's rules, pure: who is in a cohort, what may be opened, and what of it may be shown."""
