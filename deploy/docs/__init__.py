"""The reference pages, written from the code that they describe; ``python -m deploy.docs.generate``."""
