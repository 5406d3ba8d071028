"""The way of the audit log's checkpoints to its witnesses and back; nothing is kept here."""
