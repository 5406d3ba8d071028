"""Integrations' rooms."""

from services.integrations.store.room import ROOM as STORE

ROOMS = (STORE,)
