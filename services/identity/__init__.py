"""Identity: who may act, and in which one role; names stay here.

Owns:       users with hashed passwords, their roles, machine keys, the tenant's token key.
Accepts:    AddUser, SuspendUser, AddMachineKey, RevokeMachineKey; and sign-in.
Listens to: nothing.
Publishes:  nothing; others verify tokens with the public key alone.
Never:      keeps a password or secret in clear; lets one session carry two roles.
"""
