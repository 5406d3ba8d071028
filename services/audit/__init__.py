"""Audit: an entry of every command and every read of every service, and the tree that shows none was changed.

Owns:       audit entries, the tree of their leaves, whose record an id is part of, what papers leave out for a time,
            what of the use of records is unusual, what witnesses signed.
Accepts:    papers of who saw a record, what is left out of them, and whether they may name staff; closing what is
            unusual.
Listens to: <service>.audit_recorded.v1 of every service of the tenant, its own included; case.survivor_erased.v1,
            case.survivor_assigned.v1, case.episode_opened.v1, case.contact_recorded.v1, consent.status_changed.v1,
            case.access_asked.v1, reporting.checkpoint_brought.v1.
Publishes:  audit.access_answered.v1, audit.checkpoint_offered.v1, and its own audit records.
Never:      changes or deletes a leaf (its database user cannot); names anybody in a leaf; holds personal data.
"""
