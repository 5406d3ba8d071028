"""A command of any name, for tests of what stands between a route and the committer."""

from shared.outbox.commands import DomainCommand


class Named(DomainCommand):
    """Says what it is called, and to what it is done."""

    def __init__(self, action, object_id="x"):
        self.action = action
        self._object_id = object_id

    @property
    def object_id(self):
        return self._object_id
