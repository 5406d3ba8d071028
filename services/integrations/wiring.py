"""Integrations' rooms."""

from services.integrations.access.room import ROOM as ACCESS
from services.integrations.catalogue.room import ROOM as CATALOGUE
from services.integrations.consumers.room import ROOM as CONSUMERS
from services.integrations.feed.room import ROOM as FEED
from services.integrations.proofs.room import ROOM as PROOFS
from services.integrations.queues.room import ROOM as QUEUES
from services.integrations.store.room import ROOM as STORE
from services.integrations.webhooks.room import ROOM as WEBHOOKS

ROOMS = (STORE, FEED, CONSUMERS, WEBHOOKS, QUEUES, CATALOGUE, PROOFS, ACCESS)
