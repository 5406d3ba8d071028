"""Emergency access: what keeps somebody safe is opened by staff who do not act on them, and reviewed by another."""
