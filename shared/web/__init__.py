"""The HTTP edge that every service shares: tokens, problems, idempotency, audit of reads, health, docs."""
