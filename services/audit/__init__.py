"""Audit: an entry of every command and every read of every service, and the tree that shows none was changed.

Owns:       audit entries, the tree of their leaves.
Accepts:    nothing.
Listens to: <service>.audit_recorded.v1 of every service of the tenant, its own included; case.survivor_erased.v1.
Publishes:  nothing but its own audit records.
Never:      changes or deletes a leaf (its database user cannot); names anybody in a leaf; holds personal data.
"""
