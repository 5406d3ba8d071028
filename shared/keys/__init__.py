"""Keys: a data key for each survivor, wrapped by a tenant key outside MongoDB; erasure destroys both.

Limit: whoever holds the process's memory or the tenant key file and the key table together reads all.
"""
