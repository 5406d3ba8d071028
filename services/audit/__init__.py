"""Audit: an append-only entry of every command and every read of every service; ids and codes only.

Owns:       audit entries.
Accepts:    nothing.
Listens to: <service>.audit_recorded.v1 of every service of the tenant, its own included.
Publishes:  nothing but its own audit records.
Never:      changes or deletes an entry (its database user cannot); holds personal data.
"""
