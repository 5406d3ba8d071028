"""The services of Alongside; no service imports another service."""
