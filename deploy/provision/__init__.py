"""Provisioning: makes a tenant's databases, broker users, keys and credentials files; all idempotent."""
