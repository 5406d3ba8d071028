"""Survivors: whom a host supports, who may act on them, and the end of their keys."""
