"""When to talk with somebody again, before a yes ends or since they may decide by now; and when a yes is too early."""
