"""Tasks for the host's data lead: what an import leaves for a person to find out."""
