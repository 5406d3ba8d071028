"""What every process of a tenant is made of: its context, kinds of process, watch and heartbeat.

It composes services by name and imports none of them (``.importlinter``).
"""
