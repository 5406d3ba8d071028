"""Audit's rooms."""

from services.audit.log.room import ROOM as LOG

ROOMS = (LOG,)
