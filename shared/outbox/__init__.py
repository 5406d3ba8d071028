"""Outbox: state, facts and audit intents in one transaction; then out, in order, exactly as committed."""
