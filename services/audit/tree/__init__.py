"""The tree: leaves in one order that nobody can change unseen, as tiles that an outsider verifies."""
