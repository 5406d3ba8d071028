"""Identity: who may act, for which organisation and in which one role; names stay here.

Owns:       organisations, users with hashed passwords and memberships, enrolment links, machine keys, failed sign-ins.
Accepts:    InviteUser, MakeLink, Confirm, Enrol, SetMemberships, SuspendUser, ResumeUser, ChangePassword,
            AddOrganisation, AddMachineKey, RevokeMachineKey; and sign-in.
Listens to: nothing.
Publishes:  identity.staff_changed.v1, identity.roster_stated.v1; others verify tokens with the public key alone.
Never:      keeps a password or secret in clear, or a login or name unsealed; lets one session carry two roles.
"""
