"""Machines: keys with which a machine may do what their scopes say."""
