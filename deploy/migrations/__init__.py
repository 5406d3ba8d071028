"""Carries out the services' migrations, one runner a database at a time, and tells how far they are."""
