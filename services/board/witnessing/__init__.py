"""The board as a witness of the hosts' audit logs; it brings them what the custodian says too."""
