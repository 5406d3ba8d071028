"""A supervisor acknowledges a contact, or asks one question about it, which the advocate answers."""
