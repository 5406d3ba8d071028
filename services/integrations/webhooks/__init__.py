"""Webhooks: the host's own systems are called when something happens, signed, again until they answer, and only there.

What goes out is the CloudEvent that the feed shows: ids and codes, as today's consent and rights allow it.
"""
