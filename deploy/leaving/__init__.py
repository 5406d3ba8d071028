"""A host that leaves the pilot: everything it keeps, written out for it alone, and read back as an importer would.

Shown by tests/integration/leaving; what the files hold stands in docs/reference/leaving-package.md.
"""
