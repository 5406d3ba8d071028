"""Keeping: backups of tenants, encrypted with age, and their restore into an empty place, whoever runs it.

Promise: what one backup holds of all its tenants was true at one cluster time; nothing leaves the process
in clear; the newest key table always wins, so a person who was erased after the backup stays erased.
Shown by tests/integration/keeping/test_backup_and_restore.py and tests/integration/keeping/test_keeping_elsewhere.py.

Limits: whoever holds the identity and an old copy of a keys file opens what was erased since, so keys
files have one slot and no history. age says who may read, not who wrote: keep the digest that ``backup``
prints elsewhere. Keys of the board's and custodian's tasks are never kept, since their end is the promise;
a task that runs while its server is restored ends unpublished.
"""
