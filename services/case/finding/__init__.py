"""Search before create: somebody is found by name, telephone or own reference, exactly, without opening a record."""
