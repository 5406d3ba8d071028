"""The custodian as a witness of the hosts' audit logs."""
