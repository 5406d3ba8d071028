"""A unit of work in memory: enough of one to run handlers of consent and reporting a thousand times a minute."""

import copy


class MemoryWork:
    """One service's documents and what it stated; every handler call is its own transaction."""

    def __init__(self, now, tenant_id="alder"):
        self.now, self.tenant_id = now, tenant_id
        self.documents = {}
        self.stated = []

    def find(self, collection, key):
        return copy.deepcopy(self.documents.get(collection, {}).get(key))

    def get(self, collection, key):
        found = self.find(collection, key)
        assert found is not None, (collection, key)
        return found

    def find_where(self, collection, query, *, sort=(), limit=0):
        found = [d for d in self.documents.get(collection, {}).values() if all(_fits(d, *q) for q in query.items())]
        for name, direction in reversed(sort):
            found.sort(key=lambda d, name=name: d[name], reverse=direction < 0)
        return copy.deepcopy(found[:limit] if limit else found)

    def insert(self, collection, document):
        assert document["_id"] not in self.documents.setdefault(collection, {})
        self.documents[collection][document["_id"]] = {**copy.deepcopy(document), "version": 1}

    def replace(self, collection, document):
        known = self.documents[collection][document["_id"]]
        self.documents[collection][document["_id"]] = {**copy.deepcopy(document), "version": known["version"] + 1}

    def save(self, collection, document):
        if document["_id"] in self.documents.get(collection, {}):
            self.replace(collection, document)
        else:
            self.insert(collection, document)

    def delete(self, collection, key):
        self.documents.get(collection, {}).pop(key, None)

    def record(self, event, *, sequence, route="local", to=None):
        self.stated.append((event, sequence))

    def audit(self, intent):
        pass

    def memo(self, _name, load):
        return load()


def _fits(document, name, wanted):
    value = document
    for part in name.split("."):
        value = (value or {}).get(part)
    if isinstance(wanted, dict):
        return bool(set(wanted["$in"]) & set(value if isinstance(value, list) else [value]))
    return value == wanted
