"""A whole stack on one machine: engines, provisioning, and two processes a tenant."""
