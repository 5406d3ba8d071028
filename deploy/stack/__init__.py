"""A whole stack on one machine: engines, provisioning, and five processes a tenant."""
